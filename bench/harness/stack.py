"""One private Redis, and candidates: a worker (or several) with an nginx of its own in front. Everything lies in a
temporary folder, listens on Unix sockets and loopback, and is stopped by its process id."""

from __future__ import annotations

import ctypes
import http.client
import os
import resource
import shutil
import signal
import socket
import string
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from . import states

HERE = Path(__file__).resolve().parent
TOP = HERE.parents[1]
WORKER = Path(os.environ.get("DASHBOARD_STATE_WORKER") or TOP / ".build/release/dashboard-state-fcgi")
URL = "/api/dashboard/state"
SECONDS_TO_LIVE = 2_592_000
NEEDED = ("nginx", "redis-cli", "redis-server", "wrk")


def prepare() -> None:
    """To be called once, first."""
    os.environ["PATH"] += ":/usr/sbin:/sbin"  # where Debian has nginx
    missing = [name for name in NEEDED if not shutil.which(name)]
    if missing:
        sys.exit(f"missing: {', '.join(missing)} (deploy/install-packages bench installs them)")
    # So that everything that was started is stopped then, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


_libc = ctypes.CDLL(None)


def _end_with_parent() -> None:
    """Nothing is left running when a measurement is killed (PR_SET_PDEATHSIG is 1)."""
    _libc.prctl(1, signal.SIGTERM)


def user_name(number: int) -> str:
    """As load.lua names them."""
    return f"u{number:07d}"


class Process:
    """A program that runs until it is stopped, with its output in a file."""

    def __init__(self, argv: Sequence[object], log: Path, environment: dict[str, str] | None = None) -> None:
        self.log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [str(word) for word in argv],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=log.parent,
                env=environment,
                preexec_fn=_end_with_parent,
            )
        self.pid = self._process.pid

    def wait_until(self, condition: Callable[[], bool], what: str) -> None:
        end = time.monotonic() + 30
        while not condition():
            if self._process.poll() is not None or time.monotonic() > end:
                sys.exit(f"{what} did not happen:\n{self.output()}")
            time.sleep(0.01)

    def check(self) -> None:
        """Ends the run where the program has ended."""
        if self._process.poll() is not None:
            sys.exit(f"{self.log.stem} ended, status {self._process.returncode}:\n{self.output()}")

    def output(self) -> str:
        return self.log.read_text(errors="replace")[-2000:]

    def stop(self, patience: float = 5) -> None:
        self._process.terminate()
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def listens(family: int, address: str | tuple[str, int]) -> bool:
    with socket.socket(family) as probe:
        return probe.connect_ex(address) == 0


class Candidate:
    """What is measured: workers of one kind, and their nginx."""

    def __init__(self, stack: Stack, name: str, executable: Path, options: Sequence[str], workers: int) -> None:
        self.name, self.stack = name, stack
        self.folder = stack.folder / name
        self.folder.mkdir()
        self.sockets = [self.folder / f"worker-{number}.sock" for number in range(1, workers + 1)]
        self.workers: list[Process] = []
        try:
            for path in self.sockets:
                self._start_worker(executable, path, options)
            self._start_nginx()
        except BaseException:
            self.stop()
            raise

    def _start_worker(self, executable: Path, path: Path, options: Sequence[str]) -> None:
        # Nothing of the caller's environment decides what is measured.
        environment = {"PATH": os.environ["PATH"], "REDIS_STATE_TTL": str(SECONDS_TO_LIVE)}
        argv = [executable, "--listen", f"unix:{path}", "--redis", f"unix://{self.stack.redis_socket}", *options]
        worker = Process(argv, path.with_suffix(".log"), environment)
        self.workers.append(worker)
        worker.wait_until(lambda: listens(socket.AF_UNIX, str(path)), f"listening on {path.name}")

    def _start_nginx(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        text = string.Template((HERE / "nginx.conf").read_text()).substitute(
            folder=self.folder,
            port=self.port,
            servers=" ".join(f"server unix:{path};" for path in self.sockets),
            user="user root;" if os.geteuid() == 0 else "",
        )
        configuration = self.folder / "nginx.conf"
        configuration.write_text(text)
        self.nginx = Process(["nginx", "-c", configuration, "-p", self.folder], self.folder / "nginx.log")
        self.nginx.wait_until(lambda: listens(socket.AF_INET, ("127.0.0.1", self.port)), "nginx's start")

    def request(self, method: str, user: str, body: bytes | None = None) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        headers = {"X-Bench-User": user, "Content-Type": "application/json"}
        connection.request(method, URL, body, headers)
        response = connection.getresponse()
        data = response.read()
        connection.close()
        return response.status, data

    def fill(self, name: str, users: int) -> None:
        """Stores a state for each user, as the worker itself has stored the first ones."""
        self.stack.cli("FLUSHALL", "SYNC")
        documents = []
        for seed in range(states.VARIANTS):
            tail = (self.stack.folder / f"{name}-{seed}.tail").read_bytes()
            status, answer = self.request("POST", f"sample{seed}", b'{"version":1' + tail)
            if status != 200 or b'"success":true' not in answer:
                sys.exit(f"{self.name} does not save: {status} {answer[:500]!r}")
            key = self.stack.cli("KEYS", f"*:sample{seed}:main").decode().strip()
            # redis-cli ends what it prints with a line end.
            documents.append((key, self.stack.cli("GET", key)[:-1]))
        self.stack.cli("FLUSHALL", "SYNC")
        prefix = documents[0][0].removesuffix("sample0:main")
        self.stack.fill(prefix, [document for _, document in documents], users)

    def pids(self) -> dict[str, list[int]]:
        """By what they are to a request."""
        return {
            "nginx": [self.nginx.pid, *_children(self.nginx.pid)],
            "worker": [worker.pid for worker in self.workers],
            "redis": [self.stack.redis.pid],
        }

    def check(self) -> None:
        for process in (self.nginx, *self.workers):
            process.check()

    def stop(self) -> None:
        for process in [*([self.nginx] if hasattr(self, "nginx") else []), *self.workers]:
            process.stop()


def _children(pid: int) -> list[int]:
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


class Stack:
    """`with Stack() as stack`, then `stack.add(…)`."""

    def redis_options(self) -> Sequence[object]:
        """How Redis is reached, beside the Unix socket that it always has."""
        return ("--port", "0")

    def __enter__(self) -> Stack:
        self.folder = Path(tempfile.mkdtemp(prefix="dashboard-state-bench-"))
        self.folder.chmod(0o755)
        self.redis_socket = self.folder / "redis.sock"
        self.redis_url = f"unix://{self.redis_socket}"
        self.redis_environment: dict[str, str] = {}
        self.worker_options: Sequence[str] = ()
        self.candidates: list[Candidate] = []
        self._names: set[str] = set()
        argv = ["redis-server", "--unixsocket", self.redis_socket, "--save", "", "--appendonly", "no"]
        argv += ["--maxclients", "1000"]
        try:
            self.redis = Process([*argv, *self.redis_options()], self.folder / "redis.log")
            self.redis.wait_until(lambda: listens(socket.AF_UNIX, str(self.redis_socket)), "Redis's start")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        for candidate in list(self.candidates):
            self.remove(candidate)
        if hasattr(self, "redis"):
            self.redis.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def add(self, name: str, executable: Path, options: Sequence[str] = (), workers: int = 1) -> Candidate:
        if not os.access(executable, os.X_OK):
            sys.exit(f"{executable} is not there: make build")
        candidate = Candidate(self, name, executable.resolve(), options, workers)
        self.candidates.append(candidate)
        return candidate

    def remove(self, candidate: Candidate) -> None:
        self.candidates.remove(candidate)
        candidate.stop()
        shutil.rmtree(candidate.folder, ignore_errors=True)

    def states(self, size: int, order: str) -> str:
        """The name of the files with such states."""
        name = f"{order}-{size}"
        if name not in self._names:
            states.write_tails(self.folder, name, size, order)
            self._names.add(name)
        return name

    def cli(self, *words: object, input: bytes | None = None) -> bytes:
        argv = ["redis-cli", "-s", str(self.redis_socket), *map(str, words)]
        return subprocess.run(argv, input=input, capture_output=True, check=True).stdout

    def used_memory(self) -> int:
        """Bytes that Redis has allocated."""
        return int(self.cli("INFO", "memory").split(b"used_memory:")[1].split()[0])

    def fill(self, prefix: str, documents: Sequence[bytes], users: int) -> None:
        """One document a user, written inside Redis: a million takes seconds so."""
        script = (
            b"for u = ARGV[2], ARGV[3] do redis.call('SET', ARGV[1] .. string.format('u%07d:main', u), "
            b"ARGV[5 + u % (#ARGV - 4)], 'EX', ARGV[4]) end"
        )
        step = 10_000
        with socket.socket(socket.AF_UNIX) as link:
            link.connect(str(self.redis_socket))
            for first in range(0, users, step):
                last = min(users, first + step) - 1
                numbers = [b"%d" % number for number in (first, last, SECONDS_TO_LIVE)]
                words = [b"EVAL", script, b"0", prefix.encode(), *numbers, *documents]
                link.sendall(b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words))
                reply = b""
                while not reply.endswith(b"\r\n"):
                    reply += link.recv(4096)
                if reply != b"$-1\r\n":
                    sys.exit(f"filling Redis failed: {reply!r}")
        stored = int(self.cli("DBSIZE"))
        if stored != users:
            sys.exit(f"filling Redis failed: {stored} keys instead of {users}")
