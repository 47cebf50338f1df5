"""The service as an operator runs it, for tests: Redis, two workers, and nginx with the sample sign-in and a web root."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from programs import TOP, Programs, free_port


class Service(Programs):
    """All of it, in a temporary folder and on loopback, until it is stopped."""

    def __init__(self) -> None:
        super().__init__("web")
        self.web_root = self.folder / "html"
        self.port = free_port()
        try:
            self._copy_web()
            self.start_redis()
            for number in (1, 2):
                self.start_worker(number)
            self.run_nginx_example(self.port, self.web_root, {"sign-in.conf": "deploy/sample-sign-in.nginx.conf"})
        except BaseException:
            self.print_logs()
            self.stop()
            raise

    @property
    def site(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _copy_web(self) -> None:
        # A copy: nginx may run as somebody who cannot read this checkout.
        shutil.copytree(TOP / "web", self.web_root / "web")
        if (TOP / "web/demo").exists():
            shutil.copytree(TOP / "web/demo", self.web_root, dirs_exist_ok=True)
        shutil.copytree(TOP / "Tests/Web/browser/pages", self.web_root / "test")
        self._copy_react()
        for path in [self.web_root, *self.web_root.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)

    def _copy_react(self) -> None:
        target = self.web_root / "test/react"
        target.mkdir()
        for name in ("react", "react-dom"):
            shutil.copy(Path(f"/usr/share/nodejs/{name}/umd/{name}.development.js"), target / f"{name}.js")

    # ---- Redis ----

    def start_redis(self) -> None:
        """Starts it with what it had: every write is on disk before it is answered."""
        path = self.folder / "redis.sock"
        self.run_redis(path, "--appendonly", "yes", "--appendfsync", "always", "--dir", self.folder)

    def stop_redis(self) -> None:
        self.end("redis")

    def redis(self, *command: str) -> str:
        answer = subprocess.run(
            ["redis-cli", "-s", self.folder / "redis.sock", *command], capture_output=True, text=True, timeout=10
        )
        return answer.stdout.strip()

    def requests(self, method: str) -> int:
        """How many requests of a method the state has had, by nginx's log."""
        log = (self.folder / "dashboard-state.log").read_text()
        return log.count(f'"{method} /api/dashboard/state')

    def __enter__(self) -> Service:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
