"""What goes wrong meanwhile, drawn from a seed."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter

from stand import WORKERS, Stand


class Faults:
    """One after the other, with pauses in which all is well."""

    def __init__(self, stand: Stand, seed: str) -> None:
        self._stand = stand
        self._random = random.Random(f"{seed} faults")
        self.counts: Counter[str] = Counter()
        self._kinds = {
            self.cut_connections: 4,
            self.swallow_answers: 4,
            self.kill_worker: 2,
            self.end_worker: 2,
            self.kill_redis: 1,
            self.hold_redis: 1,
            self.flush_scripts: 1,
        }

    def one(self) -> None:
        time.sleep(self._random.uniform(0.02, 0.3))
        fault = self._random.choices(list(self._kinds), list(self._kinds.values()))[0]
        self.counts[fault.__name__.replace("_", " ")] += 1
        fault()

    def _worker(self) -> int:
        return self._random.choice(WORKERS)

    def cut_connections(self) -> None:
        self._stand.links[self._worker()].proxy.cut()

    def swallow_answers(self) -> None:
        self._stand.links[self._worker()].swallow(self._random.uniform(0.01, 0.15))

    def kill_worker(self) -> None:
        number = self._worker()
        self._stand.kill(f"worker-{number}")
        time.sleep(self._random.uniform(0, 0.2))
        self._stand.start_a_worker(number)

    def end_worker(self) -> None:
        number = self._worker()
        self._stand.end(f"worker-{number}")
        self._stand.start_a_worker(number)

    def kill_redis(self) -> None:
        self._stand.kill("redis")
        time.sleep(self._random.uniform(0, 0.3))
        self._stand.start_redis_anew()

    def hold_redis(self) -> None:
        """Now and then for longer than workers wait."""
        self._stand.signal("redis", signal.SIGSTOP)
        time.sleep(self._random.choice((0.05, 0.2, 0.5, 1.3)))
        self._stand.signal("redis", signal.SIGCONT)

    def flush_scripts(self) -> None:
        self._stand.redis("SCRIPT", "FLUSH")
