"""Stands between workers and Redis. It can hold a command on a state back, and tells which process sent it."""

from __future__ import annotations

import contextlib
import queue
import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path


class RedisRelay:
    """A Unix socket whose connections lead to Redis, each to one of its own."""

    def __init__(self, path: Path, target: Path) -> None:
        self._target = target
        self._hold: Hold | None = None
        self.count = 0  # of the pieces about states that came from workers
        self.senders: set[int] = set()  # the processes that they came from
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        path.chmod(0o777)
        self._listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    @contextlib.contextmanager
    def holding(self) -> Iterator[Hold]:
        """Within it, what processes send about states stays here."""
        self._hold = hold = Hold()
        try:
            yield hold
        finally:
            self._hold = None
            hold.release()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                try:
                    server.connect(str(self._target))
                except OSError:
                    client.close()
                    continue
                # struct ucred of SO_PEERCRED begins with the process's id.
                process = struct.unpack("=iII", client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))[0]
                threading.Thread(target=self._copy, args=(client, server, process), daemon=True).start()
                threading.Thread(target=self._copy, args=(server, client, None), daemon=True).start()

    def _copy(self, source: socket.socket, target: socket.socket, process: int | None) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                if process is not None and b"hyvve:dashboard:state:" in data:
                    self.count += 1
                    self.senders.add(process)
                    if hold := self._hold:
                        hold.take(process)
                target.sendall(data)
        for end in (source, target):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class Hold:
    """What was held back."""

    def __init__(self) -> None:
        self._senders: queue.Queue[int] = queue.Queue()
        self._released = threading.Event()
        self.count = 0  # of commands, the first of which is the one that is waited for

    def take(self, process: int) -> None:
        self.count += 1
        self._senders.put(process)
        self._released.wait(60)

    def sender(self) -> int:
        """The process that has sent a command, once there is one."""
        return self._senders.get(timeout=60)

    def release(self) -> None:
        """Lets Redis have it, whatever has become of its sender."""
        self._released.set()
