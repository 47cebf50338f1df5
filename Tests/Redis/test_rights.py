"""The rights of an ACL user: those that the documentation lists suffice, and each that is taken away is told."""

from __future__ import annotations

import re

import resp
from cases import LARGE, TTL, Checks, on_every_server
from fastcgi import Answer
from programs import TOP, wait_until
from workbench import key

PASSWORD = "a password"
PATTERN = "hyvve:dashboard:state:*"


def documented() -> list[str]:
    """The commands that README.md lists in its line `ACL SETUSER … +get +…`."""
    text = (TOP / "README.md").read_text()
    line = re.search(r"ACL SETUSER [^\n]*(?:\\\n[^\n]*)*", text)
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

    def use_everything(self) -> dict[str, int]:
        """Statuses by what was asked; looks after each answer at what it left behind."""
        self.bench.redis("FLUSHALL")
        self.bench.redis("SCRIPT", "FLUSH")
        foreign = '{"state":{"a":1},"version":1}'
        self.bench.redis("SET", key("f"), foreign, "EX", 1000)
        statuses = {}
        for user, state in (("s", {"a": 1}), ("l", {"a": LARGE})):
            for name, ask in {
                "saved": lambda: self.post(2, state, user=user),
                "read": lambda: self.ask("GET", user=user),
                "unchanged": lambda: self.post(2, state, user=user),
                "refused": lambda: self.post(1, state, user=user, prefer="return=representation"),
                "replaced": lambda: self.post(3, state, user=user),
                "conditional": lambda: self.post(4, state, user=user, if_match="*"),
                "over a foreign one": lambda: self.post(4, state, user="f"),
                "conditional delete": lambda: self.ask("DELETE", user=user, if_match="*"),
                "deleted": lambda: self.ask("DELETE", user="f"),
                "nothing": lambda: self.ask("GET", user=user),
            }.items():
                self.bench.redis("SET", key("f"), foreign, "EX", 1000)
                statuses[f"{name} {user}"] = self.checked(f"{name} {user}", ask())
        return statuses

    def checked(self, name: str, answer: Answer) -> int:
        """What was answered is what happened: no state without a time to live, none that was lost."""
        states = [each for each in self.bench.redis("KEYS", "*") if "staging" not in each]
        for state in states:
            self.assertGreater(self.bench.redis("TTL", state), 900, f"{name}: {answer}")
        if answer.status == 503:
            self.assertIn(answer.problem, ("storage-unavailable", "outcome-unknown"), name)
        elif name.startswith(("saved", "replaced")):
            self.assertGreater(self.bench.redis("TTL", key(name[-1])), TTL - 60, name)
        return answer.status

    def test_what_is_documented_suffices(self) -> None:
        self.assertTrue(documented(), "README.md lists the rights")
        self.bench.await_answer(404, name="app")
        statuses = self.use_everything()
        self.assertEqual({name: status for name, status in statuses.items() if status not in (200, 404)}, {})
        self.assertEqual(self.bench.log_lines("refused", name="app"), [])
        self.assertEqual(self.bench.readiness("app"), "ready")

    def test_each_one_taken_away_is_told_once(self) -> None:
        whole: dict[str, int] = {}
        for name in ["", *documented()]:
            with self.subTest(without=name):
                self.bench.kill("app")
                self.bench.log_path("app").write_text("")
                self.start_worker()
                self.bench.await_answer(404, name="app")
                if not name:
                    whole = self.use_everything()
                    continue
                if not self.take_away(name):
                    continue
                try:
                    # Both on the connection that is there and on a new one.
                    on_the_old = self.use_everything()
                    self.bench.redis("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
                    statuses = self.use_everything()
                finally:
                    self.bench.redis("ACL", "SETUSER", "app", f"+{name}")
                for outcome in (on_the_old, statuses):
                    for asked, status in outcome.items():
                        self.assertIn(status, (whole[asked], 503), asked)
                refusals = [s for s in (on_the_old | statuses).values() if s == 503]
                refusals += [s for s in on_the_old.values() if s == 503]
                if refusals:
                    told = [line for line in self.bench.log_lines(name.split("|")[0], name="app") if " info " not in line]
                    self.assertEqual(len(told), 1, self.bench.log("app"))
        wait_until(lambda: self.ask("GET").status == 404, "everything is allowed again")

    def take_away(self, name: str) -> bool:
        try:
            self.bench.redis("ACL", "SETUSER", "app", f"-{name}")
        except resp.RedisError:
            return False  # a subcommand cannot be taken from this version's rights
        return True

    def test_other_keys(self) -> None:
        self.bench.await_answer(404, name="app")
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
        self.bench.await_answer(404, name="app")
