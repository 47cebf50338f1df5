"""A temporary folder with Redis, workers, users and certificates, and the programs that run in it."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

TOP = Path(__file__).resolve().parents[2]
USERS = {"alice": "wonderland", "bob": "builder"}
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
        time.sleep(0.01)


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Sandbox:
    """All of it, on loopback and Unix sockets, until it is stopped."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="dashboard-state-servers-"))
        self.folder.chmod(0o755)
        self.is_root = os.getuid() == 0
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        source = os.environ.get("DASHBOARD_STATE_WORKER") or TOP / ".build/release/dashboard-state-fcgi"
        # A copy, since web servers that start it themselves may not be allowed to read this checkout.
        self.worker = self.folder / "bin" / "dashboard-state-fcgi"
        self.worker.parent.mkdir()
        shutil.copy(source, self.worker)
        self.worker.chmod(0o755)
        try:
            self.start_redis()
            self._make_users()
            self.make_certificate("tls", "/CN=dashboard.example.org")
        except BaseException:
            self.stop()
            raise

    # ---- Programs ----

    def start(self, name: str, *command: object, environment: dict[str, str] | None = None) -> None:
        with open(self.folder / f"{name}.log", "ab") as log:
            self._processes[name] = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **(environment or {})},
                preexec_fn=_die_with_parent,
                start_new_session=True,
            )

    def end(self, name: str) -> None:
        process = self._processes.pop(name, None)
        if process is None:
            return
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        _end_what_is_left(process)

    def kill(self, name: str) -> None:
        process = self._processes.pop(name)
        process.kill()
        process.wait()
        _end_what_is_left(process)

    def end_all_but_redis(self) -> None:
        # The web server was started last and ends first: then the workers' connections close and they need not wait.
        for name in reversed(list(self._processes)):
            if name != "redis":
                self.end(name)

    def await_start(self, name: str, condition: Callable[[], object]) -> None:
        """Waits for what shows that a program is ready, and fails at once where it has ended instead."""

        def is_ready() -> bool:
            if self._processes[name].poll() is not None:
                raise RuntimeError(f"{name} ended at its start:\n{self.log(name)}")
            return bool(condition())

        wait_until(is_ready, f"the start of {name}")

    def run(self, *command: object, **options: Any) -> str:
        return subprocess.run(
            [str(part) for part in command], check=True, capture_output=True, text=True, timeout=60, **options
        ).stdout

    def log(self, name: str, lines: int = 20) -> str:
        path = self.folder / f"{name}.log"
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.exists() else ""

    def stop(self) -> None:
        self.end_all_but_redis()
        self.end("redis")
        shutil.rmtree(self.folder, ignore_errors=True)

    # ---- Redis ----

    @property
    def redis_url(self) -> str:
        return f"unix://{self.folder}/redis.sock"

    def start_redis(self) -> None:
        path = self.folder / "redis.sock"
        self.start("redis", "redis-server", "--port", 0, "--unixsocket", path, "--unixsocketperm", 777, "--save", "")
        self.await_start("redis", lambda: path.exists() and self.redis("PING") == "PONG")

    def redis(self, *command: str) -> Any:
        """One command that answers with a line, a number, or a list of texts."""
        with socket.socket(socket.AF_UNIX) as connection:
            try:
                connection.connect(str(self.folder / "redis.sock"))
            except ConnectionRefusedError:
                return None
            words = [word.encode() for word in command]
            connection.sendall(
                b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)
            )
            return _reply(connection.makefile("rb"))

    def keys(self) -> list[str]:
        return sorted(self.redis("KEYS", "*"))

    # ---- Workers ----

    def start_worker(self, number: int, listen: str = "", environment: dict[str, str] | None = None) -> None:
        path = self.folder / f"worker-{number}.sock"
        self.start(
            f"worker-{number}",
            self.worker,
            "--listen",
            listen or f"unix:{path}",
            "--redis",
            self.redis_url,
            *self.worker_group,
            environment=environment,
        )
        started = (lambda: is_listening(int(listen.rsplit(":", 1)[1]))) if listen else path.exists
        self.await_start(f"worker-{number}", started)

    @property
    def worker_group(self) -> list[str]:
        return ["--socket-group", "www-data"] if self.is_root else []

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


def _end_what_is_left(process: subprocess.Popen[bytes]) -> None:
    """Ends what a program has started and not ended with itself: its own process group, and nobody else's."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _reply(stream: BinaryIO) -> Any:
    line = stream.readline().decode().rstrip("\r\n")
    kind, rest = line[:1], line[1:]
    if kind == "-":
        raise RuntimeError(rest)
    if kind == ":":
        return int(rest)
    if kind == "$":
        return None if rest == "-1" else stream.read(int(rest) + 2)[:-2].decode()
    if kind == "*":
        return [_reply(stream) for _ in range(int(rest))]
    return rest
