"""FastCGI requests straight to a worker, for what no web server would send, and where none shall stand between."""

from __future__ import annotations

import json
import socket
import struct
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

BEGIN, ABORT, END, PARAMS, STDIN, STDOUT = 1, 2, 3, 4, 5, 6


class NoAnswer(ConnectionError):
    """The worker has closed the connection before the answer was whole."""


@dataclass
class Answer:
    """What a worker has said, as CGI programs do."""

    raw: bytes
    head: str = field(init=False)
    body: bytes = field(init=False)

    def __post_init__(self) -> None:
        head, _, self.body = self.raw.partition(b"\r\n\r\n")
        self.head = head.decode("latin-1")

    @cached_property
    def fields(self) -> dict[str, str]:
        pairs = (line.partition(":") for line in self.head.split("\r\n"))
        return {name.strip().lower(): value.strip() for name, _, value in pairs}

    @property
    def status(self) -> int:
        return int(self.fields.get("status", "200").split()[0])

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def etag(self) -> str:
        return self.fields.get("etag", "")

    @property
    def problem(self) -> str:
        """The last word of a problem's type."""
        is_problem = self.fields.get("content-type") == "application/problem+json"
        return self.json["type"].rpartition(":")[2] if is_problem else ""

    def __repr__(self) -> str:
        return f"{self.status} {self.body[:120]!r}"


class Connection:
    """A connection that is kept: one request after the other."""

    def __init__(self, address: Path | int, timeout: float = 30) -> None:
        if isinstance(address, int):
            self.socket = socket.create_connection(("127.0.0.1", address), timeout)
        else:
            self.socket = socket.socket(socket.AF_UNIX)
            self.socket.settimeout(timeout)
            self.socket.connect(str(address))
        self.stream = self.socket.makefile("rb")

    def ask(
        self,
        method: str,
        body: bytes | str = b"",
        *,
        user: str = "u1",
        workspace: str = "w1",
        path: str = "/api/dashboard/state",
        params: dict[str, str] | None = None,
        **fields: str,
    ) -> Answer:
        """One request; further arguments are header fields, such as `if_match`, and `params` further parameters."""
        content = body.encode() if isinstance(body, str) else body
        sent = {"REQUEST_METHOD": method, "SCRIPT_NAME": path, "REMOTE_USER": user, "REMOTE_WORKSPACE": workspace}
        if content:
            sent |= {"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(content))}
        sent |= {f"HTTP_{name.upper()}": value for name, value in fields.items()}
        sent |= params or {}
        return Answer(self.exchange(list(sent.items()), content))

    def begin(self, content: bytes, length: int, user: str = "u1", workspace: str = "w1") -> None:
        """A save of which only the beginning of its body comes."""
        params = {
            "REQUEST_METHOD": "POST", "SCRIPT_NAME": "/api/dashboard/state", "REMOTE_USER": user, "REMOTE_WORKSPACE": workspace,
            "CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(length),
        }  # fmt: skip
        self.socket.sendall(_beginning(list(params.items()), keep=True) + record(STDIN, content))

    def abort(self) -> None:
        self.socket.sendall(record(ABORT, b""))

    def exchange(self, params: list[tuple[str, str]], content: bytes = b"", keep: bool = True) -> bytes:
        """The whole of the worker's standard output."""
        body = b"".join(record(STDIN, content[at : at + 65528]) for at in range(0, len(content), 65528))
        self.socket.sendall(_beginning(params, keep) + body + record(STDIN, b""))
        output = b""
        while len(header := self.stream.read(8)) == 8:
            kind, length, padding = struct.unpack(">xBxxHBx", header)
            content = self.stream.read(length)
            self.stream.read(padding)
            if kind == STDOUT:
                output += content
            elif kind == END:
                return output
        raise NoAnswer("the worker closed the connection")

    def close(self) -> None:
        self.stream.close()
        self.socket.close()

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def request(port: int, params: list[tuple[str, str]]) -> bytes:
    """The whole of the worker's standard output to one request on a connection of its own."""
    with Connection(port) as connection:
        return connection.exchange(params, keep=False)


def record(kind: int, content: bytes) -> bytes:
    return struct.pack(">BBHHBx", 1, kind, 1, len(content), 0) + content


def _beginning(params: list[tuple[str, str]], keep: bool) -> bytes:
    """All of a request but its body."""
    encoded = b"".join(_length(name) + _length(value) + name.encode() + value.encode() for name, value in params)
    return record(BEGIN, struct.pack(">HB5x", 1, keep)) + record(PARAMS, encoded) + record(PARAMS, b"")


def _length(text: str) -> bytes:
    count = len(text.encode())
    return struct.pack(">B", count) if count < 128 else struct.pack(">I", count | 1 << 31)
