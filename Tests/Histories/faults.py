"""What goes wrong meanwhile, drawn from a seed."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable

from stand import WORKERS, Stand


class Faults:
    """One after the other, with pauses in which all is well. Those of Redis are added by each kind of it."""

    def __init__(self, stand: Stand, seed: str) -> None:
        self.stand = stand
        self.random = random.Random(f"{seed} faults")
        self.counts: Counter[str] = Counter()

    def kinds(self) -> dict[Callable[[], None], int]:
        """Each with its weight."""
        return {self.kill_worker: 2, self.end_worker: 2}

    def one(self) -> None:
        time.sleep(self.random.uniform(0.02, 0.3))
        kinds = self.kinds()
        fault = self.random.choices(list(kinds), list(kinds.values()))[0]
        self.counts[fault.__name__.replace("_", " ")] += 1
        fault()

    def worker(self) -> int:
        return self.random.choice(WORKERS)

    def kill_worker(self) -> None:
        number = self.worker()
        self.stand.kill(f"worker-{number}")
        time.sleep(self.random.uniform(0, 0.2))
        self.stand.start_a_worker(number)

    def end_worker(self) -> None:
        number = self.worker()
        self.stand.end(f"worker-{number}")
        self.stand.start_a_worker(number)
