"""Stacks whose Redis is reached over TCP on loopback, plain or by TLS, instead of a Unix socket."""

from __future__ import annotations

import socket
import sys
from collections.abc import Sequence

from .stack import TOP, Stack

sys.path.append(str(TOP / "Tests/PythonSupport"))

import certificates  # noqa: E402


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return free.getsockname()[1]


class PlainStack(Stack):
    def redis_options(self) -> Sequence[object]:
        port = _free_port()
        self.redis_url = f"redis://127.0.0.1:{port}"
        return ("--port", port, "--bind", "127.0.0.1")


class TLSStack(Stack):
    def redis_options(self) -> Sequence[object]:
        port = _free_port()
        authority = certificates.Authority(self.folder)
        server = authority.issue("server", "IP:127.0.0.1")
        self.redis_url = f"rediss://127.0.0.1:{port}"
        self.redis_environment = {"REDIS_TLS_CA_FILE": str(authority.file)}
        return (
            "--port", "0", "--tls-port", port, "--bind", "127.0.0.1", "--tls-auth-clients", "no",
            "--tls-cert-file", server.file, "--tls-key-file", server.key, "--tls-ca-cert-file", authority.file,
        )  # fmt: skip
