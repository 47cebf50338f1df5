"""DIAGNOSTICS of the manual: each sentence is one of the program, and those of a start are provoked."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import unittest

from observed import Observed
from programs import TOP, WORKER, free_port, wait_until

MANUAL = TOP / "deploy/dashboard-state-fcgi.8"


def sentences(number: int) -> list[list[str]]:
    """Those of a list of DIAGNOSTICS, each as the pieces between the dots."""
    section = MANUAL.read_text().partition(".Sh DIAGNOSTICS\n")[2].partition("\n.Sh ")[0]
    items = re.findall(r"^\.It (.*)$", section.split(".Bl -diag\n")[number + 1], re.MULTILINE)
    return [[piece.strip() for piece in item.split("…") if piece.strip()] for item in items]


def literals() -> list[str]:
    """All strings of the program; those of several lines as one, and NUL where something is put in."""
    found = []
    for file in (TOP / "Sources").rglob("*.swift"):
        text = file.read_text()
        for long, short in re.findall(r'"""\n(.*?)"""|"((?:[^"\\\n]|\\.)*)"', text, re.DOTALL):
            joined = re.sub(r" ?\\\n\s*", " ", long or short)
            found.append(re.sub(r"\s+", " ", re.sub(r"\\\((?:[^()]|\([^()]*\))*\)", "\0", joined)))
    return found


class Diagnostics(unittest.TestCase):
    def test_each_sentence_is_one_of_the_program(self) -> None:
        known = literals()
        for pieces in sentences(0) + sentences(1):
            # What stands in the log behind a sentence are its members.
            words = [piece for whole in pieces for piece in re.split(r"\s*\b\w+=", whole) if piece.strip()]
            pattern = re.compile(".*".join(re.escape(piece.strip()) for piece in words))
            with self.subTest(" … ".join(pieces)):
                self.assertTrue(any(pattern.search(text) for text in known))

    def test_each_start_that_fails(self) -> None:
        """Each is provoked, and no other sentence but the one that is meant comes with it."""
        with Observed() as bench:
            (bench.folder / "file").write_text("")
            (bench.folder / "secret").write_text("b")
            listen = ["--listen", f"unix:{bench.folder}/new.sock"]
            secret = {"PROXY_SECRET": "a"}
            cases: list[tuple[list[str], dict[str, str]]] = [
                (["--threads", "none"], {}),
                (listen, {"PROXY_SECRET": ""}),
                (listen, secret | {"PROXY_SECRET_FILE": f"{bench.folder}/secret"}),
                (listen, {"PROXY_SECRET_FILE": "/nowhere"}),
                (listen, {"IDENTITY_USER_PARAM": "HTTP_X_USER"}),
                (["--listen", f"tcp:0.0.0.0:{free_port()}"], {}),
                (["--listen", f"unix:{bench.socket('worker')}"], {}),
                (["--listen", f"unix:{bench.folder}/file"], {}),
                (["--listen", "unix:/nowhere/a.sock"], {}),
                (["--listen", f"unix:{bench.folder}/file/a.sock"], {}),
                (["--listen", f"tcp:192.0.2.1:{free_port()}"], {}),
                ([], {"LISTEN_FDS": "1"}),
            ]
            provoked: list[list[str]] = []
            for options, environment in cases:
                done = subprocess.run(
                    ["sh", "-c", 'LISTEN_PID=$$ exec "$@" 3</dev/null', "sh", WORKER, *options],
                    capture_output=True, env={"PATH": "/usr/bin:/bin", **environment}, text=True, timeout=60,
                )  # fmt: skip
                with self.subTest(said=done.stderr):
                    provoked += [pieces for pieces in sentences(0) if self.matches(pieces, done.stderr)][:1]
                    self.assertEqual(done.returncode, 78)
                    self.assertTrue(done.stderr.startswith("dashboard-state-fcgi: "), done.stderr)
            # Two more are told by programs that go on, or end well.
            expected = [pieces for pieces in sentences(0) if "misspelt" not in pieces[-1] and "before" not in pieces[-1]]
            self.assertEqual([pieces for pieces in expected if pieces not in provoked], [])

    def matches(self, pieces: list[str], text: str) -> bool:
        return bool(re.search(".*".join(map(re.escape, pieces)), text))

    def test_exit_statuses(self) -> None:
        manual = MANUAL.read_text().partition(".Sh EXIT STATUS\n")[2].partition("\n.Sh ")[0]
        found = {int(number) for number in re.findall(r"\b(\d\d?)\b", manual.replace("0 to 2", ""))}
        self.assertEqual(found, {0, 1, 64, 69, 71, 78})
        self.assertEqual(subprocess.run([WORKER, "--nothing"], capture_output=True, timeout=60).returncode, 64)
        with Observed() as bench:
            address = f"unix://{bench.folder}/nowhere.sock"
            command = [WORKER, "--redis", address, "--check=redis"]
            self.assertEqual(subprocess.run(command, capture_output=True, timeout=60).returncode, 69)
            # A client that keeps its connection, so that there is something to wait for.
            with bench.connect() as connection:
                connection.ask("GET")
                bench.signal("worker", signal.SIGTERM)
                bench.await_log_lines(1, "stopping")
                bench.signal("worker", signal.SIGTERM)
                wait_until(lambda: not bench.is_running("worker"), "its end")
            self.assertEqual(bench.status("worker"), 1)
            bench.serve(name="other")
            bench.signal("other", signal.SIGTERM)
            wait_until(lambda: not bench.is_running("other"), "its end")
            self.assertEqual(bench.status("other"), 0)

    def test_what_is_told_while_it_runs(self) -> None:
        with Observed() as bench:
            bench.await_ready()
            bench.serve("--admin", f"tcp:127.0.0.1:{bench.port}", name="other", environment={"REDIS_TLS_FILE": "a"})
            for words in ("there is no setting REDIS_TLS_FILE: is it misspelt?", "serving without the admin address reason="):
                self.assertEqual(len(bench.await_log_lines(1, words, name="other")), 1)
            for _ in range(3):
                with socket.socket(socket.AF_UNIX) as connection:
                    connection.connect(str(bench.socket("worker")))
                    connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
                    self.assertEqual(connection.recv(1), b"")
            bench.await_log_lines(1, "connection closed: not a FastCGI request reason=")
