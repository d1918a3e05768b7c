"""The cage of a reader process. Law: limits and filter are set before the first byte is read, and cannot be undone.

Memory, CPU time, file size and open files by setrlimit(2); the network, tracing and other ways out by a seccomp
filter (seccomp(2), BPF), which helper programs inherit.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import resource
import signal
import struct

FILE_SIZE = 200_000_000
OPEN_FILES = 64
NICE = 5

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP = 1, 4, 38, 22
_MODE_FILTER = 2
_LOAD, _JUMP_EQUAL, _JUMP_AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _KILL, _REFUSE = 0x7FFF0000, 0x80000000, 0x00050000 | errno.EACCES
_X32 = 0x40000000

# Numbers of syscalls (Linux uapi): socket, socketpair, connect, bind, listen, accept, accept4, sendto, sendmsg,
# sendmmsg, ptrace, process_vm_readv, process_vm_writev, io_uring_setup, bpf, userfaultfd, keyctl, add_key,
# request_key, mount, unshare, setns, perf_event_open, kexec_load, init_module, finit_module, pidfd_getfd, pidfd_open.
_REFUSED = {
    "x86_64": (
        0xC000003E,
        (41, 53, 42, 49, 50, 43, 288, 44, 46, 307, 101, 310, 311, 425, 321, 323, 250, 248, 249, 165, 272, 308, 298, 246,
         175, 313, 438, 434),
    ),
    "aarch64": (
        0xC00000B7,
        (198, 199, 203, 200, 201, 202, 242, 206, 211, 269, 117, 270, 271, 425, 280, 282, 219, 217, 218, 40, 97, 268,
         241, 104, 105, 273, 438, 434),
    ),
}  # fmt: skip


def enter(memory: int) -> bool:
    """Enter the cage for good; `memory` in bytes. True if the network is shut, False on machines without a filter."""
    _limit(resource.RLIMIT_AS, memory)
    _limit(resource.RLIMIT_FSIZE, FILE_SIZE)
    _limit(resource.RLIMIT_NOFILE, OPEN_FILES)
    _limit(resource.RLIMIT_CORE, 0)
    os.nice(NICE)
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    return _filter(libc)


def allow_cpu(seconds: float) -> None:
    """Allow `seconds` of CPU time from now on; after that the kernel ends the process."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    spent = usage.ru_utime + usage.ru_stime
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(resource.RLIMIT_CPU, (int(spent + seconds) + 1, hard))


def _limit(what: int, value: int) -> None:
    hard = resource.getrlimit(what)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(what, (value, value))


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def _filter(libc: ctypes.CDLL) -> bool:
    """Load the filter. Raises OSError where the kernel takes none though the machine is known."""
    machine = platform.machine()
    if machine not in _REFUSED:
        return False
    code = program(machine)
    buffer = ctypes.create_string_buffer(code, len(code))
    loaded = _Program(len(code) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(
        _PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(loaded), 0, 0
    ):
        raise OSError(ctypes.get_errno(), "the kernel takes no seccomp filter")
    return True


def program(machine: str) -> bytes:
    """The BPF program for a machine: `struct sock_filter` entries (linux/filter.h), 8 bytes each."""
    architecture, refused = _REFUSED[machine]
    # Offsets in struct seccomp_data: number 0, architecture 4. Calls of another architecture end the process.
    lines = [(_LOAD, 0, 0, 4), (_JUMP_EQUAL, 1, 0, architecture), (_RETURN, 0, 0, _KILL), (_LOAD, 0, 0, 0)]
    lines += [(_JUMP_AT_LEAST, len(refused) + 1, 0, _X32)]
    for at, number in enumerate(refused):
        lines.append((_JUMP_EQUAL, len(refused) - at, 0, number))
    lines += [(_RETURN, 0, 0, _ALLOW), (_RETURN, 0, 0, _REFUSE)]
    return b"".join(struct.pack("<HBBI", *line) for line in lines)
