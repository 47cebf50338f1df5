"""What the histories are made of: Redis with its data on disk, a proxy before each of two workers, and nginx with the
shipped configuration. The sign-in believes whoever a request says that it is.
"""

from __future__ import annotations

import random
import threading
import time

from peers import Pair, Proxy
from programs import free_port, wait_until
from workbench import Workbench

WORKERS = (1, 2)
TIMEOUT = 1000  # milliseconds that Redis has
SIGN_IN = """
server {
    listen unix:%s/sign-in.sock;
    access_log off;
    location = /auth {
        add_header X-Auth-Request-User $http_x_test_user;
        add_header X-Auth-Request-Workspace w1;
        return 204;
    }
}
"""


class Link:
    """A proxy between a worker and Redis, and what is wrong with it."""

    def __init__(self, stand: Stand, number: int, random_numbers: random.Random) -> None:
        self._random = random_numbers
        self._swallows_until = 0.0
        self._silent: set[Pair] = set()
        self._lock = threading.Lock()
        self.path = stand.socket(f"link-{number}")
        self.proxy = Proxy(self.path, stand.socket("redis"), self._up, self._down)

    def swallow(self, seconds: float) -> None:
        """Answers get lost for a while; then the connections end."""
        self._swallows_until = time.monotonic() + seconds
        time.sleep(seconds)
        self.proxy.cut()

    def _up(self, data: bytes, pair: Pair) -> bytes:
        # A new connection takes a moment now and then.
        if b"HELLO" in data:
            with self._lock:
                delay = self._random.choice((0, 0, 0.02, 0.1, 0.3))
            time.sleep(delay)
        return data

    def _down(self, data: bytes, pair: Pair) -> bytes | None:
        # A connection may lose its end, but nothing out of its middle: later answers would be taken for those.
        if time.monotonic() < self._swallows_until:
            self._silent.add(pair)
        return None if pair in self._silent else data


class Stand(Workbench):
    def __init__(self, seed: str, *, with_nginx: bool) -> None:
        super().__init__("histories")
        self.port = 0
        self.links: dict[int, Link] = {}
        try:
            self.start_redis_anew()
            for number in WORKERS:
                self.links[number] = Link(self, number, random.Random(f"{seed} link {number}"))
                self.start_a_worker(number)
            if with_nginx:
                self._start_nginx()
        except BaseException:
            self.print_logs()
            self.stop()
            raise

    def start_redis_anew(self) -> None:
        """With what it had: every write is on disk before it is answered."""
        self.start_redis("--appendonly", "yes", "--appendfsync", "always")

    def start_a_worker(self, number: int) -> None:
        self.serve(
            "--threads", "2", "--redis-timeout", TIMEOUT, "--drain-timeout", 2, *self.worker_group,
            name=f"worker-{number}", url=f"unix://{self.links[number].path}",
        )  # fmt: skip

    def _start_nginx(self) -> None:
        self.port = free_port()
        (self.folder / "sign-in.conf").write_text(SIGN_IN % self.folder)
        self.run_nginx_example(self.port)

    def stop(self) -> None:
        for link in self.links.values():
            link.proxy.close()
        super().stop()
