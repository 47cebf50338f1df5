"""A master, two replicas and three sentinels, and failovers of all kinds."""

from __future__ import annotations

import time

from faults import MasterFaults, Reign
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


class SentinelFaults(MasterFaults):
    stand: SentinelStand
    replaced_share = 0.75

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
    def topology(self) -> SentinelSet:
        return self.stand.servers

    def servers(self) -> list[Node]:
        return self.topology.data

    def reign(self) -> Reign:
        master = self.topology.master()
        # A sentinel runs beside each server.
        others = [node for node, server in zip(self.topology.sentinels, self.servers()) if server is not master]
        return Reign(
            master,
            lambda: self.topology.await_another(master),
            lambda: self.topology.await_another(master, others[0]),
        )

    def order_a_failover(self) -> None:
        with self.stand.disturbed():
            self.topology.fail_over()
            self.recover()

    def hold_master(self) -> None:
        """Not for long enough to be replaced, as a rule."""
        with self.stand.disturbed():
            self.hold(self.topology.master(), 0.05, 0.2, 0.5)
            self.recover()

    def hold_replica(self) -> None:
        """Now and then for longer than is waited for it."""
        with self.stand.disturbed():
            self.hold(self.random.choice(self.topology.replicas()), 0.2, 0.7, 1.3)
            self.recover()

    def kill_sentinel(self) -> None:
        sentinel = self.random.choice(self.topology.sentinels)
        sentinel.kill()
        time.sleep(self.random.uniform(0.1, 0.5))
        sentinel.start()
        sentinel.ask(*HASTE)
