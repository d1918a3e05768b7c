"""Programs that read what no library here reads.

Law: they run in the reader's own cage, with a time limit, on one file.

The file is given as an anonymous memory file, so nothing is written to a disk.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
from functools import cache

SECONDS = 15
OUTPUT = 8_000_000


@cache
def found(program: str) -> str | None:
    """The path of `program`, or None if it is not installed."""
    return shutil.which(program)


def text(program: str, arguments: list[str], data: bytes, after: tuple[str, ...] = ()) -> str:
    """What `program` prints of `data` as UTF-8; "" if it is missing, fails or takes over SECONDS."""
    path = found(program)
    if path is None:
        return ""
    handle = os.memfd_create("document", 0)
    try:
        with os.fdopen(os.dup(handle), "wb") as file:
            file.write(data)
        result = subprocess.run(
            [path, *arguments, f"/proc/self/fd/{handle}", *after],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=(handle,),
            timeout=SECONDS,
            preexec_fn=_limit,  # safe: the reader process has one thread
            check=False,
        )
    except (subprocess.TimeoutExpired, OSError):
        return ""
    finally:
        os.close(handle)
    return result.stdout[:OUTPUT].decode("utf-8", "replace")


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
