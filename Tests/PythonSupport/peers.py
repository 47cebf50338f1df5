"""Peers for what a real Redis does too seldom: a proxy that delays, swallows and cuts, and a Redis that is scripted."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import resp

# What a hook makes of the bytes that come by: those to hand on, or None to swallow them.
Hook = Callable[[bytes, "Pair"], "bytes | None"]


@dataclass(eq=False)
class Pair:
    """A connection of a worker, its number (from 1), and the one to Redis behind it."""

    number: int
    client: socket.socket
    server: socket.socket

    def cut(self) -> None:
        for end in (self.client, self.server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


def connected(address: Path | int) -> socket.socket:
    """To a Unix socket, or to a port of loopback."""
    if isinstance(address, int):
        return socket.create_connection(("127.0.0.1", address))
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(str(address))
    return connection


class Listener:
    """On a Unix socket, or on a port of loopback."""

    def __init__(self, address: Path | int) -> None:
        self.accepted = 0
        self.port = address if isinstance(address, int) else 0
        if isinstance(address, int):
            self._listener = socket.create_server(("127.0.0.1", address), backlog=64)
        else:
            self._listener = socket.socket(socket.AF_UNIX)
            self._listener.bind(str(address))
            self._listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self.accepted += 1
                threading.Thread(target=self._serve, args=(connection, self.accepted), daemon=True).start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        raise NotImplementedError

    def close(self) -> None:
        # close() alone would leave the thread in accept().
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


class Proxy(Listener):
    """Between workers and Redis. `up` sees what workers send, `down` what Redis answers; either may wait."""

    def __init__(
        self, address: Path | int, target: Path | int, up: Hook | None = None, down: Hook | None = None
    ) -> None:
        self.target, self.up, self.down = target, up, down
        self.pairs: list[Pair] = []
        super().__init__(address)

    def _serve(self, connection: socket.socket, number: int) -> None:
        try:
            server = connected(self.target)
        except OSError:
            connection.close()
            return
        pair = Pair(number, connection, server)
        self.pairs.append(pair)
        back = threading.Thread(target=self._pump, args=(pair, server, connection, "down"), daemon=True)
        back.start()
        self._pump(pair, connection, server, "up")
        back.join()
        with contextlib.suppress(ValueError):
            self.pairs.remove(pair)
        connection.close()
        server.close()

    def _pump(self, pair: Pair, source: socket.socket, target: socket.socket, way: str) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                hook = self.up if way == "up" else self.down
                passed = hook(data, pair) if hook else data
                if passed:
                    target.sendall(passed)
        pair.cut()

    def cut(self) -> None:
        """Ends what connections there are, and not those that are made meanwhile."""
        for pair in list(self.pairs):
            pair.cut()

    def close(self) -> None:
        super().close()
        self.cut()


class Close(Exception):
    """Raised by a script: Redis closes the connection."""


class ScriptedRedis(Listener):
    """Answers what a function says: the bytes to send, or None for silence. Its own usual answers come first."""

    def __init__(self, path: Path, script: Callable[[list[bytes]], bytes | None]) -> None:
        self.script = script
        self.seen: list[tuple[int, list[bytes]]] = []
        self.ended: list[int] = []
        super().__init__(path)

    def _serve(self, connection: socket.socket, number: int) -> None:
        stream = connection.makefile("rb")
        with contextlib.suppress(OSError, ValueError, Close):
            while command := resp.read_command(stream):
                command[0] = command[0].upper()
                self.seen.append((number, command))
                answer = self.script(command)
                if answer is not None:
                    connection.sendall(answer)
        self.ended.append(number)
        with contextlib.suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)
        stream.close()
        connection.close()


def hello(role: str = "master") -> bytes:
    """What Redis answers to HELLO 3."""
    words = {"server": "redis", "version": "7.0.0", "mode": "standalone", "role": role}
    pairs = b"".join(bulk(name.encode()) + bulk(value.encode()) for name, value in words.items())
    return b"%%%d\r\n" % (len(words) + 3) + pairs + b"$5\r\nproto\r\n:3\r\n$2\r\nid\r\n:1\r\n$7\r\nmodules\r\n*0\r\n"


def usual(command: list[bytes], role: str = "master") -> bytes | None:
    """The answers of a Redis in good order to what a connection begins with; None to anything else."""
    words = [word.upper() for word in command[:2]]
    if words[0] == b"HELLO":
        return hello(role)
    if words[0] == b"PING":
        return b"+PONG\r\n"
    if words[0] in (b"SELECT", b"AUTH", b"CLIENT"):
        return b"+OK\r\n"
    if words[0] == b"ROLE":
        return b"*3\r\n" + bulk(role.encode()) + b":0\r\n*0\r\n"
    if words[0] == b"TIME":
        return b"*2\r\n$10\r\n1800000000\r\n$1\r\n0\r\n"
    return None


def bulk(content: bytes) -> bytes:
    return b"$%d\r\n%s\r\n" % (len(content), content)
