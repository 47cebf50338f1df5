"""A cluster of three masters with a replica each: slots that move, masters that go, and a network that is parted."""

from __future__ import annotations

import time

from faults import MasterFaults, Reign
from network import Network, can_enter
from programs import wait_until
from stand import Stand
from topologies import ClusterSet, Node, Place, slot_of
from workbench import key


class ClusterStand(Stand):
    pause = 0.25
    replaces_masters = True

    def start_servers(self, seed: str) -> None:
        names = [f"server-{number}" for number in range(1, 7)]
        if can_enter():
            self.network = Network([*names, "worker-1", "worker-2"])
        places = [self.network.places[name] for name in names] if self.network else [Place()]
        log = [("appendonly", "yes"), ("appendfsync", "everysec"), ("cluster-require-full-coverage", "no")]
        self.cluster = ClusterSet(self, options=log, places=places, node_timeout=700)

    def url(self, number: int) -> str:
        return self.cluster.url

    @property
    def replicas(self) -> int:
        return 1


class ClusterFaults(MasterFaults):
    """Those of a master are of one that the histories which go on use, as are the slots."""

    stand: ClusterStand

    def kinds(self) -> dict:
        kinds = super().kinds() | {
            self.move_a_slot: 8,
            self.kill_master: 2,
            self.order_a_promotion: 3,
            self.pause_master: 2,
            self.hold_replica: 2,
        }
        return kinds | {self.part_master: 2} if self.stand.network else kinds

    @property
    def topology(self) -> ClusterSet:
        return self.stand.cluster

    def servers(self) -> list[Node]:
        return self.topology.nodes

    def reign(self) -> Reign:
        slot = self._slot()
        master = self.topology.owner(slot)
        assert master is not None

        def await_end_elsewhere() -> None:
            view = next(node for node in self.servers() if node is not master)
            wait_until(lambda: self.topology.owner(slot, view) is not master, "a promotion", 60)

        return Reign(master, lambda: self.topology.await_promotion(master, slot), await_end_elsewhere)

    def _slot(self) -> int:
        users = list(self.stand.users) or ["nobody"]
        return slot_of(key(self.random.choice(users)))

    def move_a_slot(self) -> None:
        """Slowly, and every other time back."""
        slot = self._slot()
        with self.stand.disturbed():
            for _ in range(self.random.choice((1, 2))):
                # Not one that has it already, whatever another still says.
                owners = {node: self.topology.owner(slot, node) for node in self.topology.masters()}
                target = self.random.choice([node for node, owner in owners.items() if owner not in (node, None)])
                self.topology.begin_move(slot, target)
                time.sleep(self.random.uniform(0, 0.3))
                while self.topology.move_keys(slot, target, 1):
                    time.sleep(self.random.uniform(0, 0.05))
                time.sleep(self.random.uniform(0, 0.3))
                while self.topology.move_keys(slot, target):
                    pass
                self.topology.end_move(slot, target)
            self.recover()

    def order_a_promotion(self) -> None:
        with self.stand.disturbed():
            replicas = self.topology.replicas(self.reign().master)
            if replicas:
                self.topology.fail_over(replicas[0])
            self.recover()

    def hold_replica(self) -> None:
        with self.stand.disturbed():
            for node in self.topology.replicas(self.reign().master):
                self.hold(node, 0.2, 0.6)
            self.recover()
