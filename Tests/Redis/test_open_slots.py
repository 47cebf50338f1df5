"""A replica takes the place of a master that a slot is on its way from or to: what is answered, how it is seen, and how it is
mended. Redis keeps such a way with the two masters alone; Valkey tells their replicas of it."""

from __future__ import annotations

import re
import subprocess
import time
import unittest

from cases import on_every_server
from programs import TOP, wait_until
from test_check import FINE, UNFIT, check
from test_cluster import OfACluster
from topologies import Node, key_in, slot_of
from workbench import key


class Moving(OfACluster):
    """Of a slot's four users two are here, and two are already there."""

    seconds = 60
    replicas = 1

    @classmethod
    def more(cls) -> dict[str, object]:
        # Nobody is promoted but by order.
        return {"options": [("cluster-require-full-coverage", "no")], "node_timeout": 15_000}

    def setUp(self) -> None:
        super().setUp()
        self.slot = slot_of(key("moving"))
        users = ["moving", *(key_in(self.slot, f"moving{number}") for number in range(3))]
        for user in users:
            self.expect_saved(self.post(5, {"a": user}, user), 5)
        self.source = self.cluster.owner(self.slot)
        self.to = next(node for node in self.cluster.masters() if node is not self.source)
        self.cluster.begin_move(self.slot, self.to)
        self.cluster.move_keys(self.slot, self.to, count=2)
        self.there = [user for user in users if key(user) in self.keys_of(self.to)]
        self.here = [user for user in users if user not in self.there]
        self.assertEqual(len(self.here), 2)
        for node in (self.source, self.to):
            (replica,) = self.cluster.replicas(node)
            wait_until(lambda: set(self.keys_of(replica)) == set(self.keys_of(node)), "a replica that has all")

    def replace(self, former: Node) -> Node:
        """Its replica, which takes its place."""
        (replica,) = self.cluster.replicas(former)
        former.kill()
        self.cluster.fail_over(replica, "TAKEOVER")
        return replica

    def bring_back(self, former: Node) -> None:
        """As a replica."""
        former.start()
        wait_until(former.follows, "a former master that follows", 60)

    def await_answers(self, status: int, *users: str) -> None:
        for user in users:
            wait_until(lambda: self.get(user).status == status, f"{status} for {user}")

    def checked(self) -> tuple[int, str]:
        status, text = check(environment={"REDIS_URL": self.cluster.url})
        return status, "\n".join(line for line in text.splitlines() if "slots" in line)

    def cli(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["redis-cli", *words], capture_output=True, text=True, timeout=60)

    def fix(self, node: Node, *words: str) -> subprocess.CompletedProcess[str]:
        return self.cli("--cluster", "fix", node.address, *words)

    def expect_mended(self, node: Node, *users: str) -> None:
        done = self.fix(node)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.cluster.wait_until_good()
        for user in users:
            self.await_answers(200, user)
            self.assertEqual((self.get(user).json["version"], self.get(user).json["state"]), (5, {"a": user}))
        self.assertNotIn("slots", self.checked()[1])


@on_every_server
class Replaced(Moving):
    def setUp(self) -> None:
        super().setUp()
        # Whether a replica knows what its master was at.
        self.is_told = self.server.startswith("valkey")

    def test_the_source(self) -> None:
        status, text = self.checked()
        self.assertEqual(status, FINE)
        for node in (self.source, self.to):
            self.assertIn(f"warning redis://{node.address}: slots {self.slot} are on their way", text)
        promoted = self.replace(self.source)
        self.await_answers(200, *self.here)
        # They exist, and no node that is asked for them knows it.
        self.await_answers(200 if self.is_told else 404, *self.there)
        if not self.is_told:
            status, text = self.checked()
            self.assertEqual(status, UNFIT)
            self.assertIn(f"error redis://{self.to.address}: slots {self.slot} come here, and their master does not", text)
            self.expect_mended_without(promoted)
        self.bring_back(self.source)
        self.expect_mended(promoted, *self.here, *self.there)

    def expect_mended_without(self, promoted: Node) -> None:
        """While the former master is away."""
        self.assertIn("unreachable masters is dangerous", self.fix(promoted).stdout)
        self.fix(promoted, "--cluster-fix-with-unreachable-masters")
        self.await_answers(200, *self.here, *self.there)

    def test_the_target(self) -> None:
        promoted = self.replace(self.to)
        self.await_answers(200, *self.here)
        self.await_answers(200 if self.is_told else 503, *self.there)
        self.bring_back(self.to)
        if not self.is_told:
            self.await_answers(503, *self.there)
            status, text = self.checked()
            self.assertEqual(status, UNFIT)
            self.assertIn(f"error redis://{self.source.address}: slots {self.slot} leave it, and no master", text)
        self.expect_mended(promoted, *self.here, *self.there)


class SavedAnew(Moving, unittest.TestCase):
    """Redis does not know of what is there, and a user has saved meanwhile."""

    def test_neither_document_is_lost(self) -> None:
        promoted = self.replace(self.source)
        anew, other = self.there
        self.await_answers(404, anew)
        self.expect_saved(self.post(1, {"a": "anew"}, anew), 1)
        self.bring_back(self.source)
        done = self.fix(promoted)
        self.assertIn("Target key exists", done.stdout)
        self.assertNotEqual(done.returncode, 0)
        # Both are there: the newer one is served, and the older one can be read by hand, and taken away.
        self.assertEqual(self.get(anew).json["version"], 1)
        at = (*self.to.address.split(":"), key(anew))
        self.assertIn('"version":5', self.type_in("What is found twice", "GET", *at))
        self.type_in("What is found twice", "DEL", *at)
        self.expect_mended(promoted, *self.here, other)
        self.assertEqual(self.get(anew).json["version"], 1)

    def type_in(self, what: str, command: str, host: str, port: str, name: str) -> str:
        """The documentation's line with this command."""
        text = (TOP / "docs/redis.md").read_text()
        [line] = re.findall(rf"^printf '.*{command}.*$", text, re.MULTILINE)
        for there, here in {"10.0.0.1": host, "6379": port, "KEY": name}.items():
            self.assertIn(there, line)
            line = line.replace(there, here)
        done = subprocess.run(["bash", "-ec", line], capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout


class NotReplaced(Moving, unittest.TestCase):
    """Nobody is promoted while slots move, where the documentation's line has been typed."""

    @classmethod
    def more(cls) -> dict[str, object]:
        always = ("appendonly", "yes"), ("appendfsync", "always")
        return {"options": [*always, ("cluster-require-full-coverage", "no")], "node_timeout": 15_000}

    def order(self, value: str) -> None:
        text = (TOP / "docs/scaling.md").read_text()
        [line] = re.findall(rf"redis-cli --cluster call \S+ CONFIG SET cluster-replica-no-failover {value}", text)
        words = line.replace("10.0.0.1:6379", self.to.address).split()[1:]
        self.assertEqual(self.cli(*words).returncode, 0)

    def set_timeout(self, milliseconds: int) -> None:
        """After which one that is silent counts as failed. Too short for a busy machine while nobody shall."""
        for node in self.cluster.running():
            node.ask("CONFIG", "SET", "cluster-node-timeout", milliseconds)

    def test_the_source_comes_back(self) -> None:
        self.order("yes")
        (replica,) = self.cluster.replicas(self.source)
        self.source.kill()
        self.set_timeout(500)
        wait_until(lambda: " master,fail " in replica.ask("CLUSTER", "NODES"), "a master that counts as failed", 60)
        # Four times what an election takes.
        time.sleep(4)
        self.assertFalse(replica.is_master)
        self.set_timeout(15_000)
        for user in self.here + self.there:
            self.expect(self.get(user), 503, "storage-unavailable")
        self.source.start()
        self.await_answers(200, *self.here, *self.there)
        self.order("no")
        while self.cluster.move_keys(self.slot, self.to):
            pass
        self.cluster.end_move(self.slot, self.to)


if __name__ == "__main__":
    unittest.main()
