"""What a worker writes into its log: of each request, of what goes wrong, and of nobody by name."""

from __future__ import annotations

import hashlib
import json
import random
import re
import socket
import subprocess
import tempfile
import time
import unittest

from fastcgi import BEGIN, PARAMS, STDIN, Connection, record
from observed import Observed
from programs import WORKER, wait_until
from workbench import Workbench, document

TRACE = "0af7651916cd43dd8448eb211c80319c"
# Has a program believe that the journal reads its standard error.
JOURNAL = ("sh", "-c", 'JOURNAL_STREAM=$(stat -Lc %d:%i /dev/stderr) exec "$@"', "sh")


def members(line: str) -> dict[str, str]:
    return dict(re.findall(r' (\w+)=("(?:[^"\\]|\\.)*"|\S+)', line))


class Lines(unittest.TestCase):
    def setUp(self) -> None:
        self.bench = Workbench("logs")
        self.addCleanup(self.bench.stop)
        self.bench.run_redis(self.bench.socket("redis"))

    def requests(self, times: int, name: str = "worker") -> list[str]:
        return self.bench.await_log_lines(times, "info request", name=name)

    def test_a_request_is_a_line(self) -> None:
        # One loop's lines are in the order of its answers.
        self.bench.serve("--threads", "1")
        self.bench.post(1, {"a": 1}, user="carol", workspace="galaxy", traceparent=f"00-{TRACE}-b7ad6b7169203331-01")
        self.bench.ask("GET", user="carol", workspace="galaxy")
        self.bench.ask("POST", '{"version":"x"}', user="carol", workspace="other")
        self.bench.ask("GET", user="")
        self.bench.ask("GET", path="/healthz")
        saved, read, refused, nobody, check = [members(line) for line in self.requests(5)]
        self.assertEqual(
            list(saved),
            ["route", "method", "status", "outcome", "duration_us", "redis_us", "bytes_in", "bytes_out", "user", "workspace", "trace_id"],
        )  # fmt: skip
        self.assertEqual([saved["outcome"], saved["trace_id"], read["outcome"]], ["saved", TRACE, "hit"])
        self.assertRegex(saved["user"] + saved["workspace"], r"^[0-9a-f]{24}$")
        self.assertEqual((read["user"], read["workspace"]), (saved["user"], saved["workspace"]))
        self.assertEqual((refused["user"], refused["workspace"] == saved["workspace"]), (saved["user"], False))
        self.assertEqual((refused["problem"], refused["field"], refused["status"]), ("invalid-body", "state", "400"))
        self.assertEqual(nobody["problem"], "no-user")
        self.assertFalse({"user", "workspace", "redis_us"} & set(nobody))
        self.assertEqual((check["route"], check["outcome"]), ("healthz", "answered"))
        for word in ("carol", "galaxy"):
            self.assertEqual(self.bench.log_lines(word), [])

    def test_json_has_numbers_as_numbers(self) -> None:
        self.bench.serve("--log-format", "json", "--threads", "1")
        self.bench.post(1, {"a": 1})
        self.bench.ask("POST", "{")
        lines = [json.loads(line) for line in self.bench.await_log_lines(5)]
        for line in lines:
            self.assertEqual({type(line[name]) for name in ("time", "level", "message")}, {str})
        saved, refused = (line for line in lines if line["message"] == "request")
        for name in ("status", "duration_us", "redis_us", "bytes_in", "bytes_out"):
            self.assertIsInstance(saved[name], int)
        self.assertEqual((refused["status"], refused["problem"]), (400, "invalid-body"))

    def test_ids_are_told_only_where_everything_is(self) -> None:
        self.bench.serve("--log-level", "debug")
        self.bench.ask("GET", user='a "b"', workspace="w=1")
        [line] = [members(line) for line in self.requests(1)]
        self.assertEqual((line["user_id"], line["workspace_id"]), ('"a \\"b\\""', '"w=1"'))

    def test_workers_with_one_key_call_the_same_user_the_same(self) -> None:
        key = self.bench.folder / "key"
        key.write_text("a key of 16 bytes or more\n")
        for name, file in (("one", key), ("other", key), ("alone", None)):
            self.bench.serve(name=name, environment={"LOG_ID_KEY_FILE": str(file)} if file else {})
            self.bench.ask("GET", user="carol", workspace="galaxy", name=name)
        one, other, alone = (members(self.requests(1, name)[0]) for name in ("one", "other", "alone"))
        self.assertEqual((one["user"], one["workspace"]), (other["user"], other["workspace"]))
        self.assertNotEqual(one["user"], alone["user"])
        # As docs/operate.md says.
        digest = hashlib.sha256(b"a key of 16 bytes or more").hexdigest()
        for name, text, half in (("user", b"carol", digest[:32]), ("workspace", b"galaxy", digest[32:])):
            command = ["openssl", "mac", "-macopt", f"hexkey:{half}", "SIPHASH"]
            made = subprocess.run(command, input=text, capture_output=True, check=True).stdout.decode()
            self.assertEqual(one[name], made[:12].lower())

    def test_a_key_that_is_none_is_an_error(self) -> None:
        files = {"empty": "", "short": "x" * 15 + "\n"}
        for name, text in files.items():
            (self.bench.folder / name).write_text(text)
        for name, words in (("empty", "is empty"), ("short", "fewer than the 16 bytes"), ("missing", "cannot be read")):
            environment = {"LOG_ID_KEY_FILE": str(self.bench.folder / name)}
            for command in ([WORKER, "--check"], [WORKER, "--listen", f"unix:{self.bench.socket('none')}"]):
                done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
                self.assertEqual(done.returncode, 78, done)
                self.assertIn("LOG_ID_KEY_FILE", done.stdout + done.stderr)
                self.assertIn(words, done.stdout + done.stderr)

    def test_the_journal_gets_priorities_and_no_second_time(self) -> None:
        for name, form in (("text", "text"), ("json", "json")):
            self.bench.serve("--log-format", form, name=name, ahead=JOURNAL)
            self.bench.ask("GET", name=name)
            self.bench.ask("GET", user="", name=name)
            # Two loops and what begins write their lines in any order.
            for words, times in (("without a user", 1), (" request " if form == "text" else '"request"', 2), ("serving", 1)):
                self.assertEqual(len(self.bench.await_log_lines(times, words, name=name)), times, words)
            lines = self.bench.log_lines(name=name)
            begun = {words: [line[:3] for line in lines if words in line] for words in (" request ", "serving", "without a user")}
            if form == "text":
                self.assertEqual(begun, {" request ": ["<6>"] * 2, "serving": ["<5>"], "without a user": ["<4>"]})
            self.assertTrue(all(re.match(r'<\d>(\{"level"|[a-z]+ )', line) for line in lines), lines)
            self.assertFalse(any(re.search(r"\d\d:\d\d:\d\d\.\d+Z|\"time\"", line) for line in lines), lines)
        # Where standard error goes elsewhere, the variable alone changes nothing.
        self.bench.serve(name="elsewhere", environment={"JOURNAL_STREAM": "9:26"})
        self.assertRegex(self.bench.await_log_lines(1, "serving", name="elsewhere")[0], r"^20\S+Z notice serving")

    def test_a_setting_that_is_wrong_has_a_priority_too(self) -> None:
        log = self.bench.folder / "log"
        with log.open("w") as errors:
            subprocess.run([*JOURNAL, WORKER, "--threads", "none"], stderr=errors, timeout=60, check=False)
        self.assertRegex(log.read_text(), r"^<3>dashboard-state-fcgi: --threads")


ODD = 'no\nne\r\t\x1b "x" \x7fé'
SPELT = 'no\\nne\\r\\t\\u001b "x" \\u007fé'


class Refused(unittest.TestCase):
    """A start that is refused, by a value that has all in it that could make it another line, or none."""

    def lines(self, *options: str, ahead: tuple[str, ...] = (), **environment: str) -> list[str]:
        with tempfile.TemporaryFile("w+") as log:
            command = [*ahead, WORKER, *options]
            done = subprocess.run(command, env={"PATH": "/usr/bin:/bin"} | environment, stderr=log, stdout=log, timeout=60)
            self.assertIn(done.returncode, (64, 78), done)
            log.seek(0)
            text = log.read()
        self.assertTrue(text.endswith("\n"), text)
        # Not splitlines(), for which there are more ends of lines.
        return text.removesuffix("\n").split("\n")

    cases = (
        {"options": ("--threads", ODD)}, {"options": ("--listen", f"unix:/{ODD}/s")},
        {"DASHBOARD_STATE_MAX_BODY": ODD}, {"PROXY_SECRET_FILE": f"/{ODD}"},
        {"OTEL_TRACES_SAMPLER": ODD, "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9"},
    )  # fmt: skip

    def test_a_text_is_one_line(self) -> None:
        for case in ({"options": ("--log-format", ODD)}, *self.cases):
            variables = dict(case)
            options = variables.pop("options", ())
            with self.subTest(case):
                [line] = self.lines(*options, **variables)
                self.assertTrue(line.startswith("dashboard-state-fcgi: "), line)
                self.assertIn(SPELT, line)
                [line] = self.lines(*options, "--check", **variables)
                self.assertTrue(line.startswith("error settings: "), line)
                self.assertIn(SPELT, line)

    def test_in_json_it_is_one_object(self) -> None:
        for case in self.cases:
            for form in (("--log-format", "json"), ("--log-format=json",), ()):
                variables = dict(case)
                options = variables.pop("options", ())
                if not form:
                    variables["DASHBOARD_STATE_LOG_FORMAT"] = "json"
                with self.subTest(case, form=form):
                    [line] = self.lines(*options, *form, **variables)
                    told = json.loads(line)
                    self.assertEqual(set(told), {"time", "level", "message"})
                    self.assertEqual(told["level"], "error")
                    self.assertIn(ODD, told["message"])

    def test_under_the_journal_it_has_its_priority(self) -> None:
        [line] = self.lines("--threads", ODD, "--log-format", "json", ahead=JOURNAL)
        self.assertEqual(line[:3], "<3>")
        self.assertEqual(set(json.loads(line[3:])), {"level", "message"})
        [line] = self.lines("--threads", ODD, ahead=JOURNAL)
        self.assertTrue(line.startswith("<3>dashboard-state-fcgi: --threads"), line)

    def test_an_option_that_there_is_not(self) -> None:
        for form in (("--log-format", "json"), ("--log-format=json",)):
            [line] = self.lines("--nonsense", *form)
            self.assertIn("--nonsense", json.loads(line)["message"])
        [line] = self.lines("--nonsense", DASHBOARD_STATE_LOG_FORMAT="json")
        self.assertEqual(json.loads(line)["level"], "error")
        # People are told how to use it.
        self.assertIn("Usage: ", "".join(self.lines("--nonsense")))

    def test_what_is_used_in_spite_of_it_is_a_line_too(self) -> None:
        with Workbench("logs") as bench:
            for form in ("text", "json"):
                bench.serve("--log-format", form, name=form, environment={"REDIS_STATE_TTL": ODD})
                [line] = bench.await_log_lines(1, "REDIS_STATE_TTL", name=form)
                self.assertIn(SPELT if form == "text" else ODD, json.loads(line)["message"] if form == "json" else line)


class BrokenOff(unittest.TestCase):
    """Saves whose body does not come to its end."""

    def setUp(self) -> None:
        self.bench = Observed("--threads", "1")
        self.addCleanup(self.bench.stop)
        self.bench.await_ready()

    def test_each_way_to_go_away(self) -> None:
        def close(connection: Connection) -> None:
            connection.close()

        def end_output(connection: Connection) -> None:
            connection.socket.shutdown(socket.SHUT_WR)

        content = b'{"version":1,"state":{"a":'
        for number, go_away in enumerate((close, end_output, Connection.abort), 1):
            with self.subTest(go_away.__name__):
                connection = self.bench.connect()
                self.addCleanup(connection.close)
                connection.begin(content[:10], 100)
                # What comes later is another record, which the worker has read for itself or with the first.
                connection.socket.sendall(record(STDIN, content[10:]))
                go_away(connection)
                lines = [members(line) for line in self.bench.await_log_lines(number, "outcome=client_gone")]
                self.assertEqual(len(lines), number)
                line = lines[-1]
                self.assertEqual((line["method"], line["status"], line["route"]), ("POST", "499", "state"))
                self.assertEqual((line["bytes_in"], line["bytes_out"]), (str(len(content)), "0"))
                self.assertRegex(line["user"], r"^[0-9a-f]{12}$")
                self.assertFalse({"problem", "redis_us"} & set(line))
        page = self.bench.metrics()
        labels = {"route": "state", "method": "POST", "status": "499", "outcome": "client_gone"}
        self.assertEqual(page("requests_total", **labels), 3)
        # It is no body that a front end got wrong, and how long it took says nothing.
        self.assertEqual(page("problems_total"), 0)
        self.assertEqual(page("request_duration_seconds_count", route="state"), 0)
        self.assertEqual(self.bench.ask("GET").status, 404)

    def test_who_stands_still_is_given_up(self) -> None:
        with self.bench.connect() as connection:
            connection.begin(b"{", 100)
            # It has ten seconds.
            wait_until(lambda: self.bench.log_lines("outcome=client_gone"), "the line")
            self.assertEqual(connection.stream.read(), b"")

    def test_a_connection_goes_on_after_it(self) -> None:
        with self.bench.connect() as connection:
            connection.begin(b"{", 100)
            connection.abort()
            connection.stream.read(16)
            self.assertEqual(connection.ask("POST", document(1, {"a": 1})).status, 200)
            connection.begin(b'{"version":2,"state":{}}', 24)
        self.assertEqual(len(self.bench.await_log_lines(2, "outcome=client_gone")), 2)
        self.assertEqual(self.bench.ask("GET").json["version"], 1)

    def test_what_is_not_yet_a_request_leaves_none(self) -> None:
        with self.bench.connect() as connection:
            connection.socket.sendall(record(BEGIN, bytes([0, 1, 1, 0, 0, 0, 0, 0])) + record(PARAMS, b"\1\1ab"))
        with self.bench.connect():
            pass
        self.assertEqual(self.bench.ask("GET").status, 404)
        self.assertEqual(len(self.requests(1)), 1)

    def test_of_a_long_body_it_tells_how_much_came(self) -> None:
        self.assertEqual(self.bench.ask("POST", "x" * 2_000_000).status, 413)
        [line] = self.requests(1)
        self.assertEqual((line["problem"], line["bytes_in"]), ("body-too-large", "2000000"))
        self.assertEqual(self.bench.metrics()("request_size_bytes_sum"), 2_000_000)

    def requests(self, times: int) -> list[dict[str, str]]:
        return [members(line) for line in self.bench.await_log_lines(times, "info request")]


class Closed(unittest.TestCase):
    def test_without_a_standard_error_all_lines_are_lost_and_counted(self) -> None:
        with Observed() as bench:
            bench.end("worker")
            bench.serve("--admin", f"tcp:127.0.0.1:{bench.port}", ahead=("sh", "-c", 'exec "$@" 2>&-', "sh"))
            bench.await_ready()
            for _ in range(10):
                self.assertEqual(bench.ask("GET").status, 404)

            def all_are_lost() -> bool:
                page = bench.metrics()
                return page("log_lines_lost_total") == page("log_lines_total") >= 11

            wait_until(all_are_lost, "lines that are counted as lost")


class Repeated(unittest.TestCase):
    def setUp(self) -> None:
        self.bench = Workbench("logs")
        self.addCleanup(self.bench.stop)
        self.bench.run_redis(self.bench.socket("redis"))

    def test_each_refusal_has_its_sentence_once(self) -> None:
        secret = self.bench.folder / "secret"
        secret.write_text("secret")
        self.bench.serve("--max-body", "1024")
        self.bench.serve(name="proven", environment={"PROXY_SECRET_FILE": str(secret)})
        cases = {
            "body is not as documented": lambda: self.bench.ask("POST", '{"version":1}'),
            "body is longer": lambda: self.bench.ask("POST", "x" * 2000),
            "not said to be application/json": lambda: self.bench.ask("POST", "", content_type="text/plain"),
            "body is compressed": lambda: self.bench.ask("POST", "{}", content_encoding="gzip"),
            "checksum is not their state's": lambda: self.bench.ask("POST", document(1, {}, checksum="0" * 64)),
            "without a user": lambda: self.bench.ask("GET", user=""),
            "without a workspace": lambda: self.bench.ask("GET", workspace=""),
            "forwards ids": lambda: self.bench.ask("GET", user="x" * 300),
            "path that is not served": lambda: self.bench.ask("GET", path="/elsewhere"),
        }
        for words, act in cases.items():
            for _ in range(20):
                act()
            told = self.bench.await_log_lines(1, "warning", words)
            self.assertEqual(len(told), 1, words)
            self.assertIn(" problem=", told[0])
        self.assertIn(" field=state ", self.bench.log_lines("warning", "not as documented")[0])
        # Another field is another trouble.
        self.bench.ask("POST", '{"version":"x","state":{}}')
        self.assertEqual(len(self.bench.await_log_lines(2, "warning", "not as documented")), 2)
        for _ in range(20):
            self.assertEqual(self.bench.ask("GET", name="proven").status, 403)
        self.assertEqual(len(self.bench.await_log_lines(1, "warning", "proxy secret", name="proven")), 1)
        # What belongs to the service is no trouble.
        for _ in range(5):
            self.bench.ask("GET", user="nobody")
            self.bench.ask("GET", if_match='"x"')
            self.bench.ask("GET", x_dashboard_user="other")
        self.assertEqual(len(self.bench.log_lines("warning")), len(cases) + 1)


class Floods(unittest.TestCase):
    def test_who_floods_shows_by_hash_and_not_by_name(self) -> None:
        with Workbench("logs") as bench:
            bench.run_redis(bench.socket("redis"))
            # What everybody logs, and what those do who count only.
            for name, level in (("worker", "info"), ("quiet", "warning")):
                bench.serve("--log-level", level, name=name)
            connections = [self.enterContext(bench.connect(name)) for name in ("worker", "quiet") for _ in range(2)]
            # In no order that could be that of the requests which are looked at.
            chance = random.Random(1)

            def are_told() -> bool:
                # It is a matter of seconds, and of fifty requests in each.
                for connection in 25 * connections:
                    user = f"user-{chance.randrange(1000)}" if chance.random() < 0.3 else "flooding"
                    connection.ask("GET", user=user)
                return all(bench.log_lines("warning", "more than half", name=name) for name in ("worker", "quiet"))

            wait_until(are_told, "the line of both", 50)
            for name in ("worker", "quiet"):
                [line] = bench.await_log_lines(1, "more than half of all requests", name=name)
                told = members(line)
                self.assertAlmostEqual(float(told["share"]), 0.7, delta=0.12)
                self.assertGreaterEqual(int(told["requests_per_second"]), 50)
                self.assertEqual(bench.log_lines("flooding", name=name), [])
            told = members(bench.log_lines("more than half")[0])
            lines = [members(line)["user"] for line in bench.log_lines("info request")]
            self.assertGreater(lines.count(told["user"]), len(lines) / 2)

    def test_errors_get_through_however_many_requests_there_are(self) -> None:
        with Observed() as bench:
            bench.serve(name="bounded", environment={"DASHBOARD_STATE_LOG_RATE": "10"})
            with bench.connect("bounded") as connection:
                connection.ask("GET")
                began = time.monotonic()
                for _ in range(2000):
                    connection.ask("GET")
                for _ in range(5):
                    connection.ask("POST", "{")
                seconds = int(time.monotonic() - began) + 2
                bench.end("redis")
                connection.ask("GET")
            self.assertTrue(bench.await_log_lines(1, "error Redis", name="bounded"))
            bench.end("bounded")
            requests = bench.log_lines("info request", name="bounded")
            wrong = [line for line in requests if "status=4" in line and "miss" not in line]
            self.assertTrue(1 <= len(wrong) <= 5, wrong)
            self.assertLessEqual(len(requests), 20 * seconds)
            told = bench.log_lines("requests have left no line", name="bounded")
            self.assertTrue(1 <= len(told) <= 2, told)
            left = sum(int(members(line)["count"]) for line in told)
            self.assertEqual(len(requests) + left, 2007)

    def test_what_is_left_out_is_counted(self) -> None:
        with Observed() as bench:
            bench.end("worker")
            bench.serve("--admin", f"tcp:127.0.0.1:{bench.port}", environment={"DASHBOARD_STATE_LOG_RATE": "1"})
            bench.await_ready()
            before = bench.metrics()
            with bench.connect() as connection:
                for _ in range(100):
                    connection.ask("GET")
            # Lines are made, or left out, behind their answers.
            wait_until(lambda: bench.metrics()("log_lines_total") - before("log_lines_total") >= 100, "all lines")
            self.assertGreater(bench.metrics()("log_lines_lost_total"), 50)
