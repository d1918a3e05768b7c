"""A message's bytes to its structure. Law: what one parser drops another reads, or it is malformed.

The walk (`mime_walk`) gives the structure; fast-mail-parser gives a second opinion on every mail; where the two
differ, or the walk found a defect, the standard library gives a third, and what only it saw is read as well.
"""

from __future__ import annotations

from mailguard.mail.mime_second import second_opinion, third_opinion
from mailguard.mail.mime_walk import Walk, crlf
from mailguard.mail.structure import Structure


def parse(data: bytes, path: str = "", attached: str = "") -> Structure:
    """Read a message. `data` is RFC 5322 with CRLF (bare CR or LF are read as line ends); `path` prefixes leaf paths.

    `attached` is the path of the attached message this is, "" where it is the mail itself (or what the mail signs).

    Never raises for any bytes; linear in their length (depth, parts and repeated readings are bounded).
    """
    # Counting line ends costs more than parsing; the wire lets CRLF alone pass, so a bare CR or LF is looked for
    # where mails from files show it, and where the two parsers differ.
    first = data.find(b"\n")
    lines = data if first > 0 and data[first - 1] == 0x0D else crlf(data)
    walk = Walk()
    headers = walk.message(lines, path, attached)
    if walk.defects or not second_opinion(lines, walk):
        if (even := crlf(lines)) is not lines:
            lines, walk = even, Walk()
            headers = walk.message(lines, path, attached)
        third_opinion(lines, walk)
    return Structure(
        headers=headers,
        leaves=tuple(walk.leaves),
        extras=tuple(walk.extras),
        defects=tuple(walk.defects),
        partial=walk.partial,
        external=tuple(walk.external),
        subjects=tuple(walk.subjects),
        notes=tuple(walk.notes),
    )
