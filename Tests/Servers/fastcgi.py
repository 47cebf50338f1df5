"""One FastCGI request straight to a worker, for what no web server would send."""

from __future__ import annotations

import socket
import struct


def request(port: int, params: list[tuple[str, str]]) -> bytes:
    """The whole of the worker's standard output."""
    encoded = b"".join(_length(name) + _length(value) + name.encode() + value.encode() for name, value in params)
    with socket.create_connection(("127.0.0.1", port), 30) as connection:
        connection.sendall(
            _record(1, struct.pack(">HB5x", 1, 0)) + _record(4, encoded) + _record(4, b"") + _record(5, b"")
        )
        stream = connection.makefile("rb")
        output = b""
        while len(header := stream.read(8)) == 8:
            kind, length, padding = struct.unpack(">xBxxHBx", header)
            content = stream.read(length)
            stream.read(padding)
            if kind == 6:
                output += content
            elif kind == 3:
                break
        return output


def _record(kind: int, content: bytes) -> bytes:
    return struct.pack(">BBHHBx", 1, kind, 1, len(content), 0) + content


def _length(text: str) -> bytes:
    count = len(text.encode())
    return struct.pack(">B", count) if count < 128 else struct.pack(">I", count | 1 << 31)
