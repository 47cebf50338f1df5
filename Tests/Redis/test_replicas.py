"""Saves and deletes that are acknowledged when replicas have them: REDIS_WAIT_REPLICAS."""

from __future__ import annotations

import re
import signal
import threading
import time
import unittest
from typing import ClassVar

import resp
from cases import LARGE, Checks, Readers, on_every_server, together
from fastcgi import Answer
from programs import free_port, is_ready, wait_until
from test_rights import PATTERN, documented
from workbench import KEY, Workbench, document

WAIT_MILLISECONDS = 1200


class Replicated(Checks):
    """A master, replicas of it, and a worker that waits for all of them."""

    seconds = 40
    replica_count = 1
    environment: ClassVar[dict[str, str]] = {}

    @classmethod
    def setUpClass(cls) -> None:
        cls.bench = Workbench()
        cls.addClassCleanup(cls.bench.stop)
        cls.port = free_port()
        cls.bench.start_redis("--repl-diskless-sync-delay", 0, server=cls.server, port=cls.port)
        cls.replicas = [f"replica{number}" for number in range(cls.replica_count)]
        for name in cls.replicas:
            cls.start_replica(name)
        cls.await_replicas(cls.replica_count)
        cls.serve("worker")

    def setUp(self) -> None:
        """A worker that has told nothing yet."""
        super().setUp()
        self.bench.kill("worker")
        self.bench.log_path("worker").write_text("")
        self.serve("worker")
        self.bench.await_answer(404)

    @classmethod
    def start_replica(cls, name: str) -> None:
        cls.bench.start_redis("--replicaof", "127.0.0.1", cls.port, name=name, server=cls.server)

    @classmethod
    def serve(cls, name: str, *options: object) -> None:
        wait = {"REDIS_WAIT_REPLICAS": str(cls.replica_count), "REDIS_WAIT_TIMEOUT": str(WAIT_MILLISECONDS)}
        cls.bench.serve("--threads", "1", *options, name=name, environment=wait)

    @classmethod
    def await_replicas(cls, count: int) -> None:
        ask = ("SET", "a", "b"), ("WAIT", count, 100)
        wait_until(lambda: resp.ask(cls.bench.socket("redis"), *ask) == count, "replicas that answer")

    def calls(self, command: str) -> int:
        match = re.search(rf"cmdstat_{command}:calls=(\d+)", self.bench.redis("INFO", "commandstats"))
        return int(match[1]) if match else 0

    def pause(self, name: str) -> None:
        self.bench.signal(name, signal.SIGSTOP)
        self.addCleanup(self.bench.signal, name, signal.SIGCONT)

    def go_on(self, name: str) -> None:
        self.bench.signal(name, signal.SIGCONT)
        self.await_replicas(len(self.replicas))
        self.bench.redis("DEL", "a")

    def expect_unknown(self, answer: Answer) -> None:
        self.expect(answer, 503, "outcome-unknown")


@on_every_server
class Replicas(Replicated):
    def test_enough_replicas(self) -> None:
        for state in ({"a": 1}, {"a": LARGE}, {"a": LARGE * 20}):
            tag = self.expect_saved(self.bench.post(1, state), 1).etag
            self.assertIsNotNone(self.bench.redis("GET", KEY, name="replica0"))
            self.assertEqual(self.expect_saved(self.bench.post(1, state), 1).etag, tag)
            self.expect_refused(self.bench.post(0, {}), 1)
            self.expect(self.bench.post(2, {}, if_match='"AAAAAAAAAAAAAAAAAAAAAA"'), 412, "precondition-failed")
            self.expect_saved(self.bench.post(2, state, if_match=tag), 2, over=True)
            self.assertEqual(self.bench.ask("DELETE").json, {"success": True})
            self.assertIsNone(self.bench.redis("GET", KEY, name="replica0"))
            self.assertEqual(self.bench.ask("DELETE").json, {"success": False})
        self.assertEqual(self.bench.log_lines("error"), [])
        self.assertEqual(self.bench.redis("DBSIZE"), 0)

    def test_too_few_in_time(self) -> None:
        saved = {f"u{number}": self.bench.post(1, {"of": number}, user=f"u{number}") for number in range(2, 8)}
        tag = saved["u6"].etag
        self.pause("replica0")
        readers = Readers(self.bench, 2, lambda connection, i, turn: connection.ask("GET", user="u2"))
        slowest = 0.0

        def read_all_the_time() -> None:
            nonlocal slowest
            with self.bench.connect() as connection:
                while not stop.is_set():
                    began = time.monotonic()
                    connection.ask("GET", user="u3")
                    slowest = max(slowest, time.monotonic() - began)
                    time.sleep(0.005)

        stop = threading.Event()
        reader = threading.Thread(target=read_all_the_time, daemon=True)
        reader.start()
        answers = together(
            lambda: self.bench.post(2, {"new": 1}, user="u2"),
            lambda: self.bench.post(2, {"new": LARGE}, user="u3"),
            lambda: self.bench.ask("DELETE", user="u4"),
            lambda: self.bench.ask("DELETE", user="u5", if_match="*"),
            lambda: self.bench.post(1, {"of": 6}, user="u6"),  # unchanged, and nobody knows whether replicas have it
            lambda: self.bench.ask("DELETE", user="u8"),
        )
        stop.set()
        reader.join(30)
        for answer in answers:
            self.expect_unknown(answer)
        self.assertLess(slowest, WAIT_MILLISECONDS / 1000 * 0.9, "a read was held up by WAIT")
        # What is refused needs no replica, and what was tried again is still not acknowledged.
        self.expect_refused(self.bench.post(0, {}, user="u7"), 1)
        self.expect_unknown(self.bench.ask("DELETE", user="u4"))
        self.expect_unknown(self.bench.post(2, {"new": 1}, user="u2"))
        self.assertEqual(set(readers.stop()), {200})
        self.expect_told("only 0 of 1 replicas have it in time")
        self.assertEqual(self.bench.ask("GET", user="u2").json["state"], {"new": 1})
        self.go_on("replica0")
        self.expect_saved(self.bench.post(2, {"new": 1}, user="u2"), 2)
        self.assertEqual(self.expect_saved(self.bench.post(1, {"of": 6}, user="u6"), 1).etag, tag)
        self.expect_told("Redis takes writes again")

    def test_many_saves_share_a_wait(self) -> None:
        before = self.calls("wait"), self.calls("evalsha")

        def save(user: int, version: int) -> int:
            with self.bench.connect() as connection:
                return connection.ask("POST", document(version, {}), user=f"m{user}").status

        for version in range(1, 6):
            # The master holds still while they arrive, so that all but the first few are there together.
            go_on = threading.Timer(0.3, lambda: self.bench.signal("redis", signal.SIGCONT))
            self.bench.signal("redis", signal.SIGSTOP)
            go_on.start()
            statuses = together(*(lambda user=user: save(user, version) for user in range(24)))
            go_on.join()
            self.assertEqual(set(statuses), {200})
        waits, saves = self.calls("wait") - before[0], self.calls("evalsha") - before[1]
        self.assertGreaterEqual(saves, 120)
        self.assertLess(waits, saves / 2, "saves that come together share a WAIT")

    def test_a_script_that_redis_has_forgotten(self) -> None:
        self.bench.redis("SCRIPT", "FLUSH")
        self.expect_saved(self.bench.post(1, {"a": LARGE}), 1)
        self.bench.redis("SCRIPT", "FLUSH")
        self.assertEqual(self.bench.ask("DELETE").json, {"success": True})

    def test_the_right_to_wait(self) -> None:
        rights = [f"+{name}" for name in documented()]
        self.bench.redis("ACL", "SETUSER", "app", "on", ">p", f"~{PATTERN}", "-@all", *rights)
        self.bench.kill("worker")
        self.serve("worker", "--redis", f"unix://app:p@{self.bench.socket('redis')}")
        self.bench.await_answer(404)
        self.expect_unknown(self.bench.post(1, {}))
        self.expect_unknown(self.bench.ask("DELETE"))
        self.expect_told("NOPERM", "wait")
        self.bench.redis("ACL", "SETUSER", "app", "+wait")
        for state in ({}, {"a": LARGE}):
            self.expect_saved(self.bench.post(1, state), 1)
            self.assertEqual(self.bench.ask("DELETE").json, {"success": True})
            self.assertEqual(self.bench.ask("DELETE", if_match="*").status, 412)
            self.assertEqual(self.bench.ask("DELETE").json, {"success": False})

    def test_the_first_save_finds_its_connection_and_the_scripts(self) -> None:
        self.bench.redis("SCRIPT", "FLUSH")
        self.bench.redis("CONFIG", "RESETSTAT")
        path = self.bench.folder / "admin.sock"
        self.serve("warm", "--admin", f"unix:{path}")
        wait_until(lambda: is_ready(path), "readiness")
        before = self.connections()
        for user in ("first", "second"):
            self.expect_saved(self.bench.post(1, {"a": LARGE}, user=user, name="warm"), 1)
            self.assertEqual(self.bench.ask("DELETE", user=user, name="warm").json, {"success": True})
        self.assertEqual(self.connections(), before)
        self.assertNotIn("NOSCRIPT", self.bench.redis("INFO", "errorstats"))
        self.bench.kill("warm")

    def connections(self) -> set[str]:
        """Those of workers, by their numbers."""
        clients = self.bench.redis("CLIENT", "LIST", "TYPE", "normal").splitlines()
        return {line.split()[0] for line in clients if " cmd=client" not in line}

    def test_connections_that_are_cut_while_answers_are_held(self) -> None:
        self.bench.post(1, {})
        self.pause("replica0")
        answers: list[Answer] = []
        thread = threading.Thread(target=lambda: answers.append(self.bench.post(2, {"cut": 1})))
        thread.start()
        wait_until(lambda: '"cut"' in (self.bench.stored() or ""), "Redis carries it out")
        began = time.monotonic()
        self.bench.redis("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        thread.join(30)
        self.expect_unknown(answers[0])
        self.assertLess(time.monotonic() - began, 5)
        self.go_on("replica0")
        wait_until(lambda: self.bench.post(2, {"cut": 1}).status == 200, "acknowledged", 10)

    def test_a_worker_that_stops_while_answers_are_held(self) -> None:
        self.serve("stopping")
        self.bench.await_answer(404, name="stopping")
        self.pause("replica0")
        answers: list[Answer] = []
        thread = threading.Thread(target=lambda: answers.append(self.bench.post(1, {}, name="stopping")))
        thread.start()
        wait_until(lambda: self.bench.stored(), "Redis carries it out")
        self.bench.signal("stopping", signal.SIGTERM)
        thread.join(30)
        self.expect_unknown(answers[0])
        wait_until(lambda: not self.bench.is_running("stopping"), "the end", 20)
        self.go_on("replica0")


@on_every_server
class DeadMaster(Replicated):
    """Both of two replicas must have what is acknowledged: whichever is promoted has it."""

    replica_count = 2

    def test_a_failover_loses_nothing(self) -> None:
        acknowledged: dict[str, int] = {}
        statuses: set[tuple[int, str]] = set()
        is_over = threading.Event()

        def save(user: str) -> None:
            version = 0
            with self.bench.connect() as connection:
                while not is_over.is_set():
                    version += 1
                    answer = connection.ask("POST", document(version, {"v": version}), user=user)
                    statuses.add((answer.status, answer.problem))
                    if answer.status == 200:
                        acknowledged[user] = version

        threads = [threading.Thread(target=save, args=(f"f{number}",), daemon=True) for number in range(12)]
        for thread in threads:
            thread.start()
        wait_until(lambda: sum(acknowledged.values()) > 600, "saves")
        # One of the replicas lags, so that some saves are held when the master dies.
        self.bench.signal("replica1", signal.SIGSTOP)
        time.sleep(0.1)
        self.bench.kill("redis")
        time.sleep(0.3)
        is_over.set()
        for thread in threads:
            thread.join(30)
        self.bench.signal("replica1", signal.SIGCONT)
        self.assertLessEqual(statuses, {(200, ""), (503, "outcome-unknown"), (503, "storage-unavailable")})
        self.assertIn((503, "outcome-unknown"), statuses)
        for replica in self.replicas:
            self.bench.redis("REPLICAOF", "NO", "ONE", name=replica)
            for user, version in acknowledged.items():
                stored = self.bench.redis("GET", f"hyvve:dashboard:state:{user}:w1", name=replica)
                found = re.match(r'{"version":(\d+),', stored or "")
                self.assertIsNotNone(found, f"{user} is lost on {replica}")
                self.assertGreaterEqual(int(found[1]), version, f"{user} on {replica}")


class AsCGI(Replicated, unittest.TestCase):
    def test_a_save(self) -> None:
        import subprocess

        body = document(1, {"by": "CGI"}).encode()
        environment = {
            "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "POST", "SCRIPT_NAME": "/api/dashboard/state",
            "CONTENT_TYPE": "application/json", "CONTENT_LENGTH": str(len(body)), "REMOTE_USER": "u1",
            "REMOTE_WORKSPACE": "w1", "REDIS_URL": self.bench.redis_url, "REDIS_WAIT_REPLICAS": "1",
        }  # fmt: skip
        command = [str(self.bench.worker)]
        saved = subprocess.run(command, input=body, env=environment, capture_output=True, timeout=30)
        self.assertIn(b'"success":true', saved.stdout, saved)
        environment |= {"REDIS_WAIT_REPLICAS": "2", "REDIS_WAIT_TIMEOUT": "200"}
        unknown = subprocess.run(command, input=body, env=environment, capture_output=True, timeout=30)
        self.assertIn(b"outcome-unknown", unknown.stdout, unknown)
        self.assertIn(b"only 1 of 2 replicas", unknown.stderr, unknown)

    def test_the_wait_is_below_the_timeout(self) -> None:
        import subprocess

        environment = {"REDIS_WAIT_REPLICAS": "1", "REDIS_TIMEOUT": "1000"}
        refused = subprocess.run([str(self.bench.worker)], env=environment, capture_output=True, timeout=30)
        self.assertEqual(refused.returncode, 78)
        self.assertIn(b"REDIS_WAIT_TIMEOUT is 1000, and must be below --redis-timeout", refused.stderr)
