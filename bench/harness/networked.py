"""Stacks whose Redis is reached over TCP on loopback, plain or by TLS, instead of a Unix socket."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from .stack import TOP, Stack

sys.path.append(str(TOP / "Tests/PythonSupport"))

import certificates  # noqa: E402
from programs import free_port  # noqa: E402


class PlainStack(Stack):
    def redis_options(self) -> Sequence[object]:
        port = free_port()
        self.redis_url = f"redis://127.0.0.1:{port}"
        return ("--port", port, "--bind", "127.0.0.1")


class TLSStack(Stack):
    def redis_options(self) -> Sequence[object]:
        port = free_port()
        authority = certificates.Authority(self.folder)
        server = authority.issue("server", "IP:127.0.0.1")
        self.redis_url = f"rediss://127.0.0.1:{port}"
        self.redis_environment = {"REDIS_TLS_CA_FILE": str(authority.file)}
        return (
            "--port", "0", "--tls-port", port, "--bind", "127.0.0.1", "--tls-auth-clients", "no",
            "--tls-cert-file", server.file, "--tls-key-file", server.key, "--tls-ca-cert-file", authority.file,
        )  # fmt: skip


class ClusterStack(Stack):
    """A cluster of one node that has all slots: what its rules cost the worker, however many nodes there are."""

    def redis_options(self) -> Sequence[object]:
        port = free_port()
        self.redis_url = f"redis-cluster://127.0.0.1:{port}"
        # The bus is at 10,000 more elsewise, which may be no port.
        return (
            "--port", port, "--bind", "127.0.0.1", "--cluster-enabled", "yes", "--cluster-port", free_port(),
            "--dir", self.folder,
        )  # fmt: skip

    def __enter__(self) -> Stack:
        super().__enter__()
        self.cli("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
        self.redis.wait_until(lambda: b"cluster_state:ok" in self.cli("CLUSTER", "INFO"), "a cluster")
        return self
