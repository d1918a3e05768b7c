"""What was freed is the system's again, also after a larger block was."""

import subprocess
import sys

PROGRAM = """
import sys
from pathlib import Path
from mailguard.mail.blocks import give_back

def resident():
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096

if sys.argv[1] == "given":
    give_back()
bytes(30_000_000)
held = [bytes([1]) * 20_000_000, bytearray(1000)]
pin = [bytearray(500) for _ in range(20_000)]
full = resident()
held.clear()
print(full - resident())
"""


def freed(how: str) -> int:
    done = subprocess.run([sys.executable, "-c", PROGRAM, how], capture_output=True, text=True, check=True)
    return int(done.stdout)


def test_a_large_block_is_given_back_at_once():
    assert freed("given") > 15_000_000


def test_without_it_the_block_stays():
    assert freed("left") < 5_000_000
