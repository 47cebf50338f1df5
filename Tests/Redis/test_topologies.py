"""What other tests start: servers with sentinels, and clusters, of each kind."""

from __future__ import annotations

import unittest

from cases import on_every_server
from certificates import Authority
from topologies import Access, ClusterSet, SentinelSet, key_in, slot_of
from workbench import Workbench, key


class WithBench(unittest.TestCase):
    server = "redis-7.0"

    def setUp(self) -> None:
        self.bench = Workbench("topology")
        self.addCleanup(self.bench.stop)


@on_every_server
class Sentinels:
    seconds = 20

    def setUp(self) -> None:
        self.bench = Workbench("topology")
        self.addCleanup(self.bench.stop)

    def test_failovers(self) -> None:
        servers = SentinelSet(self.bench, server=self.server)
        first = servers.master()
        self.assertIs(first, servers.data[0])
        second = servers.fail_over()
        self.assertIsNot(second, first)
        second.ask("SET", "a", "1")
        second.ask("WAIT", 1, 0)
        second.kill()
        third = servers.await_another(second)
        self.assertIsNot(third, second)
        second.start()
        servers.wait_until_good()
        self.assertEqual(len(servers.replicas()), 2)


class SentinelsByTLS(WithBench):
    seconds = 15

    def test_names_passwords_and_tls(self) -> None:
        authority = Authority(self.bench.folder)
        servers = SentinelSet(
            self.bench, replicas=1,
            access=Access("a password", "app", "~hyvve:* +get", authority, announced_name="localhost"),
            sentinel_access=Access("another", authority=authority, announced_name="localhost"),
        )  # fmt: skip
        self.assertIn("rediss-sentinel://app:a%20password@localhost:", servers.url)
        told = servers.sentinels[0].ask("SENTINEL", "GET-MASTER-ADDR-BY-NAME", "state")
        self.assertEqual(told, ["localhost", str(servers.data[0].port)])
        self.assertIs(servers.fail_over(), servers.data[1])


@on_every_server
class Clusters:
    seconds = 20

    def setUp(self) -> None:
        self.bench = Workbench("topology")
        self.addCleanup(self.bench.stop)

    def test_moves_and_promotions(self) -> None:
        cluster = ClusterSet(self.bench, server=self.server)
        self.assertEqual(cluster.masters(), cluster.nodes[:3])
        first, second, third = cluster.masters()
        user = key_in(42)
        first.ask("SET", key(user), "1")
        cluster.move_slot(slot_of(key(user)), second)
        self.assertIs(cluster.owner(42), second)
        self.assertEqual(second.ask("GET", key(user)), "1")
        [replica] = cluster.replicas(second)
        cluster.fail_over(replica)
        cluster.wait_until_good()
        self.assertIs(cluster.owner(42), replica)
        third.kill()
        self.assertEqual(cluster.await_promotion(third), cluster.nodes[5])
        third.start()
        cluster.wait_until_good()
        self.assertTrue(third.follows())

    def test_nodes_that_come_and_go(self) -> None:
        cluster = ClusterSet(self.bench, server=self.server, masters=2, replicas=0)
        node = cluster.add_node()
        user = key_in(42)
        cluster.nodes[0].ask("SET", key(user), "1")
        cluster.move_slot(42, node)
        cluster.move_slot(43, node)
        follower = cluster.add_node(replica_of=node)
        self.assertEqual(cluster.replicas(node), [follower])
        cluster.wait_until_good()
        cluster.move_all_slots(node)
        cluster.wait_until_good()
        cluster.remove_node(node)
        cluster.wait_until_good()
        self.assertEqual(cluster.owner(42).ask("GET", key(user)), "1")


class ClusterByTLS(WithBench):
    seconds = 15

    def test_names_passwords_and_tls(self) -> None:
        access = Access("a password", "app", authority=Authority(self.bench.folder), announced_name="localhost")
        cluster = ClusterSet(self.bench, access=access)
        self.assertIn("rediss-cluster://app:a%20password@localhost:", cluster.url)
        self.assertEqual(cluster.nodes[0].ask("CLUSTER", "SLOTS")[0][2][0], "localhost")
        user = key_in(42)
        cluster.nodes[0].ask("SET", key(user), "1")
        cluster.move_slot(42, cluster.nodes[1])
        self.assertEqual(cluster.nodes[1].ask("GET", key(user)), "1")
