"""Writes inputs for CellFuzz that a cell understands: seeds.py DIRECTORY."""
import os
import struct
import sys


def text(value):
    return struct.pack("<I", len(value)) + value


def words(*values):
    return struct.pack("<I", len(values)) + b"".join(map(text, values))


def request(kind, payload=b"", number=7):
    body = bytes([kind]) + (b"" if kind == 0 else struct.pack("<I", number)) + payload
    return struct.pack("<H", len(body)) + body


def start(number, given=b"", kind=0, terminal=0):
    return request(1, struct.pack("<IBBQQ", number, kind, terminal, 1000, 64) + text(b"/workspace")
                   + words(b"true", b"x") + words(b"A=b") + text(given))


def write(path, content, mode=255, ends=1, transfer=1):
    return request(6, text(path) + struct.pack("<BBI", mode, ends, transfer) + text(content))


A, B = b"/workspace/a", b"/workspace/d/e/b"
SEEDS = [
    start(1) + request(3, struct.pack("<IQ", 1, 5)) + request(0, bytes([0]) + struct.pack("<II", 0, 90)),
    start(2, b"in", 1) + request(2, struct.pack("<IB", 2, 1) + text(b"more")) + request(4, struct.pack("<I", 2)),
    start(3, b"", 2, 1) + request(3, struct.pack("<IQ", 3, 0)) + request(13, struct.pack("<I", 7)),
    write(A, b"one") + request(5, text(A) + struct.pack("<QI", 1, 100)) + request(9, struct.pack("<I", 0)),
    write(B, b"two", 1) + request(9, struct.pack("<I", 0)) + request(10) + request(7, text(B))
    + request(9, struct.pack("<I", 1)) + request(11, struct.pack("<I", 0)) + request(9, struct.pack("<I", 2))
    + request(12, struct.pack("<I", 0)),
    write(A, b"part", 255, 0, 4) + write(A, b"rest", 0, 1, 4) + request(8, text(b"/workspace") + struct.pack("<I", 9)),
]

for place, seed in enumerate(SEEDS):
    with open(os.path.join(sys.argv[1], f"seed-{place}"), "wb") as file:
        file.write(seed)
