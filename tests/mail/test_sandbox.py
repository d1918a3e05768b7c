"""The cage: what a process in it can no longer do."""

import os
import subprocess
import sys

import pytest

from mailguard.mail import sandbox

ENTER = """import os, socket, ctypes, resource, subprocess
from mailguard.mail import sandbox
assert sandbox.enter(600_000_000)
"""


def caged(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", ENTER + code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("family", ["AF_INET", "AF_INET6", "AF_UNIX", "AF_NETLINK"])
def test_no_sockets(family: str):
    code = f"""
try:
    socket.socket(socket.{family}, socket.SOCK_DGRAM)
except PermissionError:
    print("refused")
"""
    assert caged(code) == "refused"


def test_a_helper_program_is_in_the_same_cage():
    code = """
code = "import socket\\ntry:\\n socket.socket()\\nexcept PermissionError:\\n print('refused')"
print(subprocess.run([os.sys.executable, "-c", code], capture_output=True, text=True).stdout)
"""
    assert caged(code) == "refused"


def test_no_tracing_no_foreign_memory_no_rings():
    code = """
libc = ctypes.CDLL(None, use_errno=True)
for number in (101, 310, 425, 321) if os.uname().machine == "x86_64" else (117, 270, 425, 280):
    assert libc.syscall(number, 0, 0, 0, 0, 0, 0) == -1
    assert ctypes.get_errno() == 13, number
print("refused")
"""
    assert caged(code) == "refused"


def test_memory_and_files_are_limited_for_good():
    code = """
try:
    bytearray(2_000_000_000)
except MemoryError:
    print("memory")
try:
    resource.setrlimit(resource.RLIMIT_NOFILE, (sandbox.OPEN_FILES, sandbox.OPEN_FILES))
    [os.open("/dev/null", os.O_RDONLY) for _ in range(100)]
except OSError:
    print("files")
"""
    assert caged(code).split() == ["memory", "files"]


def test_cpu_time_is_allowed_anew_for_each_job():
    code = """
sandbox.allow_cpu(5)
first = resource.getrlimit(resource.RLIMIT_CPU)[0]
sandbox.allow_cpu(9)
print(resource.getrlimit(resource.RLIMIT_CPU)[0] - first)
"""
    assert caged(code) == "4"


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_every_jump_of_the_program_lands_on_its_refusal(machine: str):
    code = sandbox.program(machine)
    lines = [code[at : at + 8] for at in range(0, len(code), 8)]
    refuse = len(lines) - 1
    jumps = [(at, line[2]) for at, line in enumerate(lines) if line[0] == 0x15 and at > 1]
    assert {at + 1 + jump for at, jump in jumps} == {refuse}
    assert len(jumps) > 25


def test_this_machine_has_a_filter_or_says_so():
    known = os.uname().machine in {"x86_64", "aarch64"}
    assert caged_at_all() is known


def caged_at_all() -> bool:
    code = "from mailguard.mail import sandbox\nprint(sandbox.enter(600_000_000))"
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "True\n"
