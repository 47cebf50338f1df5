"""Redis servers and workers of any kind in a temporary folder, asked directly: without a web server between."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
from pathlib import Path
from typing import Any

import resp
from fastcgi import Answer, Connection
from programs import Programs, wait_until
from redis_servers import servers

KEY = "hyvve:dashboard:state:u1:w1"


def key(user: str) -> str:
    return f"hyvve:dashboard:state:{user}:w1"


def document(version: int, state: object, **more: object) -> str:
    """The body of a save."""
    return json.dumps({"version": version, "state": state, **more})


class Workbench(Programs):
    """All of it, until it is stopped. Programs have names, and their sockets and logs are called by them."""

    def __init__(self, name: str = "redis") -> None:
        super().__init__(name)

    # ---- Redis ----

    def start_redis(self, *options: object, name: str = "redis", server: str = "redis-7.0", port: int = 0) -> None:
        folder = self.folder / f"{name}.d"
        folder.mkdir(exist_ok=True)
        self.run_redis(
            self.socket(name), "--port", port, "--bind", "127.0.0.1", "--dir", folder, *options,
            name=name, program=servers()[server],
        )  # fmt: skip

    def redis(self, *command: object, name: str = "redis", password: str | None = None) -> Any:
        ahead = [("AUTH", password)] if password else []
        return resp.ask(self.socket(name), *ahead, command)

    def stored(self, user: str = "u1") -> str | None:
        return self.redis("GET", key(user))

    # ---- Workers ----

    def serve(
        self,
        *options: object,
        name: str = "worker",
        url: str = "",
        environment: dict[str, str] | None = None,
        ahead: tuple[str, ...] = (),
    ) -> None:
        """Starts a worker, and waits until it listens (which is before it has reached Redis). `ahead` is what runs it."""
        command = [*ahead, self.worker, "--listen", f"unix:{self.socket(name)}", "--redis", url or self.redis_url]
        self.socket(name).unlink(missing_ok=True)
        self.start(name, *command, *options, environment=environment)
        self.await_start(name, lambda: self._is_reachable(name))

    def _is_reachable(self, name: str) -> bool:
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self.socket(name))) == 0

    def connect(self, name: str = "worker", timeout: float = 30) -> Connection:
        return Connection(self.socket(name), timeout)

    def ask(self, method: str, body: bytes | str = b"", *, name: str = "worker", **more: Any) -> Answer:
        with self.connect(name) as connection:
            return connection.ask(method, body, **more)

    def post(self, version: int, state: object, **more: Any) -> Answer:
        return self.ask("POST", document(version, state), **more)

    def readiness(self, name: str = "worker") -> str:
        """The word that /readyz has for it; "unavailable" is whatever comes with 503."""
        answer = self.ask("GET", path="/readyz", name=name)
        return answer.json.get("status") if answer.status == 200 else "unavailable" if answer.status == 503 else ""

    def await_answer(self, status: int, what: str = "", seconds: float = 30, **more: Any) -> None:
        """Reads until the answer has this status."""
        wait_until(lambda: self.ask("GET", **more).status == status, what or f"an answer {status}", seconds)

    # ---- Both ----

    def socket(self, name: str) -> Path:
        return self.folder / f"{name}.sock"

    def log_lines(self, *words: str, name: str = "worker") -> list[str]:
        """The lines of a log that have all the words in them, in whatever case."""
        lines = self.log(name, 1_000_000).splitlines()
        return [line for line in lines if all(word.lower() in line.lower() for word in words)]

    def await_log_lines(self, times: int, *words: str, name: str = "worker") -> list[str]:
        """The same, once there are so many: a worker writes its log behind its answers."""
        with contextlib.suppress(TimeoutError):
            wait_until(lambda: len(self.log_lines(*words, name=name)) >= times, "a line of the log")
        return self.log_lines(*words, name=name)

    def process_id(self, name: str) -> int:
        return self._processes[name].pid

    def is_running(self, name: str) -> bool:
        return self._processes[name].poll() is None

    def status(self, name: str) -> int | None:
        """What it has exited with; None while it runs."""
        return self._processes[name].poll()

    def signal(self, name: str, number: signal.Signals) -> None:
        os.kill(self.process_id(name), number)

    def stop(self) -> None:
        """Without waiting for anything to drain."""
        for name in list(self._processes):
            self.kill(name)
        super().stop()

    def __enter__(self) -> Workbench:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def resident_kilobytes(self, name: str = "worker") -> int:
        status = Path(f"/proc/{self.process_id(name)}/status").read_text()
        return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS")))
