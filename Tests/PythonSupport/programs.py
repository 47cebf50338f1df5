"""Programs in a temporary folder: started by a test, watched, and ended with it. Shared by the tests in Python."""

from __future__ import annotations

import contextlib
import ctypes
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import resp
from certificates import Authority

TOP = Path(__file__).resolve().parents[2]
WORKER = Path(os.environ.get("DASHBOARD_STATE_WORKER") or TOP / ".build/release/dashboard-state-fcgi").resolve()
_libc = ctypes.CDLL(None)


def _die_with_parent() -> None:
    """Nothing is left running when the tests are killed (PR_SET_PDEATHSIG is 1)."""
    _libc.prctl(1, signal.SIGTERM)


def free_port(*offsets: int) -> int:
    """A port where nobody listens, nor at such offsets from it.

    They are below those that the kernel gives to connections: one of these could take the port, or meet itself there.
    Nobody else gets them by this function while this process lives.
    """
    while True:
        port = random.randrange(10_100, 32_768 - max(offsets, default=0))
        claims = []
        try:
            for one in (port, *(port + offset for offset in offsets)):
                claims.append(claim := socket.socket(socket.AF_UNIX))
                claim.bind(f"\0dashboard-state-port-{one}")
                socket.create_server(("127.0.0.1", one)).close()
        except OSError:
            for claim in claims:
                claim.close()
            continue
        _claims.extend(claim.detach() for claim in claims)
        return port


_claims: list[int] = []


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def accepts(path: Path) -> bool:
    """Whether somebody listens on a Unix socket: the file alone may be left of one who was killed."""
    with socket.socket(socket.AF_UNIX) as probe:
        return probe.connect_ex(str(path)) == 0


def is_ready(admin: Path) -> bool:
    """Whether a worker says so at its admin address."""
    with socket.socket(socket.AF_UNIX) as connection:
        if connection.connect_ex(str(admin)) != 0:
            return False
        connection.sendall(b"GET /readyz HTTP/1.0\r\n\r\n")
        return connection.makefile("rb").readline().split()[1:2] == [b"200"]


def wait_until(condition: Callable[[], object], what: str, seconds: float = 30) -> None:
    """Waits for something that is sure to come; the limit only ends a test that would hang."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise TimeoutError(f"{what} did not happen")
        time.sleep(0.01)


def is_answering(path: Path) -> bool:
    """Whether a Redis takes commands on this socket."""
    try:
        resp.ask(path, ("PING",))
    except (FileNotFoundError, ConnectionError):
        return False
    except resp.RedisError as error:
        return not str(error).startswith("LOADING")
    return True


class Programs:
    """A temporary folder, and the programs that run in it until it is stopped."""

    def __init__(self, name: str) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=f"dashboard-state-{name}-"))
        self.folder.chmod(0o755)
        self.is_root = os.getuid() == 0
        self.worker = WORKER
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._conditions: dict[str, Callable[[], object]] = {}
        self._starts: dict[str, tuple[tuple[object, ...], dict[str, str] | None, tuple[int, ...]]] = {}

    def start(
        self,
        name: str,
        *command: object,
        environment: dict[str, str] | None = None,
        descriptors: tuple[int, ...] = (),
    ) -> None:
        self._starts[name] = (command, environment, descriptors)
        with open(self.folder / f"{name}.log", "ab") as log:
            self._processes[name] = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **(environment or {})},
                preexec_fn=_die_with_parent,
                pass_fds=descriptors,
                start_new_session=True,
            )

    def process(self, name: str) -> int:
        """Its process id."""
        return self._processes[name].pid

    def has(self, name: str) -> bool:
        """Whether it was started, and neither ended nor killed since."""
        return name in self._processes and self._processes[name].poll() is None

    def is_stopped(self, name: str) -> bool:
        """Whether it stands still, by SIGSTOP."""
        status = Path(f"/proc/{self.process(name)}/stat").read_text()
        return status.rpartition(")")[2].split()[0] == "T"

    def restart(self, process: int) -> None:
        """Starts anew what had this process id, and is dead or dying."""
        name = next(name for name, started in self._processes.items() if started.pid == process)
        self.kill(name)
        command, environment, descriptors = self._starts[name]
        self.start(name, *command, environment=environment, descriptors=descriptors)
        if name in self._conditions:
            self.await_start(name, self._conditions[name])

    def await_start(self, name: str, condition: Callable[[], object]) -> None:
        """Waits for what shows that a program is ready, and fails at once where it has ended instead."""
        self._conditions[name] = condition

        def is_ready() -> bool:
            if self._processes[name].poll() is not None:
                raise RuntimeError(f"{name} ended at its start:\n{self.log(name)}")
            return bool(condition())

        wait_until(is_ready, f"the start of {name}")

    def run_redis(
        self, path: Path, *options: object, name: str = "redis", program: str | Path = "redis-server"
    ) -> None:
        """A Redis on a Unix socket, which answers. It keeps nothing, and has no port, unless options say so."""
        # A server that was killed leaves its socket, which would look like one that listens.
        path.unlink(missing_ok=True)
        usual = {"--port": 0, "--save": ""}
        more = [word for option, value in usual.items() if option not in options for word in (option, value)]
        self.start(name, program, "--unixsocket", path, *more, *options)
        self.await_start(name, lambda: is_answering(path))

    def run_nginx_example(self, port: int, root: Path | None = None, more: Mapping[str, str] = {}) -> None:
        """nginx.conf.example in front of the workers in this folder, with a certificate of its own.

        `root` has files to serve. `more` are other examples that are made to fit likewise, by their names here.
        """
        Authority(self.folder, "tls")
        tls_port = free_port()
        for name, source in {"nginx.conf": "nginx.conf.example", **more}.items():
            command = [TOP / "deploy/render-nginx", TOP / source, self.folder, port, tls_port, root or self.folder]
            with open(self.folder / name, "wb") as file:
                subprocess.run([str(part) for part in command], check=True, stdout=file, timeout=60)
        self.start("nginx", "nginx", "-c", self.folder / "nginx.conf", "-p", self.folder, "-e", self.folder / "error.log")
        pid = self.folder / "nginx.pid"
        self.await_start("nginx", lambda: pid.exists() and pid.stat().st_size)

    def start_worker(self, number: int, listen: str = "", environment: dict[str, str] | None = None) -> None:
        path = self.folder / f"worker-{number}.sock"
        options = ["--listen", listen or f"unix:{path}", "--redis", self.redis_url, *self.worker_group]
        self.start(f"worker-{number}", self.worker, *options, environment=environment)
        started = (lambda: is_listening(int(listen.rsplit(":", 1)[1]))) if listen else (lambda: accepts(path))
        self.await_start(f"worker-{number}", started)

    @property
    def worker_group(self) -> list[str]:
        return ["--socket-group", "www-data"] if self.is_root else []

    @property
    def redis_url(self) -> str:
        return f"unix://{self.folder}/redis.sock"

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

    def stop(self) -> None:
        self.end_all_but_redis()
        self.end("redis")
        shutil.rmtree(self.folder, ignore_errors=True)

    def log_path(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def log(self, name: str, lines: int = 20) -> str:
        path = self.log_path(name)
        return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.exists() else ""

    def print_logs(self) -> None:
        for path in sorted(self.folder.glob("*.log")):
            print(f"--- {path.name}", self.log(path.stem, 15), sep="\n")


def _end_what_is_left(process: subprocess.Popen[bytes]) -> None:
    """Ends what a program has started and not ended with itself: its own process group, and nobody else's."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
