"""User-mode instructions a request, counted by callgrind: what no clock can tell, since they are the same whatever else
the machine does. One connection, one request at a time, straight to a worker."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from . import states
from .stack import TOP, Process, Stack, listens

sys.path.append(str(TOP / "Tests/PythonSupport"))

import fastcgi  # noqa: E402

# The parameters of nginx.conf.example for a browser's request, but for method and body.
PARAMS = {
    "SCRIPT_NAME": "/api/dashboard/state",
    "QUERY_STRING": "",
    "SERVER_SOFTWARE": "nginx/1.22.1",
    "REQUEST_ID": "4bf92f3577b34da6a3ce929d0e0e4736",
    "REMOTE_USER": "u0000001",
    "REMOTE_WORKSPACE": "main",
    "HTTP_HOST": "dashboard.example.org",
    "HTTP_ACCEPT": "*/*",
    "HTTP_ACCEPT_ENCODING": "gzip, deflate, br",
    "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
}
# Those before: what they and a worker's start cost is subtracted.
FIRST = 100
# Each count is the least of so many.
TRIES = 2
Ask = Callable[[fastcgi.Connection, int], None]


def prepare() -> None:
    missing = [name for name in ("redis-server", "valgrind") if not shutil.which(name)]
    if missing:
        sys.exit(f"missing: {', '.join(missing)} (deploy/install-packages bench installs them)")


def measure(
    worker: Path, only: str = "", make_stack: Callable[[], Stack] = Stack, options: Sequence[str] = ()
) -> dict[str, int]:
    """Instructions of one request of each kind whose name has these words in it, of a worker with these options
    and variables (`NAME=VALUE`) too."""
    # On one processor the worker, Redis and this program take turns in the same order each time.
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    counts = {}
    with make_stack() as stack:
        stack.worker_options = options
        for name, kind in KINDS.items():
            # A CGI program reads no options.
            if only in name and not (options and name == "cgi-get"):
                counts[name] = kind(stack, worker)
    return counts


def _reads(size: int, count: int) -> Callable[[Stack, Path], int]:
    tail = states.body_tail(size, "canonical", seed=1)

    def ask(connection: fastcgi.Connection, number: int) -> None:
        if number == 0:
            _exchange(connection, "POST", b'{"version":1' + tail)
        _exchange(connection, "GET")

    return lambda stack, worker: _served(stack, worker, ask, count)


def _saves(size: int, order: str, count: int) -> Callable[[Stack, Path], int]:
    tail = states.body_tail(size, order, seed=1)

    def ask(connection: fastcgi.Connection, number: int) -> None:
        _exchange(connection, "POST", b'{"version":%d' % (1000 + number) + tail)

    return lambda stack, worker: _served(stack, worker, ask, count)


def _exchange(connection: fastcgi.Connection, method: str, body: bytes = b"") -> None:
    answer = fastcgi.Answer(connection.exchange(_params(method, body), body))
    if answer.status != 200 or (body and answer.json["success"] is not True):
        sys.exit(f"{method}: {answer}")


def _params(method: str, body: bytes) -> list[tuple[str, str]]:
    content = {"CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(body))} if body else {}
    return list(({"REQUEST_METHOD": method} | PARAMS | content).items())


def _served(stack: Stack, worker: Path, ask: Ask, count: int) -> int:
    first, all_of_them = (
        min(_requests(stack, worker, ask, number) for _ in range(TRIES)) for number in (FIRST, FIRST + count)
    )
    return round((all_of_them - first) / count)


def _requests(stack: Stack, worker: Path, ask: Ask, count: int) -> int:
    """What a worker takes for so many requests, from its start to its end."""
    stack.cli("FLUSHALL", "SYNC")
    path = stack.folder / "counted.sock"
    usual = [f"--listen=unix:{path}", f"--redis={stack.redis_url}", "--threads=1", "--log-level=warning"]
    given = [option for option in stack.worker_options if option.startswith("--")]
    names = [option.split("=")[0] for option in given]
    options = [*(option for option in usual if option.split("=")[0] not in names), *given]
    profile = stack.folder / "profile"
    environment = _environment() | stack.redis_environment
    environment |= dict(option.split("=", 1) for option in stack.worker_options if not option.startswith("--"))
    process = Process([*_callgrind(profile), worker, *options], stack.folder / "counted.log", environment)
    try:
        process.wait_until(lambda: listens(socket.AF_UNIX, str(path)), "listening")
        with fastcgi.Connection(path, timeout=60) as connection:
            process.wait_until(lambda: _is_ready(stack, connection), "finding Redis")
            for number in range(count):
                ask(connection, number)
    except fastcgi.NoAnswer as error:
        sys.exit(f"{error}:\n{process.output()}")
    finally:
        process.stop(patience=60)
        path.unlink(missing_ok=True)
    return _total(profile)


def _is_ready(stack: Stack, connection: fastcgi.Connection) -> bool:
    """Asks the worker itself but once, as a rule: an answer is counted."""
    # redis-cli is a client itself.
    if len(stack.cli("CLIENT", "LIST").splitlines()) < 2:
        return False
    time.sleep(0.5)
    return connection.ask("GET", path="/readyz").status == 200


def _program(stack: Stack, worker: Path) -> int:
    """A read by a process that a web server has started for it, from its start to its end."""
    stack.cli("FLUSHALL", "SYNC")
    environment = _environment() | dict(_params("GET", b""))
    environment |= {"GATEWAY_INTERFACE": "CGI/1.1", "REDIS_URL": stack.redis_url} | stack.redis_environment
    environment["DASHBOARD_STATE_LOG_LEVEL"] = "warning"
    profile = stack.folder / "profile"
    totals = []
    for _ in range(TRIES):
        done = subprocess.run(
            [*_callgrind(profile), worker], env=environment, stdin=subprocess.DEVNULL, capture_output=True
        )
        if not done.stdout.startswith(b"Status: 404"):
            sys.exit(f"as a CGI program: {done.stdout!r} {done.stderr!r}")
        totals.append(_total(profile))
    return min(totals)


KINDS: dict[str, Callable[[Stack, Path], int]] = {
    "get-2k": _reads(2 * 1024, 1000),
    "get-20k": _reads(20 * 1024, 1000),
    "save-2k": _saves(2 * 1024, "canonical", 300),
    "save-20k": _saves(20 * 1024, "canonical", 100),
    "save-20k-browser": _saves(20 * 1024, "browser", 100),
    "cgi-get": _program,
}


def _callgrind(profile: Path) -> list[str]:
    return ["valgrind", "--tool=callgrind", f"--callgrind-out-file={profile}"]


def _environment() -> dict[str, str]:
    # Dictionaries lie differently in each process otherwise.
    return {"PATH": "/usr/bin:/bin", "SWIFT_DETERMINISTIC_HASHING": "1"}


def _total(profile: Path) -> int:
    text = profile.read_text()
    profile.unlink()
    found = re.search(r"^(?:summary|totals): (\d+)", text, re.MULTILINE)
    if not found:
        sys.exit("callgrind has counted nothing")
    return int(found[1])
