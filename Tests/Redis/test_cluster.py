"""Redis Cluster: states lie where their slots are, and go on being served while those move, and masters come and go."""

from __future__ import annotations

import itertools
import os
import subprocess
import threading
import time
import unittest

from cases import LARGE, Checks, on_every_server
from certificates import Authority
from cluster_load import Users
from fastcgi import Answer
from peers import Proxy
from programs import TOP, free_port, is_ready, wait_until
from test_rights import documented
from topologies import Access, ClusterSet, Node, key_in, slot_of
from workbench import Workbench, document, key


# What the documentation lists beside the rights that a server alone wants.
IN_CLUSTERS = ("cluster|slots", "asking")


class OfACluster(Checks):
    """A worker on a cluster without replicas, shared by the tests of a class."""

    seconds = 60
    masters, replicas = 3, 0
    cluster: ClusterSet

    @classmethod
    def setUpClass(cls) -> None:
        cls.bench = Workbench("cluster")
        cls.addClassCleanup(cls.bench.stop)
        cls.cluster = ClusterSet(
            cls.bench, server=cls.server, masters=cls.masters, replicas=cls.replicas, **cls.more()
        )
        cls.bench.serve(*cls.worker_options, url=cls.cluster.url, environment=cls.cluster.environment | cls.environment)
        cls.bench.await_answer(404)

    @classmethod
    def more(cls) -> dict[str, object]:
        return {}

    def setUp(self) -> None:
        self.cluster.wait_until_good()
        for node in self.cluster.masters():
            node.ask("FLUSHALL")

    def get(self, user: str, **more: str) -> Answer:
        return self.bench.ask("GET", user=user, **more)

    def post(self, version: int, state: object, user: str, **more: str) -> Answer:
        return self.bench.post(version, state, user=user, **more)

    def delete(self, user: str, **more: str) -> Answer:
        return self.bench.ask("DELETE", user=user, **more)

    def keys_of(self, node: Node) -> list[str]:
        return node.ask("KEYS", "*")

    def some_of(self, node: Node, count: int) -> list[str]:
        """Users whose states are this master's."""
        names = (f"u{number}" for number in itertools.count())
        its = (user for user in names if self.cluster.owner(slot_of(key(user))) is node)
        return list(itertools.islice(its, count))

    def load(self, users: list[str]) -> Users:
        load = Users(self.bench, users)
        self.addCleanup(load.stop)
        return load

    def expect_served(self, user: str) -> None:
        """Every kind of request."""
        self.expect(self.get(user), 404, "nothing-stored")
        for version, state in ((1, {"a": 1}), (2, {"a": LARGE})):
            self.expect_saved(self.post(version, state, user), version, over=version > 1)
            self.assertEqual(self.get(user).json["state"], state)
        self.expect_refused(self.post(1, {"a": LARGE}, user), 2)
        self.expect_saved(self.post(3, {"a": 3}, user, if_match=self.get(user).etag), 3, over=True)
        self.expect(self.delete(user, if_match='"other"'), 412, "precondition-failed")
        self.assertTrue(self.delete(user, if_match="*").json["success"])
        self.assertFalse(self.delete(user).json["success"])
        self.expect(self.get(user), 404, "nothing-stored")


@on_every_server
class Slots(OfACluster):
    """Slots that stay, and slots that move."""

    def test_states_lie_where_their_slots_are(self) -> None:
        for number in range(30):
            user = f"u{number}"
            self.expect_saved(self.post(1, {"a": LARGE if number % 2 else number}, user), 1)
            owner = self.cluster.owner(slot_of(key(user)))
            self.assertIn(key(user), self.keys_of(owner))
        for node in self.cluster.masters():
            self.assertFalse([name for name in self.keys_of(node) if "staging" in name])
        for number in range(30):
            self.expect_served(f"v{number}")
        self.assertEqual(self.bench.readiness(), "ready")
        self.assertEqual(self.bench.log_lines("Redis refuse"), [])

    def test_first_requests_find_connections_and_scripts_at_each_master(self) -> None:
        masters = self.cluster.masters()
        for node in masters:
            node.ask("SCRIPT", "FLUSH")
            node.ask("CONFIG", "RESETSTAT")
        admin = self.bench.folder / "admin.sock"
        self.bench.serve("--threads", "1", "--admin", f"unix:{admin}", name="warm", url=self.cluster.url)
        wait_until(lambda: is_ready(admin), "readiness")
        before = [self.workers_of(node) for node in masters]
        with self.bench.connect("warm") as connection:
            for user in (user for node in masters for user in self.some_of(node, 2)):
                self.expect_saved(connection.ask("POST", document(1, {"a": 1}), user=user), 1)
        self.assertEqual([self.workers_of(node) for node in masters], before)
        for node in masters:
            self.assertNotIn("errorstat_NOSCRIPT", node.info("errorstats"))
        self.bench.kill("warm")

    def workers_of(self, node: Node) -> set[str]:
        """Their connections, by numbers."""
        clients = node.ask("CLIENT", "LIST", "TYPE", "normal").splitlines()
        return {line.split()[0] for line in clients if " cmd=client" not in line}

    def test_a_prefix_with_a_hash_tag(self) -> None:
        self.bench.serve(
            "--threads", "1", name="tagged", url=self.cluster.url_of(self.cluster.nodes[:1]),
            environment={"REDIS_KEY_PREFIX": "{board}:"},
        )  # fmt: skip
        for user, size in (("a", 1), ("b", 5000)):
            with self.bench.connect("tagged") as connection:
                body = document(1, {"a": "x" * size})
                self.expect_saved(connection.ask("POST", body, user=user), 1)
                self.assertEqual(connection.ask("GET", user=user).json["version"], 1)
        owner = self.cluster.owner(slot_of("board"))
        self.assertEqual(sorted(self.keys_of(owner)), ["{board}:a:w1", "{board}:b:w1"])
        self.assertEqual(self.bench.readiness("tagged"), "ready")
        self.bench.kill("tagged")

    def test_a_slot_that_has_moved_is_followed(self) -> None:
        user = "moved"
        slot = slot_of(key(user))
        self.expect_saved(self.post(1, {"a": 1}, user), 1)
        first = self.cluster.owner(slot)
        for version, to in ((2, self.other(first)), (3, first)):
            self.cluster.move_slot(slot, to)
            self.assertEqual(self.get(user).json["version"], version - 1)
            self.expect_saved(self.post(version, {"a": LARGE}, user), version, over=True)
            self.assertEqual(self.keys_of(to), [key(user)])
        self.assertTrue(self.delete(user).json["success"])

    def other(self, node: Node) -> Node:
        return next(other for other in self.cluster.masters() if other is not node)

    def test_a_slot_on_its_way_serves_what_is_here_and_what_is_there(self) -> None:
        here = "here"
        slot = slot_of(key(here))
        there, new, large = key_in(slot, "there"), key_in(slot, "new"), key_in(slot, "large")
        source = self.cluster.owner(slot)
        to = self.other(source)
        for user in (here, there):
            self.expect_saved(self.post(5, {"a": user}, user), 5)
        self.cluster.begin_move(slot, to)
        source.ask("MIGRATE", to.place.address, to.port, key(there), 0, 5000)
        try:
            for user in (here, there):
                self.assertEqual(self.get(user).json["version"], 5)
                # With two keys, one of which is elsewhere, and with a document ahead of the script: no stale verdict.
                self.expect_refused(self.post(4, {"a": 1}, user), 5)
                self.expect_refused(self.post(4, {"a": LARGE}, user), 5)
                self.expect_saved(self.post(6, {"a": 1}, user), 6, over=True)
                self.expect_saved(self.post(7, {"a": LARGE}, user), 7, over=True)
                self.expect(self.delete(user, if_match='"other"'), 412, "precondition-failed")
            for user in (new, large):
                self.expect_served(user)
                self.expect_saved(self.post(1, {"a": LARGE if user == large else 1}, user), 1)
            self.assertEqual(self.keys_of(source), [key(here)])
            self.assertEqual(set(self.keys_of(to)), {key(there), key(new), key(large)})
            self.assertTrue(self.delete(here, if_match="*").json["success"])
            self.expect(self.get(here), 404, "nothing-stored")
            self.assertTrue(self.delete(there).json["success"])
        finally:
            while self.cluster.move_keys(slot, to):
                pass
            self.cluster.end_move(slot, to)
        self.assertEqual(self.get(large).json["version"], 1)

    def test_a_slot_goes_to_and_fro_under_load(self) -> None:
        slot = slot_of(key("load"))
        users = ["load", *(key_in(slot, f"load{number}") for number in range(3)), "elsewhere1", "elsewhere2"]
        load = self.load(users)
        first = self.cluster.owner(slot)
        for turn in range(6):
            self.cluster.begin_move(slot, to := self.other(first) if turn % 2 == 0 else first)
            load.await_more(30)
            while self.cluster.move_keys(slot, to, count=1):
                load.await_more(10)
            self.cluster.end_move(slot, to)
            load.await_more(30)
        statuses = load.stop()
        self.assertEqual(load.wrong, [])
        self.assertEqual({name for name in statuses if name.startswith("503")}, set(), self.bench.log("worker"))


@on_every_server
class Interrupted(OfACluster):
    """A slot is on its way from one master to another, and one of the two is killed: what was acknowledged is on disk."""

    seconds = 80

    @classmethod
    def more(cls) -> dict[str, object]:
        always = ("appendonly", "yes"), ("appendfsync", "always")
        # Longer than any of them is away, so that none is taken for lost for good.
        return {"options": [*always, ("cluster-require-full-coverage", "no")], "node_timeout": 5_000}

    def test_a_master_is_killed_while_a_slot_moves(self) -> None:
        slot = slot_of(key("moving"))
        users = ["moving", *(key_in(slot, f"moving{number}") for number in range(3))]
        source = self.cluster.owner(slot)
        to = next(node for node in self.cluster.masters() if node is not source)
        third = next(node for node in self.cluster.masters() if node not in (source, to))
        others = self.some_of(third, 2)
        load = self.load(users + others)
        load.await_more(60)
        self.cluster.begin_move(slot, to)
        for former in (source, to):
            # Of some users states are here, of some there, and of some in neither place.
            self.cluster.move_keys(slot, to, count=2)
            load.await_more(60)
            former.kill()
            # Whoever has to do with it is told so, and the others are not held up.
            self.await_refusals(load)
            self.await_answers(load, others)
            former.start()
            self.cluster.wait_until_good()
            self.await_answers(load, users)
        while self.cluster.move_keys(slot, to):
            load.await_more(10)
        self.cluster.end_move(slot, to)
        self.await_answers(load, users)
        load.stop()
        self.assertEqual(load.wrong, [])
        for user in users:
            if self.get(user).status == 200:
                self.assertIn(key(user), self.keys_of(to))

    def await_refusals(self, load: Users) -> None:
        refused = lambda: load.statuses["503 storage-unavailable"]
        before = refused()
        wait_until(lambda: refused() > before, "an answer 503")

    def await_answers(self, load: Users, users: list[str]) -> None:
        """Of each of these, one that is none of an error, from now on."""
        began = time.monotonic()
        wait_until(lambda: all(load.last.get(user, 0) > began for user in users) or load.wrong, "answers to all", 40)


@on_every_server
class ClusterRights(OfACluster):
    """The worker is a user with the rights that the documentation lists, and no other."""

    def test_what_is_documented_suffices(self) -> None:
        for node in self.cluster.masters():
            rights = [f"+{name}" for name in [*documented(), *IN_CLUSTERS]]
            node.ask("ACL", "SETUSER", "app", "on", ">word", "~hyvve:dashboard:state:*", "-@all", *rights)
        url = self.cluster.url.replace("://", "://app:word@")
        self.bench.serve("--threads", "1", name="app", url=url)
        self.bench.await_answer(404, name="app")
        user = "app"
        slot = slot_of(key(user))
        to = next(node for node in self.cluster.masters() if node is not self.cluster.owner(slot))
        for number in range(6):
            with self.bench.connect("app") as connection:
                for pad in ("x", LARGE):
                    body = document(number * 2 + (pad == LARGE), {"a": pad})
                    self.assertEqual(connection.ask("POST", body, user=f"app{number}").status, 200)
                    self.assertEqual(connection.ask("GET", user=f"app{number}").status, 200)
        self.cluster.begin_move(slot, to)
        with self.bench.connect("app") as connection:
            self.expect_saved(connection.ask("POST", document(1, {"a": 1}), user=user), 1)
            self.assertEqual(connection.ask("DELETE", user=user, if_match="*").json["success"], True)
        self.cluster.end_move(slot, to)
        self.assertEqual(self.bench.readiness("app"), "ready")
        self.assertEqual(self.bench.log_lines("Redis refuse", name="app"), [])
        self.bench.kill("app")

    def test_they_are_in_the_documentation(self) -> None:
        text = (TOP / "docs/redis.md").read_text()
        self.assertIn(" ".join(f"+{name}" for name in IN_CLUSTERS), text)

    def test_without_the_right_to_the_map_the_log_says_so(self) -> None:
        for node in self.cluster.masters():
            node.ask("ACL", "SETUSER", "blind", "on", ">word", "~*", "+@all", "-cluster")
        url = self.cluster.url.replace("://", "://blind:word@")
        self.bench.serve("--threads", "1", name="blind", url=url)
        self.bench.await_answer(503, name="blind")
        self.assertTrue(self.bench.await_log_lines(1, "cluster|slots", name="blind"))
        self.bench.kill("blind")


class Nodes(OfACluster, unittest.TestCase):
    """Masters that are killed, and nodes that are added and removed."""

    seconds = 120
    replicas = 1

    def users(self, each: int = 2) -> list[str]:
        """Some for each master."""
        found: dict[Node | None, list[str]] = {}
        number = 0
        while len(found) < len(self.cluster.masters()) or min(map(len, found.values())) < each:
            user = f"n{number}"
            found.setdefault(self.cluster.owner(slot_of(key(user))), []).append(user)
            number += 1
        return [user for users in found.values() for user in users[:each]]

    def test_a_killed_master_is_replaced_while_the_rest_goes_on(self) -> None:
        users = self.users()
        former = self.cluster.masters()[0]
        its = [user for user in users if self.cluster.owner(slot_of(key(user))) is former]
        others = [user for user in users if user not in its]
        load = self.load(others)
        for user in its:
            self.expect_saved(self.post(1, {"a": 1}, user), 1)
        wait_until(lambda: all(node.follows() for node in self.cluster.replicas(former)), "replicas")
        former.kill()
        self.expect(self.get(its[0]), 503, "storage-unavailable")
        answer = self.bench.ask("GET", path="/readyz")
        if answer.status == 200 and "reason" in answer.json:
            self.assertRegex(answer.json["reason"], r"^1 of 3 masters cannot be asked: slots 0-5460$")
        self.cluster.await_promotion(former)
        wait_until(lambda: self.get(its[0]).status == 200, "answers of the new master", 5)
        for user in its:
            self.expect_saved(self.post(2, {"a": LARGE}, user), 2, over=True)
        statuses = load.stop()
        self.assertEqual(load.wrong, [])
        # The rest of the cluster refuses all for a moment, unless cluster-require-full-coverage is no.
        self.assertGreater(statuses["200"], 100)
        former.start()
        self.cluster.wait_until_good()
        self.assertEqual(self.bench.readiness(), "ready")

    def test_an_operators_failover(self) -> None:
        users = self.users()
        former = self.cluster.masters()[0]
        load = self.load(users)
        replica = self.cluster.replicas(former)[0]
        self.cluster.fail_over(replica)
        self.cluster.wait_until_good()
        user = next(user for user in users if self.cluster.owner(slot_of(key(user))) is replica)
        before = load.last.get(user, 0)
        wait_until(lambda: load.last.get(user, 0) > before, "answers", 10)
        load.stop()
        self.assertEqual(load.wrong, [])

    def test_a_node_is_added_and_another_removed(self) -> None:
        users = self.users()
        load = self.load(users)
        leaving = self.cluster.masters()[1]
        added = self.cluster.add_node()
        slots = [slot_of(key(user)) for user in users if self.cluster.owner(slot_of(key(user))) is leaving]
        for slot in slots:
            self.cluster.move_slot(slot, added)
        wait_until(lambda: added.info("clients")["connected_clients"] != "0", "a connection")
        self.cluster.move_all_slots(leaving)
        self.cluster.remove_node(leaving)
        self.cluster.wait_until_good()
        before = dict(load.last)
        wait_until(lambda: all(load.last[user] > before[user] for user in users), "answers to all", 10)
        load.stop()
        self.assertEqual(load.wrong, [])
        self.assertEqual(self.bench.readiness(), "ready")
        self.expect_served("after")


class Seeds(OfACluster, unittest.TestCase):
    """Where the search begins."""

    replicas = 1

    def serve(self, url: str, **environment: str) -> None:
        if self.bench.has("seeded"):
            self.bench.kill("seeded")
            self.bench.log_path("seeded").write_text("")
        self.bench.serve("--threads", "2", name="seeded", url=url, environment=environment)

    def test_one_that_answers_suffices(self) -> None:
        alone = self.bench.folder / "alone.d"
        alone.mkdir(exist_ok=True)
        self.bench.start_redis(name="alone", port=(port := free_port()))
        nodes = self.cluster.nodes
        away = f"127.0.0.1:{free_port()}"
        for seeds in (nodes[0].address, nodes[-1].address, f"{away},127.0.0.1:{port},nowhere.invalid,{nodes[1].address}"):
            with self.subTest(seeds=seeds):
                self.serve(f"redis-cluster://{seeds}")
                for number in range(6):
                    self.expect(self.bench.ask("GET", user=f"s{number}", name="seeded"), 404, "nothing-stored")
        self.bench.kill("alone")

    def test_a_server_alone_is_no_cluster(self) -> None:
        self.bench.start_redis(name="alone", port=(port := free_port()))
        self.serve(f"redis-cluster://127.0.0.1:{port}")
        self.bench.await_answer(503, name="seeded")
        self.assertTrue(self.bench.await_log_lines(1, "no node of a cluster", name="seeded"))
        self.bench.kill("alone")

    def test_nobody_answers_and_then_somebody_does(self) -> None:
        port = free_port()
        self.serve(f"redis-cluster://127.0.0.1:{port}")
        self.bench.await_answer(503, name="seeded")
        self.assertEqual(self.bench.readiness("seeded"), "unavailable")
        # A seed by another address than the nodes announce.
        proxy = Proxy(port, self.cluster.nodes[0].port)
        self.bench.await_answer(404, name="seeded", seconds=10)
        self.assertEqual(self.bench.readiness("seeded"), "ready")
        proxy.close()

    def test_a_program_that_is_started_for_a_request(self) -> None:
        self.expect_saved(self.post(1, {"a": 1}, "program"), 1)
        for user, status in (("program", b"200"), ("nobody", b"404")):
            environment = {
                "PATH": os.environ["PATH"], "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET",
                "SCRIPT_NAME": "/api/dashboard/state", "REMOTE_USER": user, "REMOTE_WORKSPACE": "w1",
                "REDIS_URL": self.cluster.url,
            }  # fmt: skip
            done = subprocess.run(
                [self.bench.worker], env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=30
            )
            self.assertIn(status, done.stdout.split(b"\r\n")[0] + b" 200", done)


class Announced(Checks, unittest.TestCase):
    """Nodes that announce other names and addresses than those by which they are found."""

    seconds = 60

    @classmethod
    def setUpClass(cls) -> None:
        """Each test has a cluster of its own."""

    def setUp(self) -> None:
        self.bench = Workbench("announced")
        self.addCleanup(self.bench.stop)

    def expect_all_served(self, cluster: ClusterSet, url: str, **environment: str) -> None:
        self.bench.serve("--threads", "1", url=url, environment=cluster.environment | environment)
        self.bench.await_answer(404)
        for number in range(9):
            user = f"a{number}"
            self.expect_saved(self.bench.post(1, {"a": LARGE}, user=user), 1)
            self.assertIn(key(user), cluster.owner(slot_of(key(user))).ask("KEYS", "*"))
        self.assertEqual(self.bench.readiness(), "ready")

    def test_names(self) -> None:
        cluster = ClusterSet(self.bench, replicas=0, access=Access(announced_name="localhost"))
        self.expect_all_served(cluster, f"redis-cluster://127.0.0.1:{cluster.nodes[0].port}")

    def test_names_in_certificates(self) -> None:
        authority = Authority(self.bench.folder)
        access = Access("a word", authority=authority, announced_name="localhost", names=("DNS:localhost",))
        cluster = ClusterSet(self.bench, replicas=0, access=access)
        self.expect_all_served(cluster, cluster.url)

    def test_one_name_in_all_certificates(self) -> None:
        access = Access(authority=Authority(self.bench.folder), names=("DNS:redis.test",))
        cluster = ClusterSet(self.bench, replicas=0, access=access)
        self.expect_all_served(cluster, cluster.url, REDIS_TLS_SERVER_NAME="redis.test")

    def test_another_name_than_the_certificate_has_is_refused(self) -> None:
        access = Access(authority=Authority(self.bench.folder), announced_name="localhost", names=("IP:127.0.0.1",))
        cluster = ClusterSet(self.bench, replicas=0, access=access)
        url = f"rediss-cluster://127.0.0.1:{cluster.nodes[0].port}"
        self.bench.serve("--threads", "1", url=url, environment=cluster.environment)
        self.bench.await_answer(503)
        self.assertTrue(self.bench.await_log_lines(1, "certificate", "node=localhost"))

    def test_addresses_behind_nat(self) -> None:
        proxies = []
        ports = [free_port() for _ in range(3)]
        cluster = ClusterSet(self.bench, replicas=0)
        # What the worker may use leads there; the nodes themselves go on by their bus.
        for node, port in zip(cluster.nodes, ports):
            proxies.append(Proxy(port, node.port))
            node.ask("CONFIG", "SET", "cluster-announce-port", port)
        self.addCleanup(lambda: [proxy.close() for proxy in proxies])
        announced = lambda: {part[2][1] for node in cluster.nodes for part in node.ask("CLUSTER", "SLOTS")}
        wait_until(lambda: announced() == set(ports), "announced ports", 30)
        self.expect_all_served(cluster, f"redis-cluster://127.0.0.1:{cluster.nodes[0].port}")
        self.assertTrue(all(proxy.accepted for proxy in proxies))

    def test_saves_that_replicas_have(self) -> None:
        cluster = ClusterSet(self.bench, replicas=1)
        self.expect_all_served(cluster, cluster.url, REDIS_WAIT_REPLICAS="1", REDIS_WAIT_TIMEOUT="500")
        user = "a0"
        slot = slot_of(key(user))
        owner = cluster.owner(slot)
        cluster.move_slot(slot, next(node for node in cluster.masters() if node is not owner))
        self.expect_saved(self.bench.post(2, {"a": 1}, user=user), 2, over=True)
        (replica,) = cluster.replicas(cluster.owner(slot))
        replica.pause()
        self.addCleanup(replica.resume)
        self.expect(self.bench.post(3, {"a": 1}, user=user), 503, "outcome-unknown")
        self.assertEqual(self.bench.ask("GET", user=user).json["version"], 3)


class Uncovered(OfACluster, unittest.TestCase):
    """A cluster that serves a part of the slots."""

    @classmethod
    def more(cls) -> dict[str, object]:
        return {"options": [("cluster-require-full-coverage", "no"), ("cluster-allow-reads-when-down", "no")]}

    def test_readiness_says_which_part_cannot_be_served(self) -> None:
        former = self.cluster.masters()[1]
        user = next(f"u{n}" for n in range(99) if self.cluster.owner(slot_of(key(f"u{n}"))) is former)
        other = next(f"u{n}" for n in range(99) if self.cluster.owner(slot_of(key(f"u{n}"))) is not former)
        former.kill()
        self.expect(self.get(user), 503, "storage-unavailable")
        self.expect(self.get(other), 404, "nothing-stored")
        answer = self.bench.ask("GET", path="/readyz")
        self.assertEqual(
            (answer.status, answer.json),
            (200, {"status": "ready", "reason": "1 of 3 masters cannot be asked: slots 5461-10921"}),
        )
        former.start()
        self.bench.await_answer(404, user=user, seconds=10)
        self.cluster.wait_until_good()
        self.cluster.masters()[0].ask("CONFIG", "SET", "min-replicas-to-write", 1)
        answer = self.bench.ask("GET", path="/readyz")
        self.assertEqual((answer.status, answer.json["status"]), (200, "ready"))
        self.assertRegex(answer.json["reason"], "^1 of 3 masters take no writes: slots 0-5460: ")
        self.cluster.masters()[0].ask("CONFIG", "SET", "min-replicas-to-write", 0)
        self.assertEqual(self.bench.ask("GET", path="/readyz").json, {"status": "ready"})


class Stopped(OfACluster, unittest.TestCase):
    """A master that stands still: it takes connections, and answers nothing."""

    @classmethod
    def more(cls) -> dict[str, object]:
        # Nobody finds out meanwhile.
        return {"options": [("cluster-require-full-coverage", "no")], "node_timeout": 60_000}

    def test_a_worker_that_starts_is_ready_without_it(self) -> None:
        stopped, running, _ = self.cluster.masters()
        user = self.some_of(running, 1)[0]
        stopped.pause()
        self.addCleanup(stopped.resume)
        admin = self.bench.folder / "admin.sock"
        self.bench.serve("--threads", "1", "--admin", f"unix:{admin}", name="late", url=self.cluster.url)
        wait_until(lambda: is_ready(admin), "readiness")
        with self.bench.connect("late") as connection:
            self.expect_saved(connection.ask("POST", document(1, {"a": 1}), user=user), 1)
        stopped.resume()
        self.bench.kill("late")

    def test_only_its_own_slots_wait_and_those_not_for_long(self) -> None:
        stopped = self.cluster.masters()[1]
        its = self.some_of(stopped, 2)
        others = [user for node in self.cluster.masters() if node is not stopped for user in self.some_of(node, 2)]
        for user in its:
            self.expect_saved(self.post(1, {"a": 1}, user), 1)
        load = self.load(others)
        load.await_more(20)
        stopped.pause()
        self.addCleanup(stopped.resume)
        waiting = threading.Thread(target=self.get, args=(its[0],))
        waiting.start()
        # One after the other: none of them waits for those who wait for the master that stands.
        load.await_more(100)
        waiting.join(30)
        self.assertEqual(self.post(2, {"a": 2}, its[1]).status, 503)
        self.await_refusal_at_once(its[0])
        load.await_more(100)
        stopped.resume()
        for user in its:
            self.bench.await_answer(200, user=user)
        statuses = load.stop()
        self.assertEqual(load.wrong, [])
        self.assertEqual({status for status in statuses if status.startswith("503")}, set())

    def await_refusal_at_once(self, user: str) -> None:
        """Connections that are accepted and answer nothing are few: the service soon waits for none of them."""
        for _ in range(3):
            self.expect(self.get(user), 503, "storage-unavailable")
        began = time.monotonic()
        for _ in range(30):
            self.expect(self.get(user), 503, "storage-unavailable")
        # Each of them would wait for two seconds.
        self.assertLess(time.monotonic() - began, 30)


class Down(OfACluster, unittest.TestCase):
    """A cluster that refuses all where it does not serve every slot."""

    def test_it_is_said_to_be_away(self) -> None:
        slot = slot_of(key("u1"))
        owner = self.cluster.owner(slot)
        self.expect_saved(self.post(1, {"a": 1}, "u1"), 1)
        with self.subTest("while a slot is nobody's"):
            for node in self.cluster.masters():
                node.ask("CLUSTER", "DELSLOTS", slot)
            self.expect(self.get("u1"), 503, "storage-unavailable")
            self.expect(self.post(2, {"a": LARGE}, "u1"), 503, "storage-unavailable")
            self.assertEqual(self.bench.readiness(), "unavailable")
        owner.ask("CLUSTER", "ADDSLOTS", slot)
        self.cluster.wait_until_good()
        wait_until(lambda: self.get("u1").status in (200, 404), "answers", 10)


if __name__ == "__main__":
    unittest.main()
