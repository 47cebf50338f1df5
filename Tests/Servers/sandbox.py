"""A temporary folder with Redis, workers, users and certificates, and the programs that run in it."""

from __future__ import annotations

import shutil
import socket
import subprocess
from pathlib import Path
from typing import Any

import resp
from programs import TOP, WORKER, Programs
from redis_relay import RedisRelay

USERS = {"alice": "wonderland", "bob": "builder"}


class Sandbox(Programs):
    """All of it, on loopback and Unix sockets, until it is stopped."""

    def __init__(self, has_relay: bool = True) -> None:
        """The relay between workers and Redis costs much where there are many requests."""
        super().__init__("servers")
        self.relay: RedisRelay | None = None
        # Sockets that are handed over to workers, and stay while those come and go.
        self.listeners: list[socket.socket] = []
        # A copy, since web servers that start it themselves may not be allowed to read this checkout.
        self.worker = self.folder / "bin" / "dashboard-state-fcgi"
        self.worker.parent.mkdir()
        shutil.copy(WORKER, self.worker)
        self.worker.chmod(0o755)
        shutil.copytree(TOP / "deploy/problems", self.folder / "problems")
        try:
            self.start_redis()
            if has_relay:
                self.relay = RedisRelay(self.folder / "relay.sock", self.folder / "redis.sock")
            self._make_users()
            self.make_certificate("tls", "/CN=dashboard.example.org")
        except BaseException:
            self.stop()
            raise

    @property
    def redis_url(self) -> str:
        return f"unix://{self.folder}/{'relay' if self.relay else 'redis'}.sock"

    def stop(self) -> None:
        if self.relay:
            self.relay.close()
        for listener in self.listeners:
            listener.close()
        super().stop()

    def run(self, *command: object, **options: Any) -> str:
        return subprocess.run(
            [str(part) for part in command], check=True, capture_output=True, text=True, timeout=60, **options
        ).stdout

    # ---- Redis ----

    def start_redis(self) -> None:
        self.run_redis(self.folder / "redis.sock", "--unixsocketperm", 777)

    def redis(self, *command: str) -> Any:
        """One command that answers with a line, a number, or a list of texts."""
        try:
            return resp.ask(self.folder / "redis.sock", command)
        except ConnectionRefusedError:
            return None

    def keys(self) -> list[str]:
        return sorted(self.redis("KEYS", "*"))

    # ---- Users and certificates ----

    def _make_users(self) -> None:
        lines = [
            f"{user}:{self.run('openssl', 'passwd', '-apr1', password).strip()}\n" for user, password in USERS.items()
        ]
        self.write("dashboard-state.users", "".join(lines))
        self.write("dashboard-state.workspaces", "main: alice bob\nteam: alice bob\n")

    def make_certificate(self, name: str, subject: str, issuer: str | None = None, *more: str) -> tuple[str, str]:
        """A certificate of its own, or one of another's; returns the paths of both files."""
        key, certificate = self.folder / f"{name}.key", self.folder / f"{name}.pem"
        by = ["-CA", self.folder / f"{issuer}.pem", "-CAkey", self.folder / f"{issuer}.key"] if issuer else []
        self.run(
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
            "-utf8",
            "-subj",
            subject,
            "-keyout",
            key,
            "-out",
            certificate,
            "-batch",
            *by,
            *more,
        )
        key.chmod(0o600)
        return str(certificate), str(key)

    def write(self, name: str, text: str, mode: int = 0o644) -> Path:
        path = self.folder / name
        path.write_text(text)
        path.chmod(mode)
        return path
