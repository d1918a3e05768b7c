"""ZIP archives. Law: each member is read by its own kind; a lock is told per member, and names are text too."""

from __future__ import annotations

from collections import Counter

from mailguard.mail.contents import State
from mailguard.mail.limits import Refused
from mailguard.mail.readers import archive
from mailguard.mail.readers.document import Reading
from mailguard.mail.readers.sheet import counted
from mailguard.mail.readers.zipbox import Lock, ZipBox, local_files

_LOCKS = {
    Lock.STRONG: (State.ENCRYPTED, "encrypted with a password"),
    Lock.WEAK: (State.LOCKED, "locked with ZipCrypto, which is too weak to count as encryption"),
}
# zstd, xz and PPMd (APPNOTE 4.4.5), which `zipfile` does not know and libarchive does.
_METHODS = frozenset({93, 95, 98})


def read(data: bytes, out: Reading) -> None:
    """Read a ZIP archive into `out`. Raises Refused."""
    try:
        box = ZipBox(data, out.budget)
    except Refused as refused:
        # Other programs unpack by the local headers alone, so what they would find is read as well.
        if refused.state is State.BROKEN:
            for name, content in local_files(data, out.budget):
                out.text(name, "file names")
                out.member(name, content)
        raise
    out.text("\n".join(box.names), "file names")
    out.text(box.comments(), "archive comments")
    locks = Counter(box.lock(info) for info in box.infos)
    for lock, (state, why) in _LOCKS.items():
        if locks[lock] and locks[lock] == len(box.infos):
            raise Refused(state, f"{counted(locks[lock], 'file')} {why}")
    if not box.infos:
        out.refuse(State.NO_TEXT, "an empty archive")
    for info in box.infos:
        try:
            out.member(info.filename, box.read(info))
        except Refused as refused:
            if refused.state is State.OVER_LIMIT:
                raise
            rarely = refused.state is State.LOCKED and info.compress_type in _METHODS
            unpacked = archive.zipped(data, info.filename, info.CRC, out.budget) if rarely else None
            if unpacked is None:
                out.unread(info.filename, info.file_size, refused.state, refused.why)
            else:
                out.member(info.filename, unpacked)
