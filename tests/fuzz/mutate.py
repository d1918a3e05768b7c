"""Seeds, and bytes like them. Law: the same seed of chance gives the same bytes."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

SEEDS = Path(__file__).parent / "seeds"
BITS = (
    b"\r\n",
    b"\n",
    b"\r",
    b"\0",
    b".\r\n",
    b"\r\n.\r\n",
    b"--",
    b'"',
    b"<",
    b">",
    b"=",
    b"[",
    b"\xff" * 4,
    b"%s",
    b"=?",
)


def seeds(target: str) -> list[bytes]:
    """The kept seeds of a target, by name."""
    return [path.read_bytes() for path in sorted((SEEDS / target).iterdir())]


def mutations(given: list[bytes], count: int, seed: int = 1) -> Iterator[bytes]:
    """`count` texts: seeds with bytes changed, cut, doubled, swapped, and joined with one another."""
    rng = random.Random(seed)
    for _ in range(count):
        data = bytearray(rng.choice(given))
        for _ in range(rng.randint(1, 8)):
            _change(data, given, rng)
        yield bytes(data)


def _change(data: bytearray, given: list[bytes], rng: random.Random) -> None:
    at = rng.randint(0, len(data))
    end = min(len(data), at + rng.choice((1, 2, 8, 64)))
    match rng.randrange(6):
        case 0:
            data[at:end] = rng.randbytes(end - at)
        case 1:
            del data[at:end]
        case 2:
            data[at:at] = data[at:end] * rng.choice((1, 2, 50))
        case 3:
            data[at:at] = rng.choice(BITS)
        case 4:
            other = rng.choice(given)
            start = rng.randint(0, len(other))
            data[at:end] = other[start : start + rng.choice((4, 32, 256))]
        case _ if data:
            data[at - 1] ^= 1 << rng.randrange(8)
