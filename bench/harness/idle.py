"""Kept-alive FastCGI connections that have served a request and now lie idle, as a web server's do."""

from __future__ import annotations

import socket
import sys
from pathlib import Path

from .stack import URL, user_name


def _record(kind: int, content: bytes = b"") -> bytes:
    return bytes([1, kind, 0, 1, len(content) >> 8, len(content) & 255, 0, 0]) + content


def _read_request() -> bytes:
    params = {
        "REQUEST_METHOD": "GET",
        "SCRIPT_NAME": URL,
        "REMOTE_USER": user_name(0),
        "REMOTE_WORKSPACE": "main",
    }
    pairs = b"".join(bytes([len(name), len(value)]) + name.encode() + value.encode() for name, value in params.items())
    begin = bytes([0, 1, 1, 0, 0, 0, 0, 0])  # a responder, the connection kept
    return _record(1, begin) + _record(4, pairs) + _record(4) + _record(5)


class IdleConnections:
    """On a worker's socket, each after one answered read: `with IdleConnections(path) as held: held.grow(100)`."""

    def __init__(self, path: Path) -> None:
        self._path = str(path)
        self._links: list[socket.socket] = []
        self._request = _read_request()

    def __enter__(self) -> IdleConnections:
        return self

    def __exit__(self, *_: object) -> None:
        for link in self._links:
            link.close()

    def grow(self, count: int) -> None:
        """Until there are so many."""
        while len(self._links) < count:
            link = socket.socket(socket.AF_UNIX)
            self._links.append(link)
            link.settimeout(10)
            link.connect(self._path)
            self._ask(link)

    def check(self) -> None:
        """All of them still answer."""
        for link in self._links:
            self._ask(link)

    def _ask(self, link: socket.socket) -> None:
        link.sendall(self._request)
        with link.makefile("rb") as answer:
            output = b""
            while True:
                header = answer.read(8)
                if len(header) < 8:
                    sys.exit("a kept connection was closed")
                content = answer.read(int.from_bytes(header[4:6], "big") + header[6])
                if header[1] == 3:
                    break
                output += content
        if not output.startswith(b"Status: 200 "):
            sys.exit(f"a kept connection was answered {output[:200]!r}")
