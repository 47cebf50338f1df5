"""What the histories are made of: Redis of some kind, two workers before it, and nginx with the shipped configuration. The
sign-in believes whoever a request says that it is.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

from network import Network
from programs import free_port
from topologies import Place
from workbench import Workbench

WORKERS = (1, 2)
TIMEOUT = 1000  # milliseconds that Redis has
WAIT_TIMEOUT = 500  # milliseconds that replicas have, where they are waited for
STALE = 1.0  # seconds by which a read may be stale, after a promotion
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


class Stand(Workbench):
    """Without its Redis, which each kind of stand starts."""

    # How long a client waits after an answer 503: an outage shall not use up all that it asks.
    pause = 0.02
    # Whether masters are replaced, so that answers of one that has been can be there.
    replaces_masters = False
    network: Network | None = None

    def __init__(self, seed: str, *, with_nginx: bool, replicas_waited_for: int | None = None) -> None:
        super().__init__("histories")
        self.port = 0
        self.windows: list[tuple[float, float]] = []
        self.users: set[str] = set()  # whose histories are being made
        self._replicas_waited_for = replicas_waited_for
        try:
            self.start_servers(seed)
            for number in WORKERS:
                self.start_a_worker(number)
            if with_nginx:
                self._start_nginx()
        except BaseException:
            self.print_logs()
            self.stop()
            raise

    # ---- Of each kind ----

    def start_servers(self, seed: str) -> None:
        raise NotImplementedError

    def url(self, number: int) -> str:
        """Where a worker finds Redis."""
        raise NotImplementedError

    @property
    def replicas(self) -> int:
        """How many follow a master."""
        return 0

    # ---- Workers ----

    def start_a_worker(self, number: int) -> None:
        count = self.replicas if self._replicas_waited_for is None else self._replicas_waited_for
        waiting = {"REDIS_WAIT_REPLICAS": str(count), "REDIS_WAIT_TIMEOUT": str(WAIT_TIMEOUT)} if count else {}
        self.serve(
            "--threads", "2", "--redis-timeout", TIMEOUT, "--drain-timeout", 2, *self.worker_group,
            name=f"worker-{number}", url=self.url(number), environment=waiting, ahead=self.place_of_worker(number).command,
        )  # fmt: skip

    def place_of_worker(self, number: int) -> Place:
        return self.network.places[f"worker-{number}"] if self.network else Place()

    def _start_nginx(self) -> None:
        self.port = free_port()
        (self.folder / "sign-in.conf").write_text(SIGN_IN % self.folder)
        self.run_nginx_example(self.port)

    # ---- When what a master has said may be taken back ----

    @contextlib.contextmanager
    def disturbed(self) -> Iterator[None]:
        """While something is wrong with the servers, and for as long as reads may be stale behind it."""
        begin = time.monotonic()
        number = len(self.windows)
        self.windows.append((begin, float("inf")))
        try:
            yield
        finally:
            self.windows[number] = (begin, time.monotonic() + STALE)
