"""A storage inside a compound file as a file of its own. Law: an embedded document is read like an attached one.

MS-CFB 2.2 to 2.6, version 3. Streams are padded to 4,096 bytes, so that none is in the mini stream.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

SECTOR, _CUT = 512, 4096
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
_STORAGE, _STREAM, _ROOT = 1, 2, 5
MOST = 6_500_000  # bytes that the 109 entries of the header's own list can reach


@dataclass
class _Node:
    name: str
    kind: int
    data: bytes = b""
    inner: dict[str, _Node] = field(default_factory=dict)
    number: int = 0
    left: int = _FREE
    right: int = _FREE
    child: int = _FREE
    start: int = _END


def pack(streams: dict[tuple[str, ...], bytes]) -> bytes:
    """A compound file of `streams` by their paths. Raises ValueError over MOST bytes."""
    if sum(-(-max(len(data), _CUT) // SECTOR) * SECTOR for data in streams.values()) > MOST:
        raise ValueError("too large to be packed")
    root = _Node("Root Entry", _ROOT)
    for path, data in streams.items():
        node = root
        for name in path[:-1]:
            node = node.inner.setdefault(name, _Node(name, _STORAGE))
        node.inner[path[-1]] = _Node(path[-1], _STREAM, data.ljust(_CUT, b"\0"))
    nodes = [root]
    _order(root, nodes)
    table: list[int] = []
    body = bytearray()
    for node in nodes:
        if node.kind == _STREAM:
            node.start = _place(node.data, table, body)
    directory = _place(b"".join(map(_entry, nodes)), table, body)
    fats = 1
    while fats * SECTOR // 4 < len(table) + fats:
        fats += 1
    first = len(table)
    table += [_FAT] * fats
    table += [_FREE] * (fats * SECTOR // 4 - len(table))
    body += struct.pack(f"<{len(table)}I", *table)
    head = bytes.fromhex("D0CF11E0A1B11AE1") + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    head += struct.pack("<9I", 0, fats, directory, 0, _CUT, _END, 0, _END, 0)
    return head + struct.pack("<109I", *range(first, first + fats), *[_FREE] * (109 - fats)) + bytes(body)


def _order(node: _Node, nodes: list[_Node]) -> None:
    """Number what is in a storage, and make of it a tree sorted as MS-CFB 2.6.4 wants it: by length, then by name."""
    inner = sorted(node.inner.values(), key=lambda item: (len(item.name), item.name.upper()))
    for item in inner:
        item.number = len(nodes)
        nodes.append(item)
    node.child = _tree(inner)
    for item in inner:
        if item.kind == _STORAGE:
            _order(item, nodes)


def _tree(items: list[_Node]) -> int:
    if not items:
        return _FREE
    middle = len(items) // 2
    items[middle].left, items[middle].right = _tree(items[:middle]), _tree(items[middle + 1 :])
    return items[middle].number


def _place(data: bytes, table: list[int], body: bytearray) -> int:
    count = max(1, -(-len(data) // SECTOR))
    start = len(table)
    table += [*range(start + 1, start + count), _END]
    body += data.ljust(count * SECTOR, b"\0")
    return start


def _entry(node: _Node) -> bytes:
    name = node.name.encode("utf-16-le")[:62] + b"\0\0"
    head = name.ljust(64, b"\0") + struct.pack("<HBB", len(name), node.kind, 1)
    size = len(node.data) if node.kind == _STREAM else 0
    return (
        head + struct.pack("<3I", node.left, node.right, node.child) + bytes(36) + struct.pack("<IQ", node.start, size)
    )
