"""Servers that behave as no good one does: who never learns a script, trickles, closes, or changes sides."""

from __future__ import annotations

import time
import unittest

from cases import together
from peers import Close, Pair, Proxy, ScriptedRedis, bulk, usual
from programs import wait_until
from workbench import KEY, Workbench, document

DOCUMENT = b'{"version":7,"lastModified":"2026-11-01T00:00:00.000Z","etag":"AAAAAAAAAAAAAAAAAAAAAA","state":{"a":1}}'


class OddServers(unittest.TestCase):
    def setUp(self) -> None:
        self.bench = Workbench()
        self.addCleanup(self.bench.stop)

    def script(self, answer: object, *options: object) -> ScriptedRedis:
        redis = ScriptedRedis(self.bench.socket("redis"), answer)
        self.addCleanup(redis.close)
        self.bench.serve("--threads", "1", *options)
        return redis

    def test_a_server_that_never_learns_the_script(self) -> None:
        def answer(command: list[bytes]) -> bytes | None:
            if command[0] == b"SCRIPT":
                return bulk(b"0" * 40)
            return b"-NOSCRIPT no\r\n" if command[0] == b"EVALSHA" else usual(command) or b"$-1\r\n"

        redis = self.script(answer)
        self.bench.await_answer(404)
        self.assertEqual(self.bench.post(1, {}).problem, "storage-unavailable")
        scripts = [command for _, command in redis.seen if command[0] in (b"EVALSHA", b"SCRIPT")]
        self.assertEqual([command[0] for command in scripts], [b"EVALSHA", b"SCRIPT", b"EVALSHA"])
        self.assertEqual(scripts[0], scripts[2], "byte by byte")
        self.assertEqual(self.bench.post(1, {}).problem, "storage-unavailable")
        self.assertEqual(len(self.bench.await_log_lines(1, "error", "evalsha", "NOSCRIPT")), 1)

    def test_a_refusal_of_what_is_sent_ahead_is_told_by_its_own_name(self) -> None:
        loaded = [False]

        def answer(command: list[bytes]) -> bytes | None:
            if command[0] == b"SCRIPT":
                loaded[0] = True
                return bulk(b"0" * 40)
            if command[0] == b"SET":
                return b"-ERR not now\r\n" if loaded[0] else b"+OK\r\n"
            if command[0] == b"EVALSHA":
                is_staged = command[5].endswith(b":")
                return bulk(b"unstaged" if is_staged else b"saved") if loaded[0] else b"-NOSCRIPT no\r\n"
            return usual(command) or b"$-1\r\n"

        self.script(answer)
        self.bench.await_answer(404)
        self.assertEqual(self.bench.post(7, {"text": "x" * 10_000}).status, 200)
        told = self.bench.await_log_lines(1, "Redis refused a command")
        self.assertEqual(len(told), 1, told)
        self.assertIn("command=set", told[0])

    def test_a_server_that_forgets_first_the_script_and_then_what_was_sent_ahead(self) -> None:
        knows = [False]
        losses = [3]

        def answer(command: list[bytes]) -> bytes | None:
            if command[0] == b"SCRIPT":
                knows[0] = True
                return bulk(b"0" * 40)
            if command[0] != b"EVALSHA":
                return usual(command) or (b"+OK\r\n" if command[0] == b"SET" else b"$-1\r\n")
            if not knows[0]:
                return b"-NOSCRIPT no\r\n"
            losses[0] -= 1
            if losses[0] == 2:
                return bulk(b"unstaged")
            if losses[0] == 1:
                # The script again, in between.
                knows[0] = False
                return b"-NOSCRIPT no\r\n"
            return bulk(b"saved")

        redis = self.script(answer)
        self.bench.await_answer(404)
        text = "x" * 10_000
        self.assertEqual(self.bench.post(7, {"text": text}).status, 200)
        seen = [command for _, command in redis.seen if command[0] in (b"EVALSHA", b"SCRIPT", b"SET")]
        names = [b"SET", b"EVALSHA", b"SCRIPT", b"SET", b"EVALSHA", b"EVALSHA", b"SCRIPT", b"EVALSHA"]
        self.assertEqual([command[0] for command in seen], names)
        self.assertEqual(seen[:2], seen[3:5], "byte by byte")
        self.assertEqual(seen[5], seen[7], "byte by byte")
        ahead, staged, whole = seen[0], seen[1], seen[7]
        # The document takes the place of its head; nothing else is different.
        self.assertEqual(whole, [*staged[:5], ahead[2], *staged[6:]])
        self.assertIn(text.encode(), ahead[2])
        self.assertEqual(self.bench.ask("GET").status, 404, "replies stay with their requests")

    def test_a_server_that_closes_every_greeting_is_not_asked_in_a_loop(self) -> None:
        def answer(command: list[bytes]) -> bytes | None:
            raise Close

        redis = self.script(answer)
        wait_until(lambda: len(redis.seen) > 3, "some attempts", 30)
        before = redis.seen[-1][0]
        time.sleep(1)
        self.assertLess(redis.seen[-1][0] - before, 40)
        self.assertEqual(len(self.bench.await_log_lines(1, "Redis cannot be used")), 1)

    def test_a_replica_behind_greetings_that_were_closed_is_none_the_less_one(self) -> None:
        """As a proxy closes them behind which nobody is there yet: that says nothing of what the server knows."""
        self.bench.start_redis()
        self.bench.redis("ACL", "SETUSER", "app", "on", ">pw", "~*", "-@all", "+get", "+set", "+evalsha", "+script|load", "+getrange")
        self.bench.redis("REPLICAOF", "127.0.0.1", "1")
        # The last one: the first connection that works asks for no role, and the one behind it is closed as well.
        for closed in ({1, 2}, {1, 2, 3, 4}, {1, 2, 3, 4, 5}, {1, 2, 3, 4, 6}):
            for user in ("", "app:pw@"):
                with self.subTest(closed=closed, user=user):
                    self._expect_a_replica_behind(closed, user, f"{sum(closed)}{bool(user)}")

    def _expect_a_replica_behind(self, closed: set[int], user: str, name: str) -> None:
        def up(data: bytes, pair: Pair) -> bytes | None:
            if pair.number not in closed:
                return data
            pair.cut()
            return None

        proxy = Proxy(self.bench.socket(f"proxy{name}"), self.bench.socket("redis"), up)
        self.addCleanup(proxy.close)
        self.bench.serve("--threads", "1", name=name, url=f"unix://{user}{self.bench.socket(f'proxy{name}')}")
        for _ in range(20):
            self.assertEqual(self.bench.ask("GET", name=name).status, 503)
            time.sleep(0.1)
        self.assertTrue(self.bench.await_log_lines(1, "Redis cannot be used", "replica", name=name))
        self.bench.kill(name)

    def test_what_comes_with_the_greeting_s_replies_answers_nothing_that_is_sent_later(self) -> None:
        for rest, later in ((b"$-1\r\n", b""), (b"$-", b"1\r\n")):
            with self.subTest(rest):
                bench = Workbench()
                self.addCleanup(bench.stop)

                def answer(command: list[bytes], rest: bytes = rest, later: bytes = later) -> bytes | None:
                    if command[0] == b"PING":
                        time.sleep(0.3)  # in which a read comes, and waits
                        return b"+PONG\r\n" + rest
                    return usual(command) or later + bulk(DOCUMENT)

                redis = ScriptedRedis(bench.socket("redis"), answer)
                self.addCleanup(redis.close)
                bench.serve("--threads", "1")
                for _ in range(3):
                    self.assertEqual(bench.ask("GET").status, 503)
                self.assertTrue(bench.await_log_lines(1, "a reply that nobody asked for"))

    def test_a_trickle_ends(self) -> None:
        """While bytes move a command may take ten times as long, and no longer."""

        def down(data: bytes, _: Pair) -> bytes:
            for at in range(len(data)):
                proxy.pairs[0].client.sendall(data[at : at + 1]) if b"trickle" in data else None
                time.sleep(0.1)
            return b""

        self.bench.start_redis()
        proxy = Proxy(self.bench.socket("proxy"), self.bench.socket("redis"))
        self.addCleanup(proxy.close)
        self.bench.serve("--threads", "1", "--redis-timeout", "300", url=f"unix://{self.bench.socket('proxy')}")
        self.bench.await_answer(404)
        self.bench.post(1, {"trickle": "x" * 200})
        proxy.down = down
        answers = together(lambda: self.bench.ask("GET"), lambda: self.bench.post(2, {}, user="other"))
        self.assertEqual(answers[0].status, 503)
        self.assertIn(answers[1].status, (200, 503))

    def test_readiness_harms_no_key(self) -> None:
        self.bench.start_redis()
        self.bench.serve(environment={"REDIS_KEY_PREFIX": "app:"})
        self.bench.await_answer(404)
        self.bench.redis("SET", "app:ready", "another program's")
        self.assertEqual(self.bench.readiness(), "ready")
        self.assertEqual(self.bench.redis("GET", "app:ready"), "another program's")
        self.assertEqual(self.bench.redis("DBSIZE"), 1)

    def test_small_requests_do_not_wait_behind_large_replies(self) -> None:
        def down(data: bytes, _: Pair) -> bytes:
            time.sleep(len(data) / 300_000)
            return data

        self.bench.start_redis()
        proxy = Proxy(self.bench.socket("proxy"), self.bench.socket("redis"))
        self.addCleanup(proxy.close)
        self.bench.serve("--threads", "1", url=f"unix://{self.bench.socket('proxy')}")
        self.bench.await_answer(404)
        self.bench.post(1, {"x": "y" * 1_000_000}, user="large")
        self.bench.post(1, {}, user="small")
        proxy.down = down
        ended: dict[str, float] = {}

        def ask(user: str, wait: float) -> int:
            time.sleep(wait)
            status = self.bench.ask("GET", user=user).status
            ended[user] = time.monotonic()
            return status

        # The small one is asked for while the large reply is on its way, and has come before it.
        self.assertEqual(together(lambda: ask("large", 0), lambda: ask("small", 1)), [200, 200])
        self.assertLess(ended["small"], ended["large"])

    def test_a_proxy_that_lost_its_login_gets_another_connection(self) -> None:
        logins = [0]

        def answer(command: list[bytes]) -> bytes | None:
            if command[0] == b"HELLO":
                logins[0] += 1
            if command[0] == b"GET" and logins[0] == 1:
                return b"-NOAUTH Authentication required.\r\n"
            return usual(command) or b"$-1\r\n"

        self.script(answer)
        self.bench.await_answer(404)
        self.assertGreater(logins[0], 1)

    def test_the_same_trouble_is_told_once_and_counted(self) -> None:
        self.bench.start_redis("--timeout", "0")
        self.bench.serve("--threads", "1")
        self.bench.await_answer(404)
        self.bench.redis("SET", KEY, "no document")
        for _ in range(50):
            self.bench.ask("GET")
            self.bench.redis("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        self.assertEqual(len(self.bench.await_log_lines(1, "is not a document")), 1)
        self.assertLess(len(self.bench.log_lines("connection to Redis lost")), 5)
        self.assertEqual(self.bench.ask("POST", document(1, {}, ancestry="a")).status, 200)
