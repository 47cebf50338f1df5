"""A cluster of three masters with a replica each: slots that move, masters that go, and a network that is parted."""

from __future__ import annotations

import contextlib
import time

import resp
from faults import Faults
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


class ClusterFaults(Faults):
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
    def cluster(self) -> ClusterSet:
        return self.stand.cluster

    def _slot(self) -> int:
        users = list(self.stand.users) or ["nobody"]
        return slot_of(key(self.random.choice(users)))

    def _master(self) -> tuple[Node, int]:
        slot = self._slot()
        master = self.cluster.owner(slot)
        assert master is not None
        return master, slot

    def move_a_slot(self) -> None:
        """Slowly, and every other time back."""
        slot = self._slot()
        with self.stand.disturbed():
            for _ in range(self.random.choice((1, 2))):
                # Not one that has it already, whatever another still says.
                owners = {node: self.cluster.owner(slot, node) for node in self.cluster.masters()}
                target = self.random.choice([node for node, owner in owners.items() if owner not in (node, None)])
                self.cluster.begin_move(slot, target)
                time.sleep(self.random.uniform(0, 0.3))
                while self.cluster.move_keys(slot, target, 1):
                    time.sleep(self.random.uniform(0, 0.05))
                time.sleep(self.random.uniform(0, 0.3))
                while self.cluster.move_keys(slot, target):
                    pass
                self.cluster.end_move(slot, target)
            self._recover()

    def kill_master(self) -> None:
        with self.stand.disturbed():
            master, slot = self._master()
            master.kill()
            self.cluster.await_promotion(master, slot)
            time.sleep(self.random.uniform(0, 0.3))
            master.start()
            self._recover()

    def order_a_promotion(self) -> None:
        with self.stand.disturbed():
            master, _ = self._master()
            replicas = self.cluster.replicas(master)
            if replicas:
                self.cluster.fail_over(replicas[0])
            self._recover()

    def pause_master(self) -> None:
        """It wakes as a master that has been replaced."""
        with self.stand.disturbed():
            master, slot = self._master()
            master.pause()
            try:
                self.cluster.await_promotion(master, slot)
                time.sleep(self.random.uniform(0, 1))
            finally:
                master.resume()
            self._recover()

    def hold_replica(self) -> None:
        with self.stand.disturbed():
            master, _ = self._master()
            for node in self.cluster.replicas(master):
                node.pause()
                try:
                    time.sleep(self.random.choice((0.2, 0.6)))
                finally:
                    node.resume()
            self._recover()

    def part_master(self) -> None:
        """With one of the workers, from all others: a minority."""
        network = self.stand.network
        assert network is not None
        with self.stand.disturbed():
            master, slot = self._master()
            view = next(node for node in self.cluster.nodes if node is not master)
            network.part(f"server-{self.cluster.nodes.index(master) + 1}", f"worker-{self.worker()}")
            try:
                wait_until(lambda: self.cluster.owner(slot, view) is not master, "a promotion", 60)
                time.sleep(self.random.uniform(0, 1))
            finally:
                network.heal()
            self._recover()

    def _recover(self) -> None:
        with contextlib.suppress(resp.RedisError):
            self.cluster.wait_until_good(60)
