"""Gives large blocks of memory back when they are freed. Law: a process does not keep the size of its largest mail.

glibc takes a large block from the system and gives it back when it is freed, but each time raises the bound from which
it does so, to 32 MB; from then on such blocks stay in the heap (mallopt(3), M_MMAP_THRESHOLD). Set by hand, the bound
stays where it begins.
"""

from __future__ import annotations

import ctypes

M_MMAP_THRESHOLD, LARGE = -3, 131_072


def give_back() -> None:
    """Fix the bound, for this process and from now on; nothing happens where the C library cannot."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_MMAP_THRESHOLD, LARGE)
