"""Sizes and durations as people write them. Law: MB is 10^6 bytes; a bare number is refused for durations."""

from __future__ import annotations

import re

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(B|kB|KB|MB|GB)")
_SCALE = {"B": 1, "kB": 10**3, "KB": 10**3, "MB": 10**6, "GB": 10**9}
_TIME = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}


def parse_size(text: str) -> int:
    """`"30MB"` -> 30,000,000 bytes. Raises ValueError that says how to write a size."""
    match = _SIZE.fullmatch(text.strip())
    if not match:
        raise ValueError(f'write a size like "30MB" (B, kB, MB, GB), not "{text}"')
    return int(float(match.group(1)) * _SCALE[match.group(2)])


def parse_duration(text: str) -> float:
    """`"15s"` -> 15.0 seconds. Raises ValueError that says how to write a duration."""
    match = _TIME.fullmatch(text.strip())
    if not match:
        raise ValueError(f'write a duration like "15s" (ms, s, m, h, d), not "{text}"')
    return float(match.group(1)) * _SECONDS[match.group(2)]
