"""The service as an operator runs it, for tests: Redis, two workers, and nginx with the sample sign-in and a web root."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
_libc = ctypes.CDLL(None)


def _die_with_parent() -> None:
    """Nothing is left running when the tests are killed (PR_SET_PDEATHSIG is 1)."""
    _libc.prctl(1, signal.SIGTERM)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def wait_until(condition: Callable[[], object], what: str, seconds: float = 30) -> None:
    """Waits for something that is sure to come; the limit only ends a test that would hang."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"{what} did not happen")
        time.sleep(0.02)


class Service:
    """All of it, in a temporary folder and on loopback, until it is stopped."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="dashboard-state-web-"))
        self.folder.chmod(0o755)
        self.web_root = self.folder / "html"
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._worker = os.environ.get("DASHBOARD_STATE_WORKER") or TOP / ".build/release/dashboard-state-fcgi"
        self.port = free_port()
        try:
            self._copy_web()
            self.start_redis()
            for number in (1, 2):
                self._start_worker(number)
            self._start_nginx()
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
        """React as a browser loads it comes with dash, a package of which nothing else is used."""
        dash = importlib.util.find_spec("dash")
        if dash is None or dash.origin is None:
            return
        target = self.web_root / "test/react"
        target.mkdir()
        for name in ("react", "react-dom"):
            shutil.copy(Path(dash.origin).parent / f"deps/{name}@18.3.1.js", target / f"{name}.js")

    def _start(self, name: str, *command: object) -> None:
        with open(self.folder / f"{name}.log", "ab") as log:
            self._processes[name] = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=_die_with_parent,
            )

    def _end(self, name: str, number: int = signal.SIGTERM) -> None:
        process = self._processes.pop(name, None)
        if process is None:
            return
        process.send_signal(number)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    # ---- Redis ----

    def start_redis(self) -> None:
        """Starts it with what it had: every write is on disk before it is answered."""
        path = self.folder / "redis.sock"
        self._start(
            "redis", "redis-server", "--port", 0, "--unixsocket", path, "--save", "", "--appendonly", "yes",
            "--appendfsync", "always", "--dir", self.folder,
        )
        wait_until(lambda: self.redis("ping") == "PONG", "Redis")

    def stop_redis(self) -> None:
        self._end("redis")

    def redis(self, *command: str) -> str:
        answer = subprocess.run(
            ["redis-cli", "-s", self.folder / "redis.sock", *command], capture_output=True, text=True, timeout=10
        )
        return answer.stdout.strip()

    # ---- Workers and nginx ----

    def _start_worker(self, number: int) -> None:
        path = self.folder / f"worker-{number}.sock"
        group = ["--socket-group", "www-data"] if os.getuid() == 0 else []
        redis = f"unix://{self.folder}/redis.sock"
        self._start(f"worker-{number}", self._worker, "--listen", f"unix:{path}", "--redis", redis, *group)
        wait_until(path.exists, f"worker {number}")

    def _start_nginx(self) -> None:
        key, certificate = self.folder / "tls.key", self.folder / "tls.pem"
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
             "-subj", "/CN=localhost", "-keyout", key, "-out", certificate, "-batch"],
            check=True, capture_output=True, timeout=60,
        )
        tls_port = free_port()
        for source, target in (("deploy/sample-sign-in.nginx.conf", "sign-in.conf"), ("nginx.conf.example", "nginx.conf")):
            command = [TOP / "deploy/render-nginx", TOP / source, self.folder, self.port, tls_port, self.web_root]
            with open(self.folder / target, "wb") as file:
                subprocess.run([str(part) for part in command], check=True, stdout=file, timeout=60)
        self._start("nginx", "nginx", "-c", self.folder / "nginx.conf", "-p", self.folder, "-e", self.folder / "error.log")
        wait_until(lambda: (self.folder / "nginx.pid").exists() and (self.folder / "nginx.pid").stat().st_size, "nginx")

    def requests(self, method: str) -> int:
        """How many requests of a method the state has had, by nginx's log."""
        log = (self.folder / "dashboard-state.log").read_text()
        return log.count(f'"{method} /api/dashboard/state')

    def print_logs(self) -> None:
        for log in sorted(self.folder.glob("*.log")):
            lines = log.read_text(errors="replace").splitlines()[-15:]
            print(f"--- {log.name}", *lines, sep="\n")

    def stop(self) -> None:
        # nginx first: the workers' connections close then, and they need not wait for them.
        for name in reversed(list(self._processes)):
            self._end(name)
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Service:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
