"""The rights of an ACL user: those that the documentation lists suffice, and each that is taken away is told."""

from __future__ import annotations

import json
import re

import resp
from cases import LARGE, TTL, Checks, on_every_server
from fastcgi import Answer
from programs import TOP, wait_until
from workbench import KEY

PASSWORD = "a password"
PATTERN = "hyvve:dashboard:state:*"


def documented() -> list[str]:
    """The commands that docs/redis.md lists behind `ACL SETUSER`."""
    text = (TOP / "docs/redis.md").read_text()
    line = re.search(r"ACL SETUSER (?:[^\n]*\\\n)*[^\n]*", text)
    return re.findall(r"\+([a-z|]+)", line.group()) if line else []


@on_every_server
class Rights(Checks):
    """The worker's connection belongs to a user of its own."""

    seconds = 40
    environment = {}

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        rights = [f"+{name}" for name in documented()]
        cls.bench.redis("ACL", "SETUSER", "app", "on", f">{PASSWORD}", f"~{PATTERN}", "-@all", *rights)
        (cls.bench.folder / "password").write_text(PASSWORD)
        cls.start_worker()

    @classmethod
    def start_worker(cls) -> None:
        cls.bench.serve(
            "--threads", "1", name="app", url=f"unix://app:@{cls.bench.socket('redis')}",
            environment={"REDIS_PASSWORD_FILE": str(cls.bench.folder / "password")},
        )  # fmt: skip

    def ask(self, method: str, body: str = "", **more: str) -> Answer:
        return self.bench.ask(method, body, name="app", **more)

    def post(self, version: int, state: object, **more: str) -> Answer:
        return self.bench.post(version, state, name="app", **more)

    def use_everything(self) -> list[str]:
        """Every kind of request, each answer held against what Redis then holds; returns which were answered 503."""
        self.bench.redis("FLUSHALL")
        self.bench.redis("SCRIPT", "FLUSH")
        failed = []
        for size, state in (("small", {"a": 1}), ("large", {"a": LARGE})):
            for name, ask in {
                "saved": lambda: self.post(2, state),
                "read": lambda: self.ask("GET"),
                "unchanged": lambda: self.post(2, state),
                "refused": lambda: self.post(1, state, prefer="return=representation"),
                "replaced": lambda: self.post(3, state),
                "conditional": lambda: self.post(4, state, if_match="*"),
                "deleted under a condition": lambda: self.ask("DELETE", if_match="*"),
                "over a foreign one": lambda: self.post(4, state),
                "deleted": lambda: self.ask("DELETE"),
                "nothing": lambda: self.ask("GET"),
            }.items():
                if name == "over a foreign one":
                    self.bench.redis("SET", KEY, '{"state":{"a":1},"version":1}', "EX", 1000)
                before = self.bench.stored()
                answer = ask()
                self.expect_truth(f"{name}, {size}", answer, before, self.bench.stored())
                failed += [name] if answer.status == 503 else []
        return failed

    def expect_truth(self, name: str, answer: Answer, before: str | None, after: str | None) -> None:
        if after is not None:
            self.assertGreater(self.bench.redis("TTL", KEY), 900, f"{name}: {answer}")
        is_write = answer.status == 200 and "success" in answer.json and answer.json["success"]
        if not is_write:
            self.assertEqual(before, after, f"{name}: {answer}")
        if answer.status == 503:
            self.assertEqual(answer.problem, "storage-unavailable", name)
        elif answer.status in (404, 412):
            self.assertIsNone(before, f"{name}: {answer}")
        elif "serverVersion" in answer.json:
            stored = json.loads(after or "{}")
            self.assertEqual(stored["version"], answer.json["serverVersion"], f"{name}: {answer}")
            if is_write:
                self.assertGreater(self.bench.redis("TTL", KEY), TTL - 60, name)
        elif is_write:
            self.assertIsNone(after, f"{name}: {answer}")

    def anew(self) -> None:
        self.bench.kill("app")
        self.bench.log_path("app").write_text("")
        self.start_worker()
        self.bench.await_answer(404, name="app", seconds=10)

    def test_what_is_documented_suffices(self) -> None:
        self.assertTrue(documented(), "docs/redis.md lists the rights")
        self.anew()
        self.assertEqual(self.use_everything(), [])
        self.assertEqual(self.bench.log_lines("Redis refuse", name="app"), [])
        self.assertEqual(self.bench.readiness("app"), "ready")

    def test_each_one_taken_away_is_told_once(self) -> None:
        for name in documented():
            with self.subTest(without=name):
                self.bench.redis("FLUSHALL")
                self.anew()
                if not self.take_away(name):
                    continue
                try:
                    failed = self.use_everything()
                    self.expect_told(name, 1 if failed else 0)
                    # A new connection shows what its first commands need, and may say again what is wrong.
                    self.bench.redis("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
                    failed_anew = self.use_everything()
                    if failed_anew and not failed:
                        self.expect_told(name, 1)
                finally:
                    self.bench.redis("ACL", "SETUSER", "app", f"+{name}")
                wait_until(lambda: self.ask("GET").status != 503, "everything is allowed again", 10)

    def expect_told(self, command: str, times: int) -> None:
        lines = self.bench.await_log_lines(times, command, name="app")
        told = [line for line in lines if re.search(rf"\b{command}\b", line, re.I)]
        told = [line for line in told if " info " not in line and " notice " not in line]
        self.assertEqual(len(told), times, told)

    def take_away(self, name: str) -> bool:
        try:
            self.bench.redis("ACL", "SETUSER", "app", f"-{name}")
        except resp.RedisError:
            return False  # a subcommand cannot be taken from this version's rights
        return True

    def test_other_keys(self) -> None:
        self.anew()
        self.bench.redis("ACL", "SETUSER", "app", "resetkeys", "~other:*")
        try:
            for ask in (
                lambda: self.ask("GET"),
                lambda: self.post(1, {}),
                lambda: self.post(1, {"a": LARGE}),
                lambda: self.ask("DELETE"),
                lambda: self.ask("DELETE", if_match="*"),
            ):
                answer = ask()
                self.assertEqual((answer.status, answer.problem), (503, "storage-unavailable"), answer)
        finally:
            self.bench.redis("ACL", "SETUSER", "app", "resetkeys", f"~{PATTERN}")
        self.assertEqual(self.bench.redis("KEYS", "*"), [])
        self.bench.await_answer(404, name="app", seconds=10)
