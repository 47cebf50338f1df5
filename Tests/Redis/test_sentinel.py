"""A master that sentinels know: found with any of them away or lying, followed through failovers, and left where it is
replaced."""

from __future__ import annotations

import re
import time
import unittest
from pathlib import Path

from cases import Readers, on_every_server
from certificates import Authority
from fastcgi import Answer, Connection
from peers import ScriptedRedis, bulk, usual
from programs import TOP, free_port, wait_until
from topologies import Access, Node, SentinelSet
from workbench import Workbench, document, key

RIGHTS = "-@all +sentinel|master +sentinel|get-master-addr-by-name +subscribe resetchannels &+switch-master"
WITHOUT_SUBSCRIPTION = "-@all +sentinel|master +sentinel|get-master-addr-by-name"


class Liar(ScriptedRedis):
    """A sentinel that names whatever server it is told to, since a failover later than all others."""

    def __init__(self, port: int, named: int | None, garbage: bytes | None = None) -> None:
        self.named, self.garbage = named, garbage
        super().__init__(port, self._answer)  # type: ignore[arg-type]

    @property
    def asked(self) -> int:
        return sum(command[:2] == [b"SENTINEL", b"MASTER"] for _, command in self.seen)

    def _answer(self, command: list[bytes]) -> bytes | None:
        if command[0] == b"SUBSCRIBE":
            switch = b"state 127.0.0.1 1 127.0.0.1 %d" % (self.named or 1)
            told = b">3\r\n" + bulk(b"message") + bulk(b"+switch-master") + bulk(switch)
            return b">3\r\n" + bulk(b"subscribe") + bulk(b"+switch-master") + b":1\r\n" + told
        if command[0] != b"SENTINEL":
            return usual(command)
        if self.garbage is not None:
            return self.garbage
        if command[1].upper() == b"MASTER":
            return b"*4\r\n" + bulk(b"name") + bulk(b"state") + bulk(b"config-epoch") + bulk(b"1000000")
        return b"*2\r\n" + bulk(b"127.0.0.1") + bulk(b"%d" % self.named) if self.named else b"*-1\r\n"


class WithSentinels(unittest.TestCase):
    def setUp(self) -> None:
        self.bench = Workbench("sentinel")
        self.addCleanup(self.bench.stop)

    def serve(self, url: str, name: str = "worker", **environment: str) -> None:
        self.bench.serve("--threads", "1", name=name, url=url, environment=environment)

    def expect_served_by(self, node: Node, name: str = "worker", version: int = 1) -> None:
        """A save comes to this server."""
        user = f"{name}-{version}"
        wait_until(lambda: self.bench.post(version, {"n": name}, user=user, name=name).status == 200, "a save")
        self.assertIn(f'"version":{version},', node.ask("GET", key(user)), f"another server than {node} has it")

    def url(self, servers: SentinelSet, *addresses: str, name: str = "state") -> str:
        return f"redis-sentinel://{','.join(addresses)}/{name}"


class Finding(WithSentinels):
    """All with one set of servers, which nothing happens to."""

    seconds = 40

    def test_who_is_away_or_lies_holds_up_nothing(self) -> None:
        servers = SentinelSet(self.bench)
        master, replica = servers.data[:2]
        # A master, and not ours: whoever is led there is answered.
        self.bench.start_redis(name="foreign", port=(foreign := free_port()))
        good = [node.address for node in servers.sentinels]
        liars: dict[str, Liar | None] = {"away": None}
        ports = {kind: free_port() for kind in ("away", "foreign", "replica", "dead", "unknown", "garbage", "silent")}
        liars["foreign"] = Liar(ports["foreign"], foreign)
        liars["replica"] = Liar(ports["replica"], replica.port)
        liars["dead"] = Liar(ports["dead"], free_port())
        liars["unknown"] = Liar(ports["unknown"], None)
        liars["garbage"] = Liar(ports["garbage"], None, b"+OK\r\n")
        for liar in liars.values():
            if liar:
                self.addCleanup(liar.close)
        for kind in liars:
            for place in range(3):
                with self.subTest(kind=kind, place=place):
                    addresses = list(good)
                    addresses[place] = f"127.0.0.1:{ports[kind]}"
                    name = f"{kind}-{place}"
                    self.serve(self.url(servers, *addresses), name)
                    self.expect_served_by(master, name)
                    if kind == "foreign" and (liar := liars[kind]):
                        # It may have been heard too late before.
                        asked = liar.asked
                        wait_until(lambda: liar.asked > asked + 1, "two more questions")
                        self.expect_served_by(master, name, version=2)
                    self.bench.kill(name)
        for place in range(3):
            with self.subTest(kind="silent", place=place):
                servers.sentinels[place].pause()
                self.serve(servers.url, f"silent-{place}")
                self.expect_served_by(master, f"silent-{place}")
                servers.sentinels[place].resume()
        self.assertEqual(self.bench.redis("DBSIZE", name="foreign"), 0)

    def test_a_liar_alone_is_left_for_the_others(self) -> None:
        """Of two sentinels neither is a majority: the latest failover is tried, and then the other one."""
        servers = SentinelSet(self.bench, sentinels=1)
        liar = Liar(port := free_port(), servers.data[1].port)
        self.addCleanup(liar.close)
        self.serve(self.url(servers, f"127.0.0.1:{port}", servers.sentinels[0].address))
        self.expect_served_by(servers.data[0])

    def test_a_name_that_no_sentinel_knows_is_told(self) -> None:
        servers = SentinelSet(self.bench, replicas=1)
        self.serve(self.url(servers, *(node.address for node in servers.sentinels), name="nosuch"))
        wait_until(lambda: self.bench.ask("GET").problem == "storage-unavailable", "an answer 503")
        self.assertEqual(len(self.bench.await_log_lines(3, "watches no master of the name", "master=nosuch")), 3)
        told = self.bench.await_log_lines(1, "Redis cannot be used", "no sentinel watches a master of this name")
        time.sleep(0.7)
        self.assertEqual(len(told), 1, self.bench.log("worker"))


@on_every_server
class Failovers:
    """Under load, on every kind of server."""

    seconds = 60
    server = "redis-7.0"

    def test_saves_go_on_with_the_new_master(self) -> None:
        with Workbench("sentinel") as bench:
            servers = SentinelSet(bench, server=self.server)
            bench.serve("--threads", "2", url=servers.url)
            bench.await_answer(404)
            wrong: list[object] = []

            def ask(connection: Connection, number: int, turn: int) -> Answer:
                user = f"u{number}"
                saved = connection.ask("POST", document(turn, {"user": user, "turn": turn}), user=user)
                if saved.status not in (200, 503):
                    wrong.append((user, turn, saved))
                read = connection.ask("GET", user=user)
                if read.status == 200:
                    state = read.json["state"]
                    if state["user"] != user or state["turn"] > turn or read.json["version"] != state["turn"]:
                        wrong.append((user, turn, read))
                    if saved.status == 200 and state["turn"] < turn and saved.json["success"]:
                        losses.append(turn)
                elif read.status not in (404, 503):
                    wrong.append((user, turn, read))
                return saved

            losses: list[int] = []
            load = Readers(bench, 6, ask)
            wait_until(lambda: load.statuses[200] > 100, "load")
            second = servers.fail_over()
            self._expect_saves(bench, second, "by command")
            servers.wait_until_good()
            second.kill()
            third = servers.await_another(second)
            self._expect_saves(bench, third, "by death")
            statuses = load.stop()
            self.assertEqual(wrong, [], bench.log("worker"))
            self.assertEqual(set(statuses) - {200, 503}, set(), statuses)
            # A read behind a save is of a master that has it, but where a failover came between.
            self.assertLess(len(losses), statuses[200] // 10, losses)

    def test_an_ordered_failover_loses_nothing_where_the_master_holds_its_writes(self) -> None:
        """The sentinels take a second to notice what they have done. Saves at the former master would be lost with it."""
        with Workbench("sentinel") as bench:
            # Nobody is promoted but by order, and none is held for too short a time, on a busy machine too.
            servers = SentinelSet(bench, server=self.server, down_after=60_000)
            bench.serve("--threads", "2", url=servers.url)
            bench.await_answer(404)
            saved: list[str] = []

            def ask(connection: Connection, number: int, turn: int) -> Answer:
                user = f"u{number}-{turn}"
                answer = connection.ask("POST", document(1, {}), user=user)
                if answer.status == 200:
                    saved.append(user)
                return answer

            load = Readers(bench, 4, ask)
            wait_until(lambda: load.statuses[200] > 100, "load")
            [order] = re.findall(r"`redis-cli (CLIENT PAUSE \d+ WRITE)`", (TOP / "docs/scaling.md").read_text())
            former = servers.master()
            former.ask(*re.sub(r"\d+", "60000", order).split())
            master = servers.fail_over()
            before = len(saved)
            wait_until(lambda: len(saved) > before + 100, "saves at the new master")
            statuses = load.stop()
            self.assertEqual(set(statuses) - {200, 503}, set(), statuses)
            wait_until(lambda: self._is_master_of_all(servers, master), "sentinels that agree")
            names = set(master.ask("KEYS", "*"))
            self.assertEqual([user for user in saved if key(user) not in names], [])

    def _is_master_of_all(self, servers: SentinelSet, master: Node) -> bool:
        return master.is_master and all(servers.master(sentinel) is master for sentinel in servers.sentinels)

    def _expect_saves(self, bench: Workbench, master: Node, user: str) -> None:
        """They are answered, and the new master has them."""

        def arrives() -> bool:
            saved = bench.post(int(time.monotonic() * 1000), {}, user=user.replace(" ", "-"))
            return saved.status == 200 and master.ask("GET", key(user.replace(" ", "-"))) is not None

        wait_until(arrives, f"a save to the new master {user}")


class Following(WithSentinels):
    seconds = 40

    def test_without_a_subscription(self) -> None:
        """A former master that does not know it yet is left all the same."""
        access = Access("sesame", "asker", WITHOUT_SUBSCRIPTION)
        servers = SentinelSet(self.bench, sentinel_access=access)
        self._follow(servers, self._account("sesame"))
        self.assertEqual(self.bench.log_lines("refuses to say"), [])

    def test_with_the_least_rights_and_a_new_password(self) -> None:
        servers = SentinelSet(self.bench, sentinel_access=Access("sesame", "asker", RIGHTS))
        account = self._account("sesame")
        self._follow(servers, account)
        for sentinel in servers.sentinels:
            sentinel.ask("ACL", "SETUSER", "asker", "resetpass", ">changed")
        Path(account["REDIS_SENTINEL_PASSWORD_FILE"]).write_text("changed\n")
        for sentinel in servers.sentinels:
            sentinel.ask("CLIENT", "KILL", "USER", "asker")
        master = servers.fail_over()
        # Told once a minute, so that it shows only there.
        wait_until(lambda: self.bench.post(3, {}).status == 200 and master.ask("GET", key("u1")), "the second change")

    def test_refused_sentinels_are_told(self) -> None:
        servers = SentinelSet(self.bench, replicas=1, sentinel_access=Access("sesame", "asker", "-@all"))
        for name, words, account in (
            ("none", ("wants a password", "REDIS_SENTINEL_PASSWORD_FILE"), {}),
            ("wrong", ("refuses the user or the password",), self._account("wrong")),
            ("right", ("refuses to say", "+sentinel|master"), self._account("sesame")),
        ):
            with self.subTest(name):
                self.serve(servers.url, name, **account)
                self.assertEqual(len(self.bench.await_log_lines(3, "sentinel=127.0.0.1:", *words, name=name)), 3)
                self.assertEqual(self.bench.ask("GET", name=name).problem, "storage-unavailable")
                self.assertNotIn("sesame", self.bench.log(name, 1000))

    def test_tls_and_names(self) -> None:
        authority = Authority(self.bench.folder)
        access = Access("a password", "app", "~hyvve:* &* +@all", authority, announced_name="localhost")
        servers = SentinelSet(
            self.bench, access=access, sentinel_access=Access(authority=authority, announced_name="localhost")
        )
        self.serve(servers.url, **servers.environment)
        self.expect_served_by(servers.data[0])
        master = servers.fail_over()
        self.assertTrue(self.bench.await_log_lines(1, "lost", "name another server"), self.bench.log("worker"))
        self.expect_served_by(master, version=2)
        other = Authority(self.bench.folder, "other")
        self.serve(servers.url, "distrustful", REDIS_TLS_CA_FILE=str(other.file))
        told = self.bench.await_log_lines(3, "a sentinel cannot be asked", "certificate", name="distrustful")
        self.assertEqual(len(told), 3, self.bench.log("distrustful"))

    def test_without_sentinels_what_there_is_goes_on(self) -> None:
        servers = SentinelSet(self.bench)
        self.serve(servers.url)
        self.expect_served_by(servers.data[0])
        for sentinel in servers.sentinels:
            sentinel.kill()
        self.assertEqual(len(self.bench.await_log_lines(3, "a sentinel cannot be asked", "no connection")), 3)
        self.expect_served_by(servers.data[0], version=2)
        self.serve(servers.url, "new")
        wait_until(lambda: self.bench.ask("GET", name="new").problem == "storage-unavailable", "an answer 503")
        self.assertTrue(self.bench.await_log_lines(1, "Redis cannot be used", "no sentinel answers", name="new"))
        for sentinel in servers.sentinels:
            sentinel.start()
        self.expect_served_by(servers.data[0], "new")
        self.assertEqual(self.bench.log_lines("connection to Redis lost"), [])

    def _account(self, password: str) -> dict[str, str]:
        file = self.bench.folder / f"password-{password}"
        file.write_text(password + "\n")
        return {"REDIS_SENTINEL_USERNAME": "asker", "REDIS_SENTINEL_PASSWORD_FILE": str(file)}

    def _follow(self, servers: SentinelSet, environment: dict[str, str]) -> None:
        self.serve(servers.url, **environment)
        self.expect_served_by(servers.data[0])
        master = servers.fail_over()
        told = self.bench.await_log_lines(1, "lost", "name another server")
        self.assertTrue(told, self.bench.log("worker"))
        self.expect_served_by(master, version=2)
