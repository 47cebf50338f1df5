"""Commands to Redis over its Unix socket, one connection each: without redis-cli, whose words differ by version."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any, BinaryIO


class RedisError(RuntimeError):
    """An error that Redis has answered, in its words."""


def ask(path: Path, *commands: tuple[object, ...]) -> Any:
    """The reply to the last of the commands: a text, a number, a list, or None; the others shall not fail."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(30)
        connection.connect(str(path))
        connection.sendall(b"".join(encoded(command) for command in commands))
        stream = connection.makefile("rb")
        return [read_reply(stream) for _ in commands][-1]


def encoded(command: tuple[object, ...]) -> bytes:
    words = [word if isinstance(word, bytes) else str(word).encode() for word in command]
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)


def read_reply(stream: BinaryIO) -> Any:
    line = stream.readline().decode().rstrip("\r\n")
    kind, rest = line[:1], line[1:]
    if kind == "-":
        raise RedisError(rest)
    if kind == ":":
        return int(rest)
    if kind == "$":
        return None if rest == "-1" else stream.read(int(rest) + 2)[:-2].decode()
    if kind == "*":
        return [read_reply(stream) for _ in range(int(rest))]
    if not kind:
        raise ConnectionError("Redis closed the connection")
    return rest


def read_command(stream: BinaryIO) -> list[bytes] | None:
    """What a client asks; None at the end."""
    line = stream.readline()
    if not line.endswith(b"\n"):
        return None
    words = []
    for _ in range(int(line[1:])):
        length = int(stream.readline()[1:])
        words.append(stream.read(length + 2)[:-2])
    return words
