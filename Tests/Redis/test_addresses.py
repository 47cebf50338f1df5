"""REDIS_URL as people write it."""

from __future__ import annotations

import unittest
from urllib.parse import quote

from programs import free_port, wait_until
from workbench import Workbench

PASSWORD = "p@s/s:w%o rd#?é"
ENCODED = quote(PASSWORD, safe="")


class Addresses(unittest.TestCase):
    seconds = 15

    @classmethod
    def setUpClass(cls) -> None:
        cls.bench = Workbench()
        cls.addClassCleanup(cls.bench.stop)
        cls.port, cls.port6 = free_port(), free_port()
        cls.bench.start_redis(port=cls.port)
        cls.bench.start_redis("--bind", "::1", name="six", port=cls.port6)
        for folder in ("run@1", "a b", "50%"):
            (cls.bench.folder / folder).mkdir()
            (cls.bench.folder / folder / "r.sock").hardlink_to(cls.bench.socket("redis"))
        for user, password in (("app", f">{PASSWORD}"), ("free", "nopass"), ("us@er", f">{PASSWORD}")):
            cls.bench.redis("ACL", "SETUSER", user, "on", password, "~hyvve:*", "+@all")
        (cls.bench.folder / "password").write_text(PASSWORD + "\n")

    def try_url(self, url: str, environment: dict[str, str] | None = None) -> str:
        """Which user and database a read came to; or what became of the worker."""
        name = "tried"
        before = self.bench.redis("INFO", "stats").split("total_connections_received:")[1].split()[0]
        try:
            self.bench.log_path(name).unlink(missing_ok=True)
            self.bench.serve("--threads", "1", name=name, url=url, environment=environment)
        except RuntimeError:
            return "refused at start"
        try:
            answers: list[int] = []

            def has_settled() -> bool:
                answers.append(self.bench.ask("GET", name=name).status)
                return answers[-1] == 404 or bool(self.bench.log_lines("cannot be used", name=name))

            wait_until(has_settled, f"an answer or a refusal: {url}", 10)
            if answers[-1] != 404:
                return str(answers[-1])
            clients = self.bench.redis("CLIENT", "LIST") + self.bench.redis("CLIENT", "LIST", name="six")
            # Behind the read may have come the question for the eviction policy.
            lines = [line for line in clients.splitlines() if "cmd=get" in line or "cmd=info" in line]
            fields = dict(field.split("=", 1) for field in lines[-1].split() if "=" in field)
            return f"{fields['user']}/{fields['db']}"
        finally:
            for secret in (PASSWORD, ENCODED):
                self.assertNotIn(secret, self.bench.log(name, 1000), f"a secret in the log: {url}; {before}")
            self.bench.kill(name)

    def test_addresses(self) -> None:
        folder, at = self.bench.folder, f"127.0.0.1:{self.port}"
        file = {"REDIS_PASSWORD_FILE": str(folder / "password")}
        for url, environment, expected in (
            (f"redis://{at}", None, "default/0"),
            (f"redis://app:{ENCODED}@{at}", None, "app/0"),
            (f"redis://us%40er:{ENCODED}@{at}", None, "us@er/0"),
            (f"redis://app:a@b/c:d@{at}", None, "503 or refused"),  # @ and / are written %40 and %2F
            (f"redis://app:wrong@{at}", None, "503"),
            (f"redis://app@{at}", file, "app/0"),
            (f"redis://app:@{at}", file, "app/0"),
            (f"redis://free:@{at}", None, "free/0"),
            (f"redis://free@{at}", None, "free/0 or refused"),
            (f"redis://:x@{at}", None, "default/0"),
            (f"redis://localhost:{self.port}", None, "default/0"),
            (f"redis://[::1]:{self.port6}", None, "default/0"),
            (f"redis://{at}/3", None, "default/3"),
            (f"redis://{at}/", None, "default/0"),
            (f"redis://{at}/99", None, "503"),
            (f"redis://{at}?db=1", None, "refused at start"),
            (f"redis://{at}/x", None, "refused at start"),
            (f"REDIS://{at}", None, "default/0"),
            (f"redis://app:{ENCODED}@127.0.0.1:x", None, "refused at start"),
            (f"redis://app:{ENCODED}@127.0.0.1:0", None, "refused at start"),
            (f"http://{at}", None, "refused at start"),
            (f"unix://{folder}/redis.sock?db=2", None, "default/2"),
            (f"unix://app:{ENCODED}@{folder}/redis.sock", None, "app/0"),
            (f"unix://{folder}/a b/r.sock", None, "default/0"),
            (f"unix://{folder}/a%20b/r.sock", None, "default/0"),
            (f"unix://{folder}/run@1/r.sock", None, "default/0"),
            (f"unix://{folder}/run%401/r.sock", None, "default/0"),
            (f"unix://{folder}/50%25/r.sock", None, "default/0"),
        ):
            with self.subTest(url.replace(str(folder), "").replace(at, "HOST")):
                found = self.try_url(url, environment)
                first, _, or_refused = expected.partition(" or ")
                self.assertIn(found, (first, "refused at start") if or_refused else (first,))
