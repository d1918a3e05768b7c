"""Gives freed memory back to the system. Law: where the C library cannot, nothing happens.

glibc keeps what was freed in the middle of its heaps: after expressions were compiled, or many large mails went
through at once, that is tens of MB of a worker (mallopt(3), malloc_trim(3)).
"""

from __future__ import annotations

import ctypes


def trim() -> None:
    """Return whole free pages of every heap; some milliseconds."""
    release = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if release is not None:
        release(0)
