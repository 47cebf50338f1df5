"""Where Redis refuses writes: full, its disk gone, too few replicas. Reads are served, and nothing looks saved."""

from __future__ import annotations

import time
from collections.abc import Callable

import resp
from cases import LARGE, Checks, on_every_server
from fastcgi import Answer
from programs import wait_until
from workbench import document

# What writes, and what makes it decide by a precondition that fails or holds.
Write = Callable[[], Answer]


class Refusals(Checks):
    """A state `u1` is stored; each kind of write is tried over it and beside it."""

    # Snapshots are made when they are asked for, and writes are refused once one has failed.
    redis_options = ("--save", 1000000, 1000000)

    def setUp(self) -> None:
        super().setUp()
        self.tag = self.expect_saved(self.bench.post(5, {"by": "before"}), 5).etag
        self.before = self.bench.stored()

    def saves(self) -> dict[str, Write]:
        tag = self.tag
        return {
            "small": lambda: self.bench.post(6, {"by": "small"}),
            "new": lambda: self.bench.post(1, {"by": "new"}, user="new"),
            "large": lambda: self.bench.post(6, {"by": LARGE}),
            "large and new": lambda: self.bench.post(1, {"by": LARGE}, user="new"),
            "If-Match": lambda: self.bench.post(6, {"by": "conditional"}, if_match=tag),
            "large, If-Match": lambda: self.bench.post(6, {"by": LARGE}, if_match=tag),
            "If-None-Match": lambda: self.bench.post(1, {"by": "new"}, user="new", if_none_match="*"),
            "representation": lambda: self.bench.post(6, {"by": "r"}, prefer="return=representation"),
        }

    def deletes(self) -> dict[str, Write]:
        return {
            "DELETE": lambda: self.bench.ask("DELETE"),
            "DELETE, If-Match": lambda: self.bench.ask("DELETE", if_match=self.tag),
        }

    def expect_all(self, writes: dict[str, Write], status: int, problem: str) -> None:
        for name, write in writes.items():
            with self.subTest(name):
                self.expect(write(), status, problem)
                self.assertEqual(self.bench.stored(), self.before)
                self.assertIsNone(self.bench.stored("new"))

    def expect_reads(self, name: str = "worker") -> None:
        self.assertEqual(self.expect(self.bench.ask("GET", name=name), 200).etag, self.tag)
        self.expect(self.bench.ask("GET", user="nobody", name=name), 404, "nothing-stored")

    def expect_read_only(self, word: str) -> None:
        """Reads work on connections of before and of now, writes nowhere, and it is said once each worker."""
        self.bench.serve(*self.worker_options, name="new")
        self.addCleanup(self.bench.kill, "new")
        self.bench.await_answer(200, name="new")
        self.expect_all(self.saves() | self.deletes(), 503, "storage-unavailable")
        self.expect_reads()
        self.expect_reads("new")
        self.bench.redis("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        self.bench.await_answer(200)
        self.expect_reads()
        for name in ("worker", "new"):
            wait_until(lambda: self.bench.readiness(name) == "read-only", f"read-only: {word}", 10)
        self.expect_told(word)

    def expect_writes_again(self) -> None:
        wait_until(lambda: self.bench.post(6, {"by": "after"}).status == 200, "a save")
        wait_until(lambda: self.bench.readiness() == "ready", "ready", 10)


@on_every_server
class Full(Refusals):
    def test_full(self) -> None:
        self.bench.redis("CONFIG", "SET", "maxmemory", "1")
        try:
            self.expect_all(self.saves(), 507, "storage-full")
            self.expect_all(self.saves(), 507, "storage-full")
            self.expect_reads()
            self.expect_refused(self.bench.post(4, {"by": "lower"}), 5)
            self.expect_told("maxmemory")
            self.expect(self.bench.ask("DELETE", if_match=self.tag), 200)
        finally:
            self.bench.redis("CONFIG", "SET", "maxmemory", "0")
        self.expect_writes_again()


@on_every_server
class TooFewReplicas(Refusals):
    def test_too_few_replicas(self) -> None:
        self.bench.redis("CONFIG", "SET", "min-replicas-to-write", "1")
        try:
            self.expect_read_only("NOREPLICAS")
        finally:
            self.bench.redis("CONFIG", "SET", "min-replicas-to-write", "0")
        self.expect_writes_again()


@on_every_server
class NoDisk(Refusals):
    def test_no_disk(self) -> None:
        folder = self.bench.folder / "redis.d"
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()
        self.bench.redis("BGSAVE")
        wait_until(lambda: self.refuses_writes(), "MISCONF")
        self.expect_read_only("MISCONF")
        self.bench.redis("CONFIG", "SET", "stop-writes-on-bgsave-error", "no")
        self.expect_writes_again()

    def refuses_writes(self) -> bool:
        try:
            self.bench.redis("SET", "x", "1")
        except resp.RedisError as error:
            return str(error).startswith("MISCONF")
        return False


@on_every_server
class Replicas(Refusals):
    """A server that was demoted, and that is not in touch with its master."""

    seconds = 30

    def setUp(self) -> None:
        super().setUp()
        self.bench.serve(*self.worker_options, name="saver", environment={"REDIS_STATE_TTL_RENEW": "save"})
        self.addCleanup(self.bench.kill, "saver")
        self.bench.await_answer(200, name="saver")
        self.addCleanup(self.bench.redis, "REPLICAOF", "NO", "ONE")

    def demote(self) -> None:
        self.bench.redis("REPLICAOF", "127.0.0.1", "1")

    def more_writes(self) -> dict[str, Write]:
        other = '"BBBBBBBBBBBBBBBBBBBBBB"'
        wanted = {"prefer": "return=representation"}
        return {
            "a lower version": lambda: self.bench.post(4, {"by": "lower"}),
            "a lower version, large": lambda: self.bench.post(4, {"by": LARGE}),
            "a lower version, representation": lambda: self.bench.post(4, {"by": "lower"}, **wanted),
            "the same again": lambda: self.bench.post(5, {"by": "before"}),
            "If-Match that fails here": lambda: self.bench.post(6, {"by": "other"}, if_match=other),
            "If-None-Match that fails here": lambda: self.bench.post(6, {"by": "other"}, if_none_match="*"),
            "DELETE, If-Match that fails here": lambda: self.bench.ask("DELETE", if_match=other),
            "DELETE of nothing": lambda: self.bench.ask("DELETE", user="new"),
            "an older time": lambda: self.bench.ask("POST", document(5, {}, lastModified="2020-01-01T00:00:00Z")),
        }

    def test_nothing_is_decided_from_the_first_moment_on(self) -> None:
        # Each begins with a link in use: the first refusal must not be what the next ones are refused by.
        for name, write in (self.saves() | self.deletes() | self.more_writes()).items():
            with self.subTest(name):
                self.bench.await_answer(200)
                self.demote()
                self.expect(write(), 503, "storage-unavailable")
                self.bench.redis("REPLICAOF", "NO", "ONE")
                self.assertEqual(self.bench.stored(), self.before)

    def test_its_role_is_noticed_on_links_in_use(self) -> None:
        self.demote()
        for name in ("worker", "saver"):
            self.bench.await_answer(503, name=name, seconds=8)
            self.expect(self.bench.ask("GET", name=name), 503, "storage-unavailable")
            self.expect(self.bench.ask("GET", user="nobody", name=name), 503, "storage-unavailable")
            self.assertEqual(self.bench.readiness(name), "unavailable")
        self.bench.serve(*self.worker_options, name="new")
        self.addCleanup(self.bench.kill, "new")
        self.expect(self.bench.ask("GET", name="new"), 503, "storage-unavailable")
        time.sleep(1)  # in which it is tried again
        self.expect_told("replica", name="new")
        self.bench.redis("REPLICAOF", "NO", "ONE")
        for name in ("worker", "saver", "new"):
            self.bench.await_answer(200, name=name)
            wait_until(lambda: self.bench.readiness(name) == "ready", "ready", 10)
        self.expect_saved(self.bench.post(6, {"by": "after"}), 6, over=True)
