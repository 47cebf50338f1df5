"""Restarts workers and reloads web servers under load, in every way of starting workers that the documentation shows, and finds
that no read fails and practically no save.

    python3 Tests/Servers/rolling.py [--requests N] [--seed N] [WAY...]

Of the saves, one in 100,000 may be answered 503 outcome-unknown: its connection was closed in the moment of its next use.
A short run takes times of a tenth, a long one those that are shipped.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import servers
from handed_over import make_handed_over_sockets, start_on_sockets
from programs import free_port, wait_until
from render import render
from sandbox import Sandbox

HERE = Path(__file__).resolve().parent
# From how many requests on the times are those that are shipped: of the web server for idle connections, and of a worker
# that stops.
LONG = 500_000
# One in so many saves may have an unknown outcome.
SAVES = 100_000


class Service:
    """A web server with two workers, whose parts can be replaced."""

    def __init__(self, sandbox: Sandbox, is_short: bool) -> None:
        self.sandbox = sandbox
        self.is_short = is_short
        self.port = 0
        self.restarts = self.reloads = 0

    def times(self, text: str) -> str:
        """A configuration with the times of this run."""
        for old, new in (("keepalive_timeout 5s", "keepalive_timeout 500ms"), ("ttl=5", "ttl=1")):
            text = text.replace(old, new) if self.is_short else text
        return text

    @property
    def environment(self) -> dict[str, str]:
        return {"DASHBOARD_STATE_DRAIN_TIMEOUT": "3"} if self.is_short else {}

    def start_worker(self, number: int) -> None:
        self.sandbox.start_worker(number, "", self.environment)

    def restart_worker(self, number: int) -> None:
        self.sandbox.end(f"worker-{number}")
        self.start_worker(number)
        self.restarts += 1

    def start(self) -> None:
        for number in (1, 2):
            self.start_worker(number)
        self.start_web_server()

    def start_web_server(self) -> None:
        raise NotImplementedError

    def reload(self) -> None:
        raise NotImplementedError


class Nginx(Service):
    """nginx.conf.example, workers on sockets of their own."""

    def start_web_server(self) -> None:
        sandbox = self.sandbox
        self.port, tls = free_port(), free_port()
        (sandbox.folder / "html").mkdir(exist_ok=True)
        render_nginx = servers.TOP / "deploy/render-nginx"
        for example, name in (("deploy/sample-sign-in.nginx.conf", "sign-in.conf"), ("nginx.conf.example", "nginx.conf")):
            text = sandbox.run(
                render_nginx, servers.TOP / example, sandbox.folder, self.port, tls, sandbox.folder / "html"
            )
            sandbox.write(name, self.times(servers.without_limits(text)))
        servers.run_nginx(sandbox, self.port)

    def children(self) -> set[str]:
        process = self.sandbox.process("nginx")
        return set(Path(f"/proc/{process}/task/{process}/children").read_text().split())

    def reload(self) -> None:
        old = self.children()
        os.kill(self.sandbox.process("nginx"), signal.SIGHUP)
        wait_until(lambda: not self.children() & old, "the end of nginx's former processes")
        self.reloads += 1

    def change_workers(self) -> None:
        """Adds a worker, and removes it: it is listed once it serves, and stopped once it is listed no longer."""
        path = self.sandbox.folder / "nginx.conf"
        text = path.read_text()
        first = f"server unix:{self.sandbox.folder}/worker-1.sock max_fails=0;"
        assert first in text
        self.start_worker(3)
        path.write_text(text.replace(first, first + first.replace("worker-1", "worker-3")))
        self.reload()
        time.sleep(0.2)
        path.write_text(text)
        self.reload()
        self.sandbox.end("worker-3")


class NginxSpawned(Nginx):
    """Workers that spawn-fcgi starts."""

    def start_worker(self, number: int) -> None:
        servers.spawn_worker(self.sandbox, number, self.environment)


class NginxTCP(Nginx):
    """nginx-tcp.conf.example."""

    ports: dict[int, int] = {}

    def start_worker(self, number: int) -> None:
        port = self.ports.setdefault(number, free_port())
        self.sandbox.write("proxy-secret", servers.SECRET + "\n", 0o600)
        environment = {"PROXY_SECRET_FILE": f"{self.sandbox.folder}/proxy-secret", **self.environment}
        self.sandbox.start_worker(number, f"tcp:127.0.0.1:{port}", environment)

    def start_web_server(self) -> None:
        self.port = free_port()
        secret = f'fastcgi_param PROXY_SECRET "{servers.SECRET}";\n'
        self.sandbox.write("dashboard-state.secret", secret, 0o600)
        changes = {
            "listen 443 ssl": "listen 127.0.0.1:PORT",
            "server 10.0.0.11:9000": f"server 127.0.0.1:{self.ports[1]}",
            "server 10.0.0.12:9000": f"server 127.0.0.1:{self.ports[2]}",
        }
        text = render(self.sandbox, "deploy/nginx-tcp.conf.example", self.port, changes)
        servers.start_nginx_server(self.sandbox, self.times(text), self.port)

    def change_workers(self) -> None:
        self.reload()


class HandedOver(Service):
    """Workers on sockets that stay, as dashboard-state.socket of systemd has them."""

    def start_worker(self, number: int) -> None:
        if not self.sandbox.listeners:
            make_handed_over_sockets(self.sandbox)
        start_on_sockets(self.sandbox, number, self.environment)

    def change_workers(self) -> None:
        """A worker more for a while: the web server need not know."""
        self.start_worker(3)
        time.sleep(0.2)
        self.sandbox.end("worker-3")


class NginxHandedOver(HandedOver, Nginx):
    pass


class Apache(Service):
    """apache.conf.example, workers on sockets of their own."""

    def start_web_server(self) -> None:
        self.port = servers.start_apache(
            self.sandbox, "deploy/apache.conf.example", {"SSLEngine on": "SSLEngine off"}, self.times
        )

    def reload(self) -> None:
        os.kill(self.sandbox.process("apache"), signal.SIGUSR1)
        time.sleep(0.5)
        self.reloads += 1

    def change_workers(self) -> None:
        self.reload()


class ApacheHandedOver(HandedOver, Apache):
    pass


WAYS: dict[str, type[Service]] = {
    "nginx, own sockets": Nginx,
    "nginx, handed over": NginxHandedOver,
    "nginx, spawn-fcgi": NginxSpawned,
    "nginx, TCP": NginxTCP,
    "Apache, own sockets": Apache,
    "Apache, handed over": ApacheHandedOver,
}


def disturb(service: Service, draw: random.Random, is_running: Callable[[], bool]) -> None:
    """One thing after the other, until the load is done: mostly restarts, one by one."""
    number = 1
    while is_running():
        time.sleep(draw.uniform(0, 0.3))
        what = draw.random()
        if what < 0.8:
            service.restart_worker(number)
            number = 3 - number
        elif what < 0.9:
            service.reload()
        else:
            service.change_workers()


def judge(name: str, service: Service, outcome: dict, seconds: float) -> bool:
    """Prints what became of the requests; whether that is what is promised."""
    saves, reads = dict(outcome["saves"]), dict(outcome["reads"])
    total = sum(saves.values())
    unknown = saves.pop("503 outcome-unknown", 0)
    is_right = set(saves) <= {"200"} and set(reads) <= {"200", "404"} and not outcome["lost"]
    # Of fewer saves one can happen to be unknown.
    is_right = is_right and unknown <= max(1, total // SAVES) and service.restarts > 0
    print(
        f"{name}: {'ok' if is_right else 'FAIL'}: {sum(reads.values())} reads, {total} saves, {unknown} unknown, over "
        f"{service.restarts} restarts and {service.reloads} reloads in {seconds:.0f} s; {outcome['stale']} sent again "
        "on another connection of the client's"
    )
    if not is_right:
        print(f"  saves {saves}, reads {reads}, lost {outcome['lost'][:5]}")
    return is_right


def roll(name: str, requests: int, seed: int) -> bool:
    sandbox = Sandbox(has_relay=False)
    try:
        service = WAYS[name](sandbox, requests < LONG)
        service.start()
        began = time.monotonic()
        load = subprocess.Popen(
            [sys.executable, "-B", HERE / "steady_load.py", str(service.port), str(requests), str(seed)],
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            disturb(service, random.Random(seed), lambda: load.poll() is None)
            assert load.stdout is not None
            text = load.stdout.read()
        finally:
            load.kill()
        if not text:
            raise RuntimeError("the load ended without an outcome")
        return judge(name, service, json.loads(text), time.monotonic() - began)
    except Exception as error:  # noqa: BLE001  the other ways shall be tried nevertheless
        print(f"{name}: FAIL: {type(error).__name__}: {error}")
        sandbox.print_logs()
        return False
    finally:
        sandbox.stop()


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("way", nargs="*", help="only those whose names have this part")
    arguments.add_argument("--requests", type=int, default=16_000, help="for each way (16000)")
    arguments.add_argument("--seed", type=int, default=random.randrange(1 << 32), help="repeats a run")
    options = arguments.parse_args()
    names = [name for name in WAYS if not options.way or any(part in name for part in options.way)]
    print(f"{options.requests} requests for each way, seed {options.seed}")
    outcomes = [roll(name, options.requests, options.seed) for name in names]
    return 0 if outcomes and all(outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
