"""A master, two replicas and three sentinels, and failovers of all kinds."""

from __future__ import annotations

import contextlib
import time

import resp
from faults import Faults
from network import Network, can_enter
from stand import Stand
from topologies import Node, Place, SentinelSet

# What sentinels do each second or ten (they know the command since 7.0): a demoted server is told so after four of these.
HASTE = ("SENTINEL", "DEBUG", "PUBLISH-PERIOD", "250", "INFO-PERIOD", "500")


class SentinelStand(Stand):
    pause = 0.25
    replaces_masters = True

    def start_servers(self, seed: str) -> None:
        names = ["server-1", "server-2", "server-3"]
        if can_enter():
            self.network = Network([*names, "worker-1", "worker-2"])
        places = [self.network.places[name] for name in names] if self.network else [Place()]
        # A write is with the kernel before it is answered, so what is killed and starts again has it.
        log = [("appendonly", "yes"), ("appendfsync", "everysec")]
        self.servers = SentinelSet(self, options=log, places=places, failover_timeout=1500)
        for sentinel in self.servers.sentinels:
            sentinel.ask(*HASTE)

    def url(self, number: int) -> str:
        return self.servers.url

    @property
    def replicas(self) -> int:
        return len(self.servers.data) - 1


class SentinelFaults(Faults):
    stand: SentinelStand

    def kinds(self) -> dict:
        kinds = super().kinds() | {
            self.kill_master: 3,
            self.order_a_failover: 3,
            self.pause_master: 3,
            self.hold_master: 2,
            self.hold_replica: 2,
            self.kill_sentinel: 1,
        }
        return kinds | {self.part_master: 3} if self.stand.network else kinds

    @property
    def servers(self) -> SentinelSet:
        return self.stand.servers

    def kill_master(self) -> None:
        with self.stand.disturbed():
            master = self.servers.master()
            master.kill()
            if self.random.random() < 0.75:
                self.servers.await_another(master)
            time.sleep(self.random.uniform(0, 0.3))
            master.start()
            self._recover()

    def order_a_failover(self) -> None:
        with self.stand.disturbed():
            self.servers.fail_over()
            self._recover()

    def pause_master(self) -> None:
        """It wakes as a master that has been replaced."""
        with self.stand.disturbed():
            master = self.servers.master()
            master.pause()
            try:
                self.servers.await_another(master)
                time.sleep(self.random.uniform(0, 1))
            finally:
                master.resume()
            self._recover()

    def hold_master(self) -> None:
        """Not for long enough to be replaced, as a rule."""
        with self.stand.disturbed():
            self._hold(self.servers.master(), (0.05, 0.2, 0.5))

    def hold_replica(self) -> None:
        """Now and then for longer than is waited for it."""
        with self.stand.disturbed():
            self._hold(self.random.choice(self.servers.replicas()), (0.2, 0.7, 1.3))

    def _hold(self, node: Node, seconds: tuple[float, ...]) -> None:
        node.pause()
        try:
            time.sleep(self.random.choice(seconds))
        finally:
            node.resume()
        self._recover()

    def kill_sentinel(self) -> None:
        sentinel = self.random.choice(self.servers.sentinels)
        sentinel.kill()
        time.sleep(self.random.uniform(0.1, 0.5))
        sentinel.start()
        sentinel.ask(*HASTE)

    def part_master(self) -> None:
        """With one of the workers and the sentinel beside it, from all others."""
        network = self.stand.network
        assert network is not None
        with self.stand.disturbed():
            master = self.servers.master()
            index = self.servers.data.index(master)
            network.part(f"server-{index + 1}", f"worker-{self.worker()}")
            try:
                others = [node for number, node in enumerate(self.servers.sentinels) if number != index]
                self.servers.await_another(master, others[0])
                time.sleep(self.random.uniform(0, 1))
            finally:
                network.heal()
            self._recover()

    def _recover(self) -> None:
        with contextlib.suppress(resp.RedisError):
            self.servers.wait_until_good(60)
