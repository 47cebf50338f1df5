"""What goes wrong meanwhile, drawn from a seed."""

from __future__ import annotations

import contextlib
import random
import time
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

import resp
from network import Network
from stand import WORKERS, Stand
from topologies import ClusterSet, Node, SentinelSet


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


class Reign(NamedTuple):
    """A master, and how to wait for the one that takes its place."""

    master: Node
    await_end: Callable[[], object]
    # The same, by what somebody says who is not parted with it.
    await_end_elsewhere: Callable[[], object]


class MasterFaults(Faults):
    """What becomes of masters that others take the place of."""

    # How often one that is killed comes back only when it has been replaced.
    replaced_share = 1.0

    @property
    def topology(self) -> SentinelSet | ClusterSet:
        raise NotImplementedError

    def reign(self) -> Reign:
        """Of a master that requests go to."""
        raise NotImplementedError

    def servers(self) -> list[Node]:
        """Those that keep states, in the order of their places in the network."""
        raise NotImplementedError

    def kill_master(self) -> None:
        with self.stand.disturbed():
            reign = self.reign()
            reign.master.kill()
            if self.random.random() < self.replaced_share:
                reign.await_end()
            time.sleep(self.random.uniform(0, 0.3))
            reign.master.start()
            self.recover()

    def pause_master(self) -> None:
        """It wakes as a master that has been replaced."""
        with self.stand.disturbed():
            reign = self.reign()
            reign.master.pause()
            try:
                reign.await_end()
                time.sleep(self.random.uniform(0, 1))
            finally:
                reign.master.resume()
            self.recover()

    def part_master(self) -> None:
        """With one of the workers and what is beside it, from all others."""
        network: Network | None = self.stand.network
        assert network is not None
        with self.stand.disturbed():
            reign = self.reign()
            index = self.servers().index(reign.master)
            network.part(f"server-{index + 1}", f"worker-{self.worker()}")
            try:
                reign.await_end_elsewhere()
                time.sleep(self.random.uniform(0, 1))
            finally:
                network.heal()
            self.recover()

    def hold(self, node: Node, *seconds: float) -> None:
        """Lets it stand still for one of these times."""
        node.pause()
        try:
            time.sleep(self.random.choice(seconds))
        finally:
            node.resume()

    def recover(self) -> None:
        with contextlib.suppress(resp.RedisError):
            self.topology.wait_until_good(60)
