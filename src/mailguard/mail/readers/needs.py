"""What is missing on this machine.

Law: a missing library makes its kinds unreadable, never the program unable to start.
"""

from __future__ import annotations

from mailguard.mail import filetype
from mailguard.mail.readers import archive, external


def missing(caged: bool) -> list[str]:
    """One sentence for each thing that is not there. `caged`: the network filter is set."""
    found = []
    if not caged:
        found.append("no seccomp filter for this machine: reader processes are not cut off from the network")
    if archive.libarchive() is None:
        found.append("libarchive is not installed: 7z, rar and cab archives are unreadable")
    if filetype.named(b"%PDF-1.4") == "":
        found.append("libmagic is not installed: unknown binary files are not named")
    if external.found("catdoc") is None and external.found("antiword") is None:
        found.append("neither catdoc nor antiword is installed: Word 6 and 95 files are read by guesswork")
    return found
