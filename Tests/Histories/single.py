"""One Redis with its data on disk, and a proxy before each of the workers."""

from __future__ import annotations

import random
import signal
import threading
import time

from faults import Faults
from peers import Pair, Proxy
from stand import WORKERS, Stand


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


class SingleStand(Stand):
    def start_servers(self, seed: str) -> None:
        self.start_redis_anew()
        self.links = {number: Link(self, number, random.Random(f"{seed} link {number}")) for number in WORKERS}

    def start_redis_anew(self) -> None:
        """With what it had: every write is on disk before it is answered."""
        self.start_redis("--appendonly", "yes", "--appendfsync", "always")

    def url(self, number: int) -> str:
        return f"unix://{self.links[number].path}"

    def stop(self) -> None:
        for link in getattr(self, "links", {}).values():
            link.proxy.close()
        super().stop()


class SingleFaults(Faults):
    stand: SingleStand

    def kinds(self) -> dict:
        return super().kinds() | {
            self.cut_connections: 4,
            self.swallow_answers: 4,
            self.kill_redis: 1,
            self.hold_redis: 1,
            self.flush_scripts: 1,
        }

    def cut_connections(self) -> None:
        self.stand.links[self.worker()].proxy.cut()

    def swallow_answers(self) -> None:
        self.stand.links[self.worker()].swallow(self.random.uniform(0.01, 0.15))

    def kill_redis(self) -> None:
        self.stand.kill("redis")
        time.sleep(self.random.uniform(0, 0.3))
        self.stand.start_redis_anew()

    def hold_redis(self) -> None:
        """Now and then for longer than workers wait."""
        self.stand.signal("redis", signal.SIGSTOP)
        time.sleep(self.random.choice((0.05, 0.2, 0.5, 1.3)))
        self.stand.signal("redis", signal.SIGCONT)

    def flush_scripts(self) -> None:
        self.stand.redis("SCRIPT", "FLUSH")
