"""`--check` and `--check=redis`: each lack is provoked, and its sentence and exit status seen. Nothing stored is touched."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
import unittest

from cases import on_every_server
from peers import ScriptedRedis, usual
from programs import WORKER, free_port, wait_until
from test_rights import PATTERN, documented
from topologies import Access, ClusterSet, SentinelSet, key_in
from workbench import KEY, Workbench

FINE, UNFIT, MISCONFIGURED = 0, 69, 78


def check(*options: object, scope: str = "=redis", environment: dict[str, str] | None = None) -> tuple[int, str]:
    command = [str(WORKER), f"--check{scope}", *map(str, options)]
    # Where nothing is set, the folder of the package's sockets would be looked for.
    environment = {"DASHBOARD_STATE_LISTEN": "tcp:127.0.0.1:9000"} | (environment or {})
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


class Settings(unittest.TestCase):
    def expect(self, status: int, *words: str, options: tuple[object, ...] = (), **environment: str) -> None:
        found, text = check(*options, scope="", environment=environment)
        self.assertEqual(found, status, text)
        for word in words:
            self.assertIn(word, text)
        if not words:
            self.assertEqual(text, "")

    def test_settings(self) -> None:
        self.expect(FINE)
        self.expect(FINE, "warning settings: there is no setting REDIS_TLS_CAFILE", REDIS_TLS_CAFILE="x")
        self.expect(MISCONFIGURED, "REDIS_TIMEOUT", "'soon'", REDIS_TIMEOUT="soon")
        self.expect(MISCONFIGURED, "which cannot be read", PROXY_SECRET_FILE="/nowhere")
        self.expect(MISCONFIGURED, "PROXY_SECRET", options=("--listen", "tcp:0.0.0.0:9000"))
        self.expect(FINE, options=("--listen", "tcp:127.0.0.1:9000"))
        self.expect(MISCONFIGURED, "a group that this machine has", options=("--socket-group", "no-such-group"))
        self.expect(MISCONFIGURED, "which cannot be read: No such file", REDIS_URL="rediss://h", REDIS_TLS_CA_FILE="/nowhere")

    def test_whoever_does_not_read_gets_the_status(self) -> None:
        reader, writer = os.pipe()
        os.close(reader)
        with os.fdopen(writer) as closed, open("/dev/full", "w") as full:
            for output in (closed, full):
                command = [str(WORKER), "--check"]
                done = subprocess.run(command, env={"REDIS_TIMEOUT": "soon"}, stdout=output, timeout=60)
                self.assertEqual(done.returncode, MISCONFIGURED)

    def test_json(self) -> None:
        status, text = check("--log-format", "json", "--threads", "0", scope="")
        found = json.loads(text)
        self.assertEqual((status, found["status"]), (MISCONFIGURED, "errors"))
        self.assertIn("--threads", found["findings"][0]["message"])


class Findings:
    server = "redis-7.0"
    options: tuple[object, ...] = ()

    def setUp(self) -> None:
        self.bench = Workbench()
        self.addCleanup(self.bench.stop)
        self.port = free_port()
        self.bench.start_redis("--appendonly", "yes", *self.options, server=self.server, port=self.port)
        self.bench.redis("CONFIG", "SET", "maxmemory", "100mb")
        self.bench.redis("SET", KEY, "{}")

    def check(self, **environment: str) -> tuple[int, dict[str, dict[str, str]]]:
        environment = {"REDIS_URL": self.bench.redis_url, **environment}
        status, text = check("--log-format", "json", environment=environment)
        report = json.loads(text)
        worst = {finding["level"] for finding in report["findings"]}
        expected = "errors" if "error" in worst else "warnings" if "warning" in worst else "ok"
        self.assertEqual(report["status"], expected)
        self.assertEqual(status, UNFIT if expected == "errors" else FINE, text)
        found = {finding["code"]: finding for finding in report["findings"] if finding["level"] != "note"}
        self.notes = {finding["code"]: finding for finding in report["findings"] if finding["level"] == "note"}
        return status, found

    def expect(self, code: str, level: str, word: str, **environment: str) -> None:
        found = self.check(**environment)[1]
        self.assertEqual(list(found), [code], found)
        self.assertEqual(found[code]["level"], level)
        self.assertIn(word, found[code]["message"])
        text = check(environment={"REDIS_URL": self.bench.redis_url, **environment})[1]
        self.assertIn(f"{level} {found[code]['about']}: {found[code]['message']}\n", text)


class AtTheStart(unittest.TestCase):
    """The same of the eviction policy alone, where a worker starts: on its own connection, and nobody waits for it."""

    TOLD = "maxmemory-policy is"

    def test_a_policy_that_drops_states_is_told_once(self) -> None:
        with Workbench() as bench:
            bench.start_redis("--maxmemory-policy", "allkeys-lru")
            bench.redis("CONFIG", "RESETSTAT")
            bench.serve("--threads", "3")
            [line] = bench.await_log_lines(1, self.TOLD)
            self.assertIn("warning", line)
            self.assertIn("maxmemory-policy is allkeys-lru: it may drop states", line)
            self.assertIn("Set noeviction", line)
            self.assertEqual(bench.post(1, {"a": 1}).status, 200)
            # Once a worker, whatever becomes of its connections.
            bench.redis("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
            bench.await_answer(200)
            self.assertEqual(len(bench.log_lines(self.TOLD)), 1)
            self.assertIn("cmdstat_info:calls=1,", bench.redis("INFO", "commandstats"))

    def test_no_connection_is_made_for_it(self) -> None:
        with Workbench() as bench:
            bench.start_redis("--maxmemory-policy", "allkeys-lru")
            before = self.connections(bench)
            bench.serve("--threads", "1")
            bench.await_log_lines(1, self.TOLD)
            # The worker's one, and that of this question.
            self.assertEqual(self.connections(bench) - before, 2)

    def connections(self, bench: Workbench) -> int:
        lines = bench.redis("INFO", "stats").splitlines()
        return next(int(line.partition(":")[2]) for line in lines if line.startswith("total_connections_received:"))

    def test_noeviction_is_no_news(self) -> None:
        with Workbench() as bench:
            bench.start_redis("--maxmemory-policy", "noeviction")
            bench.redis("CONFIG", "RESETSTAT")
            bench.serve()
            wait_until(lambda: "cmdstat_info:" in bench.redis("INFO", "commandstats"), "the question")
            self.assertEqual(bench.post(1, {"a": 1}).status, 200)
            self.assertEqual(bench.log_lines(self.TOLD) + bench.log_lines("warning") + bench.log_lines("error"), [])

    def test_who_may_not_ask_is_told_nothing_and_served(self) -> None:
        with Workbench() as bench:
            bench.start_redis("--maxmemory-policy", "allkeys-lru")
            rights = [f"+{name}" for name in documented()]
            self.assertNotIn("+info", rights)
            bench.redis("ACL", "SETUSER", "app", "on", ">p", f"~{PATTERN}", "-@all", *rights)
            bench.serve(url=f"unix://app:p@{bench.socket('redis')}")
            wait_until(lambda: "info" in str(bench.redis("ACL", "LOG")), "the question")
            self.assertEqual(bench.post(1, {"a": 1}).status, 200)
            self.assertEqual(bench.readiness(), "ready")
            self.assertEqual(bench.log_lines("warning") + bench.log_lines("error"), [])

    def test_each_master_of_a_cluster_is_asked(self) -> None:
        with Workbench() as bench:
            cluster = ClusterSet(bench, masters=2, replicas=0)
            cluster.nodes[1].ask("CONFIG", "SET", "maxmemory-policy", "volatile-ttl")
            bench.serve(url=cluster.url)
            for node in cluster.nodes:
                [(first, _, _)] = [part[:3] for part in cluster.nodes[0].ask("CLUSTER", "SLOTS") if part[2][2] == node.id]
                self.assertEqual(bench.post(1, {"a": 1}, user=key_in(first)).status, 200)
            [line] = bench.await_log_lines(1, self.TOLD)
            self.assertIn("volatile-ttl", line)
            self.assertIn(cluster.nodes[1].address, line)


@on_every_server
class WhatRedisLacks(Findings):
    def test_each_lack(self) -> None:
        before = self.bench.redis("DEBUG", "DIGEST") if self.server == "redis-6.2" else self.bench.redis("KEYS", "*")
        dirty = self.changes()
        self.assertEqual(self.check(), (FINE, {}))
        self.assertIn("master, 0 replicas", self.notes["reachable"]["message"])
        for name, value, usual_value, code, level, word in (
            ("maxmemory-policy", "volatile-lru", "noeviction", "eviction-policy", "warning", "noeviction"),
            ("maxmemory-policy", "allkeys-random", "noeviction", "eviction-policy", "warning", "allkeys-random"),
            ("appendonly", "no", "yes", "no-append-only-file", "warning", "appendonly yes"),
            ("min-replicas-to-write", "1", "0", "refuses-writes", "error", "min-replicas-to-write"),
        ):
            with self.subTest(name, value=value):
                self.bench.redis("CONFIG", "SET", name, value)
                self.expect(code, level, word)
                self.bench.redis("CONFIG", "SET", name, usual_value)
        self.expect("too-few-replicas", "error", "REDIS_WAIT_REPLICAS is 1, and 0 replicas", REDIS_WAIT_REPLICAS="1")
        self.bench.redis("CONFIG", "SET", "maxmemory", "1")
        found = self.check()[1]
        self.assertEqual({"refuses-writes", "memory"}, set(found))
        self.bench.redis("CONFIG", "SET", "maxmemory", "0")
        self.assertEqual(self.check(), (FINE, {}))
        self.assertIn("no-memory-limit", self.notes)
        after = self.bench.redis("DEBUG", "DIGEST") if self.server == "redis-6.2" else self.bench.redis("KEYS", "*")
        self.assertEqual((before, dirty), (after, self.changes()), "data was touched")

    def changes(self) -> str:
        """What Redis has changed since it was stored last."""
        info = self.bench.redis("INFO", "persistence").splitlines()
        return next(line for line in info if line.startswith("rdb_changes_since_last_save"))

    def test_rights(self) -> None:
        rights = [f"+{name}" for name in documented()]
        self.bench.redis("ACL", "SETUSER", "app", "on", ">p", f"~{PATTERN}", "-@all", *rights)
        url = f"unix://app:p@{self.bench.socket('redis')}"
        self.assertEqual(self.check(REDIS_URL=url), (FINE, {}))
        self.assertIn("no right to INFO", self.notes["cannot-be-told"]["message"])
        self.assertEqual(self.check(REDIS_URL=url, REDIS_WAIT_REPLICAS="1")[1]["rights"]["message"][-5:], "+wait")
        for name in documented():
            if "|" in name and self.server == "redis-6.2":
                continue
            with self.subTest(without=name):
                self.bench.redis("ACL", "SETUSER", "app", f"-{name}")
                found = self.check(REDIS_URL=url)[1]
                self.assertIn(f"+{name}", found["rights"]["message"])
                self.assertEqual(found["rights"]["level"], "warning" if name == "pttl" else "error")
                self.bench.redis("ACL", "SETUSER", "app", f"+{name}")
        self.bench.redis("ACL", "SETUSER", "app", "resetkeys", "~other:*")
        self.assertIn(PATTERN, self.check(REDIS_URL=url)[1]["key-rights"]["message"])
        self.assertEqual(self.check(REDIS_URL=url, REDIS_KEY_PREFIX="other:{tag}:"), (FINE, {}))
        self.assertIn("WRONGPASS", self.check(REDIS_URL=url.replace(":p@", ":q@"))[1]["unreachable"]["message"])

    def test_no_info_is_said_as_it_is(self) -> None:
        self.bench.start_redis("--rename-command", "INFO", "", name="quiet", server=self.server)
        self.assertEqual(self.check(REDIS_URL=f"unix://{self.bench.socket('quiet')}"), (FINE, {}))
        self.assertIn("it does not answer INFO", self.notes["cannot-be-told"]["message"])

    def test_a_replica(self) -> None:
        self.bench.redis("REPLICAOF", "127.0.0.1", "1")
        self.assertIn("replica", self.check()[1]["unreachable"]["message"])


class OutOfReach(Findings, unittest.TestCase):
    def test_nobody_there(self) -> None:
        for url in ("unix:///nowhere.sock", f"redis://127.0.0.1:{free_port()}", "redis://no.such.host.invalid"):
            found = self.check(REDIS_URL=url)[1]
            self.assertEqual(list(found), ["unreachable"], url)
        found = self.check(REDIS_URL=f"rediss://127.0.0.1:{self.port}")[1]
        self.assertIn("TLS", found["unreachable"]["message"])

    def test_a_database_that_is_not_there(self) -> None:
        found = self.check(REDIS_URL=f"redis://127.0.0.1:{self.port}/99")[1]
        self.assertIn("the database in REDIS_URL", found["unreachable"]["message"])

    def test_silence_ends(self) -> None:
        self.bench.signal("redis", signal.SIGSTOP)
        self.addCleanup(self.bench.signal, "redis", signal.SIGCONT)
        began = time.monotonic()
        self.assertIn("unreachable", self.check(REDIS_TIMEOUT="300")[1])
        self.assertLess(time.monotonic() - began, 20)

    def test_an_old_server(self) -> None:
        path = self.bench.folder / "old.sock"

        def answer(command: list[bytes]) -> bytes:
            greeting = usual(command)
            if greeting and command[0] == b"HELLO":
                return greeting.replace(b"7.0.0", b"6.0.9")
            return greeting or b"-ERR unknown command\r\n"

        server = ScriptedRedis(path, answer)
        self.addCleanup(server.close)
        self.assertIn("6.0.9", self.check(REDIS_URL=f"unix://{path}")[1]["version"]["message"])


class Sentinels(unittest.TestCase):
    """A master with replicas, and sentinels; the user of the servers has the documented rights and `+wait`."""

    seconds = 40

    def test_sentinels(self) -> None:
        with Workbench("check") as bench:
            rights = " ".join(f"+{name}" for name in [*documented(), "wait"])
            access = Access(password="p", user="app", rights=f"~{PATTERN} -@all {rights}")
            servers = SentinelSet(bench, access=access)
            environment = {**servers.environment, "REDIS_URL": servers.url, "REDIS_WAIT_REPLICAS": "2"}

            def found(**more: str) -> tuple[int, list[dict[str, str]]]:
                status, text = check("--log-format", "json", environment={**environment, **more})
                findings = json.loads(text)["findings"]
                return status, [finding for finding in findings if finding["level"] != "note"]

            def expect(status: int, *words: str, **more: str) -> None:
                result = found(**more)
                self.assertEqual(result[0], status, result)
                text = " ".join(f"{finding['about']}: {finding['message']}" for finding in result[1])
                for word in words:
                    self.assertIn(word, text)

            self.assertEqual(found(), (FINE, []))
            bench.serve("--threads", "1", url=servers.url, environment=environment)
            wait_until(lambda: bench.post(1, {}).status == 200, "these rights suffice")
            self.assertEqual(bench.ask("DELETE").json, {"success": True})
            self.assertEqual(bench.log_lines("Redis refuse"), [])
            # As one who may call INFO, everything can be told, of replicas too.
            for node in servers.data:
                node.ask("ACL", "SETUSER", "app", "+info")
            expect(FINE, f"{servers.replicas()[0].address}: no append-only file", "no append-only file")
            expect(UNFIT, "REDIS_WAIT_REPLICAS is 3, and 2 replicas", REDIS_WAIT_REPLICAS="3")
            # Who may be the master next needs the same rights.
            replica = servers.replicas()[0]
            replica.ask("ACL", "SETUSER", "app", "-evalsha", "-wait", "resetkeys", "~other:*")
            expect(UNFIT, f"{replica.address}: the ACL user lacks rights: +evalsha +wait",
                   f"{replica.address}: the ACL user may not use the keys")  # fmt: skip
            replica.ask("ACL", "SETUSER", "app", "+evalsha", "+wait", "resetkeys", f"~{PATTERN}")
            servers.sentinels[0].pause()
            expect(FINE, f"sentinel {servers.sentinels[0].address}: it cannot be used", REDIS_TIMEOUT="300",
                   REDIS_WAIT_TIMEOUT="200")  # fmt: skip
            servers.sentinels[0].resume()
            # It watches another server by the same name.
            liar = servers.sentinels[0]
            liar.ask("SENTINEL", "REMOVE", "state")
            liar.ask("SENTINEL", "MONITOR", "state", "127.0.0.1", free_port(), 2)
            expect(FINE, f"sentinel {liar.address}: it names 127.0.0.1:", f"2 of 3 sentinels name {servers.data[0].address}")
            expect(UNFIT, "no master of the name other", REDIS_URL=servers.url.replace("/state", "/other"))
            for sentinel in servers.sentinels:
                sentinel.ask("ACL", "SETUSER", "default", "-sentinel|master", "-subscribe")
            expect(UNFIT, "+sentinel|master", "+subscribe")
            for sentinel in servers.sentinels:
                sentinel.kill()
            expect(UNFIT, "no sentinel says who the master is")


class Clusters(unittest.TestCase):
    """Each node of a cluster is looked at; the user has the documented rights of a cluster."""

    seconds = 40

    def test_a_cluster(self) -> None:
        with Workbench("check") as bench:
            rights = " ".join(f"+{name}" for name in [*documented(), "wait", "asking", "cluster|slots"])
            servers = ClusterSet(bench, access=Access(password="p", user="app", rights=f"~{PATTERN} -@all {rights}"))
            environment = {**servers.environment, "REDIS_URL": servers.url, "REDIS_WAIT_REPLICAS": "1"}

            def found(**more: str) -> tuple[int, list[dict[str, str]]]:
                status, text = check("--log-format", "json", environment={**environment, **more})
                findings = json.loads(text)["findings"]
                return status, [finding for finding in findings if finding["level"] != "note"]

            self.assertEqual(found(), (FINE, []))
            self.assertIn("no right to CLUSTER NODES", check(environment=environment)[1])
            bench.serve("--threads", "1", url=servers.url, environment=environment)
            wait_until(lambda: bench.post(1, {}).status == 200, "these rights suffice")
            for user in ("a", "b", "c", "d"):
                self.assertEqual(bench.post(1, {}, user=user).status, 200)
                self.assertEqual(bench.ask("DELETE", user=user).json, {"success": True})
            self.assertEqual(bench.log_lines("Redis refuse"), [])
            # Each master is asked for a key of its own: others it would only send elsewhere.
            for name, value, usual_value in (("maxmemory", 1, 0), ("min-replicas-to-write", 2, 0)):
                for node in servers.masters():
                    node.ask("CONFIG", "SET", name, value)
                status, lacks = found()
                self.assertEqual(status, UNFIT)
                refusing = {lack["about"] for lack in lacks if lack["code"] == "refuses-writes"}
                self.assertEqual(len(refusing), 3, lacks)
                for node in servers.masters():
                    node.ask("CONFIG", "SET", name, usual_value)
            self.assertEqual(found(), (FINE, []))
            master = servers.masters()[0]
            for command in ("get", "asking", "wait", "cluster|slots"):
                with self.subTest(without=command):
                    for node in servers.running():
                        node.ask("ACL", "SETUSER", "app", f"-{command}")
                    status, lacks = found()
                    self.assertEqual(status, UNFIT)
                    self.assertTrue(any(f"+{command}" in lack["message"] for lack in lacks), lacks)
                    for node in servers.running():
                        node.ask("ACL", "SETUSER", "app", f"+{command}")
            master.kill()
            status, lacks = found()
            self.assertEqual(status, UNFIT)
            self.assertTrue(any(master.address in lack["about"] for lack in lacks), lacks)
