"""HTTP/1.1 over TLS, one request a connection unless told otherwise, spoken byte by byte: the tests send what no polite
client would."""

from __future__ import annotations

import contextlib
import functools
import json
import socket
import ssl
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TIMEOUT = 30  # seconds; only ends a test that would hang

Fields = Iterable[tuple[str, str]]


class Malformed(Exception):
    """What came back is not HTTP, or says something untrue of itself."""


@dataclass
class Answer:
    status: int
    fields: list[tuple[str, str]]
    body: bytes

    def __getitem__(self, name: str) -> str | None:
        """The last field of this name."""
        found = [value for key, value in self.fields if key == name.lower()]
        return found[-1] if found else None

    @property
    def json(self) -> Any:
        try:
            return json.loads(self.body)
        except ValueError:
            raise AssertionError(f"{self.status} with a body that is not JSON: {self.body[:200]!r}") from None

    @property
    def is_problem(self) -> bool:
        """A problem of RFC 9457 that names the status it came with."""
        if (self["Content-Type"] or "").split(";")[0] != "application/problem+json":
            return False
        problem = self.json
        return isinstance(problem, dict) and problem.get("status") == self.status


@functools.cache
def _context(certificate: tuple[str, str] | None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE  # the servers' certificates are made for the run; this is not what is tested
    if certificate:
        context.load_cert_chain(*certificate)
    return context


class Connection:
    """A client's connection."""

    def __init__(self, port: int, certificate: tuple[str, str] | None = None) -> None:
        plain = socket.create_connection(("127.0.0.1", port), TIMEOUT)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket = _context(certificate).wrap_socket(plain, server_hostname="dashboard.example.org")
        self._received = bytearray()

    def send(self, data: bytes) -> None:
        """Sends, or stops sending where the server has answered already: it may have hung up too, and what is sent then
        would have the answer thrown away."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError, ssl.SSLError):
            for start in range(0, len(data), 1 << 16):
                if self._has_answer():
                    return
                self._socket.sendall(data[start : start + (1 << 16)])

    def _has_answer(self) -> bool:
        """Whether more than an interim answer has come, which is taken."""
        self._socket.settimeout(0)
        try:
            self._receive()
        except (ssl.SSLWantReadError, BlockingIOError):
            pass
        finally:
            self._socket.settimeout(TIMEOUT)
        return bool(self._received) and self._received[9:12] != b"100"

    def _receive(self) -> bool:
        try:
            data = self._socket.recv(1 << 16)
        except (ConnectionResetError, ssl.SSLEOFError, ssl.SSLZeroReturnError):
            data = b""
        self._received += data
        return bool(data)

    def _until(self, mark: bytes) -> bytes:
        while (end := self._received.find(mark)) < 0:
            if not self._receive():
                raise Malformed(f"ended within {bytes(self._received[:200])!r}")
        taken = bytes(self._received[:end])
        del self._received[: end + len(mark)]
        return taken

    def _exactly(self, count: int) -> bytes:
        while len(self._received) < count:
            if not self._receive():
                raise Malformed(f"ended {count - len(self._received)} bytes early")
        taken = bytes(self._received[:count])
        del self._received[:count]
        return taken

    def answer(self, method: str = "GET", last: bool = True) -> Answer:
        """Reads one answer, interim ones not counted. Where it is the last one, nothing may follow it."""
        while True:
            head = self._until(b"\r\n\r\n").decode("latin-1").split("\r\n")
            version, status = head[0].split(" ", 2)[:2]
            if not version.startswith("HTTP/1."):
                raise Malformed(head[0])
            if status != "100":
                break
        fields = [(name.lower(), value.strip()) for name, value in (line.split(":", 1) for line in head[1:])]
        answer = Answer(int(status), fields, b"")
        for name in ("content-length", "content-type", "cache-control", "etag", "retry-after", "allow"):
            if sum(1 for other, _ in fields if other == name) > 1:
                raise Malformed(f"{name} twice: {fields}")
        if method == "HEAD" or answer.status in (204, 304):
            pass
        elif "chunked" in (answer["Transfer-Encoding"] or ""):
            while size := int(self._until(b"\r\n").split(b";")[0], 16):
                answer.body += self._exactly(size)
                self._until(b"\r\n")
            self._until(b"\r\n")
        elif (length := answer["Content-Length"]) is not None:
            answer.body = self._exactly(int(length))
        else:
            while self._receive():
                pass
            answer.body = bytes(self._received)
            self._received.clear()
        if last:
            while not self._received and self._receive():
                pass
            if self._received:
                raise Malformed(f"{len(self._received)} bytes after the end of the answer to {method}")
        if answer["Content-Encoding"] == "gzip":
            answer.body = zlib.decompress(answer.body, wbits=31)
        return answer

    def close(self) -> None:
        """Hangs up, without a word."""
        self._socket.close()

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def head(method: str, target: str, fields: Fields = (), keep: bool = False) -> bytes:
    lines = [f"{method} {target} HTTP/1.1", "Host: dashboard.example.org"]
    lines += [f"{name}: {value}" for name, value in fields]
    lines += [] if keep else ["Connection: close"]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def chunks(body: bytes, sizes: Iterable[int]) -> Iterator[bytes]:
    """The body in chunks of these sizes, over and over."""
    endless = list(sizes)
    position, index = 0, 0
    while position < len(body):
        part = body[position : position + endless[index % len(endless)]]
        yield b"%x\r\n%s\r\n" % (len(part), part)
        position, index = position + len(part), index + 1
    yield b"0\r\n\r\n"


def request(
    port: int,
    method: str,
    target: str,
    fields: Fields = (),
    body: bytes | None = None,
    *,
    certificate: tuple[str, str] | None = None,
) -> Answer:
    """One request on a connection of its own."""
    length = [] if body is None else [("Content-Length", str(len(body)))]
    with Connection(port, certificate) as connection:
        connection.send(head(method, target, [*fields, *length]) + (body or b""))
        return connection.answer(method)


def protocol(port: int) -> str | None:
    """What a server that may choose between HTTP/2 and HTTP/1.1 chooses."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["h2", "http/1.1"])
    with (
        socket.create_connection(("127.0.0.1", port), TIMEOUT) as connection,
        context.wrap_socket(connection, server_hostname="dashboard.example.org") as secured,
    ):
        return secured.selected_alpn_protocol()


def plain(path: Path, request: str) -> bytes:
    """All that comes back on a Unix socket, without TLS."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(TIMEOUT)
        connection.connect(str(path))
        connection.sendall(request.encode())
        answer = b""
        while data := connection.recv(1 << 16):
            answer += data
        return answer
