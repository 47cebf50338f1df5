"""Peers that speak TLS as no real Redis does: they tell what was agreed on, and end where they are told to."""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path

from certificates import Certificate
from peers import Listener, connected


class TLSFront(Listener):
    """Takes TLS off, and hands what is in it to a Redis without. `up` sees what workers send, and may return None for
    "cut", after which nothing goes on.
    """

    def __init__(
        self,
        port: int,
        target: Path,
        certificate: Certificate,
        version: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3,
        up: Callable[[bytes], bytes | None] | None = None,
    ) -> None:
        self.target, self.up = target, up
        self.names: list[str | None] = []
        self.resumed: list[bool] = []
        self.says_farewell = True
        self._ends: list[threading.Event] = []
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate.file, certificate.key)
        self.context.minimum_version = self.context.maximum_version = version
        self.context.sni_callback = lambda _, name, __: self.names.append(name)
        super().__init__(port)

    def _serve(self, connection: socket.socket, number: int) -> None:
        end = threading.Event()
        self._ends.append(end)
        with contextlib.suppress(OSError), connected(self.target) as server:
            client = self.context.wrap_socket(connection, server_side=True)
            self.resumed.append(client.session_reused)
            with client:
                self._pump(client, server, end)
                if self.says_farewell:
                    client.settimeout(1)
                    client.unwrap()

    def _pump(self, client: ssl.SSLSocket, server: socket.socket, end: threading.Event) -> None:
        """On one thread, as a connection of TLS is for one."""
        while not end.is_set():
            ready = [client] if client.pending() else select.select([client, server], [], [], 0.01)[0]
            if client in ready:
                data = client.recv(65536)
                passed = self.up(data) if self.up else data
                if not data or passed is None:
                    return
                server.sendall(passed)
            if server in ready:
                data = server.recv(65536)
                if not data:
                    return
                client.sendall(data)

    def cut(self) -> None:
        for end in self._ends:
            end.set()

    def close(self) -> None:
        super().close()
        self.cut()
