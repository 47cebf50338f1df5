"""Workers on sockets that stay while they come and go, as dashboard-state.socket of systemd has them."""

from __future__ import annotations

import re
import socket

from programs import TOP
from sandbox import Sandbox


def make_handed_over_sockets(sandbox: Sandbox) -> None:
    """Those of dashboard-state.socket."""
    names = re.findall(r"^ListenStream=.*/(.*)$", (TOP / "deploy/systemd/dashboard-state.socket").read_text(), re.M)
    for name in names:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(sandbox.folder / name))
        (sandbox.folder / name).chmod(0o666)
        listener.listen(4096)
        sandbox.listeners.append(listener)


def start_on_sockets(sandbox: Sandbox, number: int, environment: dict[str, str] | None = None) -> None:
    """As systemd starts a worker: the sockets from descriptor 3 on, and the process's own id."""
    descriptors = tuple(listener.fileno() for listener in sandbox.listeners)
    places = " ".join(f"{place}<&{descriptor}" for place, descriptor in enumerate(descriptors, 3))
    script = f'LISTEN_PID=$$ LISTEN_FDS={len(descriptors)} exec "$@" {places}'
    program = [sandbox.worker, "--redis", sandbox.redis_url]
    name = f"worker-{number}"
    before = sandbox.log(name, 1 << 30).count(" serving ")
    sandbox.start(name, "bash", "-c", script, "-", *program, environment=environment, descriptors=descriptors)
    sandbox.await_start(name, lambda: sandbox.log(name, 1 << 30).count(" serving ") > before)
