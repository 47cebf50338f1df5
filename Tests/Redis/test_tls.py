"""TLS to Redis: who is trusted, what is told, what is read anew, and what becomes of commands when it ends."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time
import unittest
from pathlib import Path

import test_lost_answers
from cases import together
from certificates import Authority, Certificate, openssl
from fastcgi import Answer
from peers import Pair, Proxy, hello
from programs import TOP, free_port, is_listening, wait_until
from tls_peers import TLSFront
from workbench import Workbench, document

LOOPBACK = ("DNS:localhost", "IP:127.0.0.1")


class OverTLS(unittest.TestCase):
    """An authority, a certificate for loopback, and a port for a Redis with TLS."""

    def setUp(self) -> None:
        self.bench = Workbench()
        self.addCleanup(self.bench.stop)
        self.authority = Authority(self.bench.folder)
        self.certificate = self.authority.issue("server", *LOOPBACK)
        self.port = free_port()

    def start_redis(self, *options: object, certificate: Certificate | None = None) -> None:
        of_server = certificate or self.certificate
        self.bench.start_redis(
            "--tls-port", self.port, "--tls-cert-file", of_server.file, "--tls-key-file", of_server.key,
            "--tls-ca-cert-file", self.authority.file, *(options or ("--tls-auth-clients", "no")),
        )  # fmt: skip
        wait_until(lambda: is_listening(self.port), "Redis listens with TLS")

    def serve(
        self, host: str = "localhost", *options: object, port: int = 0, name: str = "worker", ca: Path | None = None,
        **environment: str,
    ) -> None:  # fmt: skip
        url = host if "://" in host else f"rediss://{host}:{port or self.port}"
        trusted = {"REDIS_TLS_CA_FILE": str(ca or self.authority.file)}
        self.bench.serve("--threads", "1", *options, name=name, url=url, environment=trusted | environment)

    def expect_told(self, *words: str, name: str = "worker") -> None:
        """It is told, and once, however often it is tried again."""
        self.assertTrue(self.bench.await_log_lines(1, *words, name=name), self.bench.log(name))
        self.assertEqual(self.bench.ask("GET", name=name).status, 503)
        time.sleep(0.7)
        self.assertEqual(self.bench.ask("GET", name=name).problem, "storage-unavailable")
        self.assertEqual(self.bench.readiness(name), "unavailable")
        lines = [line for line in self.bench.log_lines(*words, name=name) if " info " not in line]
        self.assertEqual(len(lines), 1, self.bench.log(name))

    def client_certificate(self, of: Certificate) -> dict[str, str]:
        return {"REDIS_TLS_CERT_FILE": str(of.file), "REDIS_TLS_KEY_FILE": str(of.key)}

    def kill_clients(self) -> None:
        self.bench.redis("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")


class BothWays(OverTLS):
    seconds = 20

    def test_states_of_all_sizes(self) -> None:
        for version in ("TLSv1.2", "TLSv1.3"):
            with self.subTest(version):
                self.start_redis("--tls-protocols", version, "--tls-auth-clients", "no")
                self.serve(name=version)
                self.bench.await_answer(404, name=version)
                for size in (1, 100, 16_000, 16_384, 40_000, 70_000, 1_000_000):
                    state = {"text": "x" * size}
                    for user in ("a", "b"):
                        saved = self.bench.post(1, state, user=f"{user}{size}", name=version)
                        self.assertEqual((saved.status, saved.json["success"]), (200, True), size)
                    read = self.bench.ask("GET", user=f"a{size}", name=version)
                    self.assertEqual(read.json["state"], state, size)
                self.assertEqual(self.bench.log_lines("lost", name=version), [])
                self.bench.kill("redis")
                wait_until(lambda: not is_listening(self.port), "the end of Redis")

    def test_many_at_a_time(self) -> None:
        self.start_redis()
        self.serve()
        self.bench.await_answer(404)

        def user(number: int) -> None:
            with self.bench.connect() as connection:
                for version in range(1, 9):
                    text = f"{number}-{version}-" + "x" * (20_000 if number % 5 == 0 else 100)
                    body = '{"version":%d,"state":{"text":"%s"}}' % (version, text)
                    self.assertEqual(connection.ask("POST", body, user=f"u{number}").status, 200)
                    self.assertEqual(connection.ask("GET", user=f"u{number}").json["state"]["text"], text)

        together(*(lambda i=i: user(i) for i in range(40)))
        for number in range(40):
            self.assertEqual(self.bench.ask("GET", user=f"u{number}").json["version"], 8)
        self.assertEqual(self.bench.log_lines("lost"), [])

    def test_passwords_and_databases(self) -> None:
        self.start_redis()
        self.bench.redis("ACL", "SETUSER", "app", "on", ">secret", "~hyvve:*", "+@all")
        password = self.bench.folder / "password"
        password.write_text("secret")
        self.serve(f"rediss://app@127.0.0.1:{self.port}/3", REDIS_PASSWORD_FILE=str(password))
        self.bench.await_answer(404)
        self.assertIn("user=app", self.bench.redis("CLIENT", "LIST"))
        self.assertIn("db=3", self.bench.redis("CLIENT", "LIST"))

    def test_as_a_cgi_program(self) -> None:
        self.start_redis()
        environment = {
            "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "GET", "SCRIPT_NAME": "/api/dashboard/state",
            "REMOTE_USER": "u1", "REMOTE_WORKSPACE": "w1", "REDIS_URL": f"rediss://localhost:{self.port}",
            "REDIS_TLS_CA_FILE": str(self.authority.file),
        }  # fmt: skip
        for ca, status in ((self.authority.file, b"Status: 404"), (Path("/no-such-file"), b"Status: 503")):
            done = subprocess.run(
                [self.bench.worker], env=environment | {"REDIS_TLS_CA_FILE": str(ca)}, stdin=subprocess.DEVNULL,
                capture_output=True, timeout=30,
            )  # fmt: skip
            self.assertTrue(done.stdout.startswith(status), done)
        self.assertIn(b"REDIS_TLS_CA_FILE names '/no-such-file'", done.stderr)


class KeyUpdates(OverTLS):
    def test_keys_that_the_server_changes(self) -> None:
        server = subprocess.Popen(
            ["openssl", "s_server", "-accept", str(self.port), "-cert", self.certificate.file, "-key",
             self.certificate.key, "-naccept", "1"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.addCleanup(server.wait)
        self.addCleanup(server.kill)
        self.addCleanup(server.stdin.close)
        self.addCleanup(server.stdout.close)
        # A probe would be the one connection that it takes.
        wait_until(lambda: b"ACCEPT" in server.stdout.readline(), "the server listens")
        os.set_blocking(server.stdout.fileno(), False)
        heard = bytearray()

        def hears(words: bytes) -> bool:
            heard.extend(server.stdout.read() or b"")
            return words in heard

        def say(words: bytes) -> None:
            time.sleep(0.1)  # what is said together is taken for one thing
            server.stdin.write(words)
            server.stdin.flush()

        self.serve()
        wait_until(lambda: hears(b"PING"), "a greeting")
        say(hello() + b"+PONG\r\n")
        self.assertTrue(self.bench.await_log_lines(1, "connected"), self.bench.log("worker"))
        wait_until(lambda: hears(b"INFO"), "the question for the eviction policy")
        say(b"-ERR unknown command\r\n")
        for _ in range(3):
            heard.clear()
            say(b"K\n")  # asks the client to change its keys, too
            answers: list[Answer] = []
            thread = threading.Thread(target=lambda: answers.append(self.bench.ask("GET")))
            thread.start()
            wait_until(lambda: hears(b"hyvve:"), "a command")
            say((hello() if b"HELLO" in heard else b"") + b"$-1\r\n")
            thread.join(20)
            self.assertEqual(answers[0].status, 404, answers)
        self.assertEqual(self.bench.log_lines("lost"), [])


class Names(OverTLS):
    seconds = 10

    def test_the_wanted_name_is_sent_and_checked(self) -> None:
        self.bench.start_redis()
        for_name = self.authority.issue("named", "DNS:redis.internal", "DNS:*.wild.internal")
        fronts = {}
        for title, certificate in (("loopback", self.certificate), ("name", for_name)):
            fronts[title] = TLSFront(free_port(), self.bench.socket("redis"), certificate)
            self.addCleanup(fronts[title].close)
        for number, (host, front, other_name, sent) in enumerate((
            ("localhost", "loopback", "", "localhost"),
            ("127.0.0.1", "loopback", "", None),
            ("127.0.0.1", "loopback", "localhost", "localhost"),
            ("localhost", "loopback", "127.0.0.1", None),
            ("127.0.0.1", "name", "redis.internal", "redis.internal"),
            ("127.0.0.1", "name", "a.wild.internal", "a.wild.internal"),
        )):  # fmt: skip
            with self.subTest((host, front, other_name)):
                port = fronts[front].port
                fronts[front].names.clear()
                more = {"REDIS_TLS_SERVER_NAME": other_name} if other_name else {}
                self.serve(host, port=port, name=f"w{number}", **more)
                self.bench.await_answer(404, name=f"w{number}")
                self.assertEqual(set(fronts[front].names), {sent})
        for number, (host, other_name) in enumerate((
            ("127.0.0.1", ""), ("localhost", ""), ("127.0.0.1", "wild.internal"), ("127.0.0.1", "a.b.wild.internal"),
        )):  # fmt: skip
            with self.subTest((host, other_name)):
                more = {"REDIS_TLS_SERVER_NAME": other_name} if other_name else {}
                port = fronts["name"].port
                self.serve(host, port=port, name=f"x{number}", **more)
                self.expect_told("certificate is not for", f"'{other_name or host}'", name=f"x{number}")


class WrongCertificates(OverTLS):
    seconds = 20

    def test_a_server_that_is_not_to_be_trusted(self) -> None:
        (self.bench.folder / "other").mkdir()
        stranger = Authority(self.bench.folder / "other")  # its name is the same
        alone = self.bench.folder / "alone.pem", self.bench.folder / "alone.key"
        openssl(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", 2,
            "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", alone[1], "-out", alone[0],
        )  # fmt: skip
        alone[1].chmod(0o644)
        self.start_redis()
        for name, certificate, words in (
            ("expired", self.authority.issue("expired", *LOOPBACK, days=-1), "certificate has expired"),
            ("foreign", stranger.issue("foreign", *LOOPBACK), "signed by nobody who is trusted"),
            ("self-signed", Certificate(*alone), "signed by nobody who is trusted"),
            ("elsewhere", self.authority.issue("elsewhere", "DNS:elsewhere"), "is not for 'localhost'"),
        ):
            with self.subTest(name):
                self.bench.redis(
                    "CONFIG", "SET", "tls-cert-file", certificate.file, "tls-key-file", certificate.key
                )  # fmt: skip
                self.serve(name=name)
                self.expect_told("Redis cannot be used", words, name=name)
        # The last one is mended at the server, and found without a restart.
        good = self.certificate
        self.bench.redis("CONFIG", "SET", "tls-cert-file", good.file, "tls-key-file", good.key)
        for name in ("expired", "elsewhere"):
            self.bench.await_answer(404, "an answer once the certificate is good", name=name)

    def test_the_system_s_authorities_do_not_know_ours(self) -> None:
        self.start_redis()
        self.bench.serve("--threads", "1", url=f"rediss://localhost:{self.port}")
        self.expect_told("signed by nobody who is trusted", "REDIS_TLS_CA_FILE")

    def test_the_system_s_authorities_are_read_anew(self) -> None:
        self.start_redis()
        system = self.bench.folder / "system"
        system.mkdir()
        self.bench.serve(
            "--threads", "1", url=f"rediss://localhost:{self.port}",
            environment={"SSL_CERT_DIR": str(system), "SSL_CERT_FILE": str(system / "all.pem")},
        )  # fmt: skip
        self.expect_told("signed by nobody who is trusted")
        shutil.copy(self.authority.file, system / "all.pem")
        self.bench.await_answer(404, "an answer once the system trusts it")


class ClientCertificates(OverTLS):
    seconds = 20

    def test_who_shows_none_or_a_wrong_one(self) -> None:
        stranger = Authority(self.bench.folder, "stranger")
        good = self.authority.issue("client")
        for version in ("TLSv1.2", "TLSv1.3"):
            self.start_redis("--tls-protocols", version, "--tls-auth-clients", "yes")
            no_certificate = "client certificate: set REDIS_TLS_CERT_FILE"
            for name, certificate, words in (
                ("none", None, no_certificate if version == "TLSv1.3" else "or it wants a client certificate"),
                ("foreign", stranger.issue("foreign"), "does not know who has signed it"),
                ("expired", self.authority.issue("expired", days=-1), "it has expired"),
                ("good", good, ""),
            ):
                with self.subTest((version, name)):
                    worker = f"{name}-{version}"
                    self.serve(name=worker, **(self.client_certificate(certificate) if certificate else {}))
                    if words:
                        self.expect_told("Redis cannot be used", words, name=worker)
                    else:
                        self.bench.await_answer(404, name=worker)
            self.bench.kill("redis")
            wait_until(lambda: not is_listening(self.port), "the end of Redis")


class OneSideOnly(OverTLS):
    seconds = 15

    def test_a_plain_redis_behind_rediss(self) -> None:
        self.bench.start_redis(port=self.port)
        self.serve("localhost", "--redis-timeout", "500")
        # It may wait for the end of a line that the handshake does not have.
        words = ("does not speak TLS at this address", "does not answer the TLS handshake in time")
        wait_until(lambda: any(self.bench.log_lines(w) for w in words), "it is told", 10)
        time.sleep(3)
        self.assertEqual(self.bench.ask("GET").problem, "storage-unavailable")
        for sentence in words:
            self.assertLessEqual(len(self.bench.log_lines(sentence)), 1, self.bench.log("worker"))

    def test_a_server_that_answers_in_another_language(self) -> None:
        with socket.create_server(("127.0.0.1", self.port)) as listener:

            def answer() -> None:
                with contextlib.suppress(OSError):
                    while True:
                        connection, _ = listener.accept()
                        connection.sendall(b"-ERR unknown command\r\n")
                        self.addCleanup(connection.close)

            threading.Thread(target=answer, daemon=True).start()
            self.serve()
            self.expect_told("does not speak TLS at this address")
            listener.shutdown(socket.SHUT_RDWR)

    def test_a_server_that_only_knows_older_versions(self) -> None:
        self.bench.start(
            "old", "openssl", "s_server", "-accept", self.port, "-cert", self.certificate.file, "-key",
            self.certificate.key, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0", "-quiet",
        )  # fmt: skip
        wait_until(lambda: is_listening(self.port), "the server listens")
        self.serve()
        self.expect_told("speaks neither TLS 1.2 nor 1.3")

    def test_a_redis_with_tls_behind_redis(self) -> None:
        self.start_redis()
        self.serve(f"redis://localhost:{self.port}")
        self.expect_told("does it want TLS (rediss://)")
        self.assertEqual(len(self.bench.log_lines("REDIS_TLS_", "nothing to Redis is encrypted")), 1)

    def test_a_server_with_alerts_behind_redis(self) -> None:
        with socket.create_server(("127.0.0.1", self.port)) as listener:

            def answer() -> None:
                with contextlib.suppress(OSError):
                    while True:
                        connection, _ = listener.accept()
                        connection.sendall(b"\x15\x03\x01\x00\x02\x02\x46")
                        self.addCleanup(connection.close)

            threading.Thread(target=answer, daemon=True).start()
            self.bench.serve("--threads", "1", url=f"redis://localhost:{self.port}")
            self.expect_told("does it want TLS (rediss://)")
            listener.shutdown(socket.SHUT_RDWR)


class Stalls(OverTLS):
    seconds = 25

    def test_a_handshake_that_is_not_answered(self) -> None:
        self.start_redis()
        # Silent at first, and then after so many bytes of the server's part.
        for most in (0, 1, 100, 700):
            with self.subTest(most):
                self.stall_after(most)

    def stall_after(self, most: int) -> None:
        given: dict[Pair, int] = {}
        began: dict[Pair, float] = {}
        lasted: list[float] = []

        def up(data: bytes, pair: Pair) -> bytes | None:
            if pair not in began:
                began[pair] = time.monotonic()
                threading.Thread(target=watch, args=(pair,), daemon=True).start()
            return data

        def down(data: bytes, pair: Pair) -> bytes | None:
            passed = data[: max(0, most - given.get(pair, 0))]
            given[pair] = given.get(pair, 0) + len(passed)
            return passed or None

        def watch(pair: Pair) -> None:
            wait_until(lambda: pair not in proxy.pairs, "the end of the connection")
            lasted.append(time.monotonic() - began[pair])

        port, name = free_port(), f"after-{most}"
        proxy = Proxy(port, self.port, up, down)
        self.addCleanup(proxy.close)
        self.serve("127.0.0.1", "--redis-timeout", "700", port=port, name=name)
        wait_until(lambda: began, "a handshake")
        # Others are answered meanwhile, and nobody waits for longer than Redis has.
        waiting: list[Answer] = []
        asker = threading.Thread(target=lambda: waiting.append(self.bench.ask("GET", name=name)))
        asker.start()
        for _ in range(20):
            self.assertEqual(self.bench.ask("GET", path="/healthz", name=name).status, 200)
        asker.join(20)
        self.assertEqual(waiting[0].problem, "storage-unavailable")
        wait_until(lambda: lasted, "the end of the first handshake", 10)
        self.assertGreater(lasted[0], 0.5)
        self.expect_told("does not answer the TLS handshake in time", name=name)
        self.bench.kill(name)

    def test_a_loop_that_waits_for_a_handshake_does_not_turn(self) -> None:
        with socket.create_server(("127.0.0.1", self.port)):
            self.serve("127.0.0.1", "--redis-timeout", "3000")
            time.sleep(0.5)

            def used() -> float:
                fields = Path(f"/proc/{self.bench.process('worker')}/stat").read_text().rpartition(")")[2].split()
                return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

            before = used()
            time.sleep(2)
            # One that turns gets more than that on any machine.
            self.assertLess(used() - before, 0.1, "processor time while nothing happens")


class Rotation(OverTLS):
    seconds = 20

    def setUp(self) -> None:
        super().setUp()
        (self.bench.folder / "next").mkdir()
        self.following = Authority(self.bench.folder / "next", "following")
        self.trusted = self.bench.folder / "trusted.pem"
        shutil.copy(self.authority.file, self.trusted)

    def replace(self, target: Path, *sources: Path) -> None:
        fresh = target.with_suffix(".new")
        fresh.write_bytes(b"".join(source.read_bytes() for source in sources))
        fresh.chmod(0o644)
        os.replace(fresh, target)

    def test_another_authority_and_another_certificate(self) -> None:
        self.start_redis()
        self.serve(ca=self.trusted)
        self.bench.await_answer(404)
        new = self.following.issue("next", *LOOPBACK)
        self.bench.redis("CONFIG", "SET", "tls-cert-file", new.file, "tls-key-file", new.key)
        self.assertEqual(self.bench.ask("GET").status, 404)  # connections stay
        # Trust is taken away: what was agreed on with it before is not resumed either.
        self.replace(self.trusted, self.following.file)
        self.kill_clients()
        self.bench.await_answer(404, "an answer with the next certificate")
        old = self.certificate
        self.bench.redis("CONFIG", "SET", "tls-cert-file", old.file, "tls-key-file", old.key)
        time.sleep(0.7)
        self.kill_clients()
        self.expect_told("signed by nobody who is trusted")
        self.replace(self.trusted, self.following.file, self.authority.file)
        self.bench.await_answer(404, "an answer once both are trusted")

    def test_trust_that_is_taken_away(self) -> None:
        self.bench.start_redis()
        front = TLSFront(self.port, self.bench.socket("redis"), self.certificate)
        self.addCleanup(front.close)
        self.serve(ca=self.trusted)
        self.bench.await_answer(404)
        time.sleep(0.7)
        self.replace(self.trusted, self.following.file)
        front.cut()
        self.expect_told("signed by nobody who is trusted")

    def test_another_client_certificate(self) -> None:
        both = self.bench.folder / "both.pem"
        self.replace(both, self.authority.file, self.following.file)
        self.start_redis("--tls-auth-clients", "yes", "--tls-ca-cert-file", both)
        first, second = self.authority.issue("first"), self.following.issue("second")
        used = Certificate(self.bench.folder / "used.pem", self.bench.folder / "used.key")
        self.replace(used.file, first.file)
        self.replace(used.key, first.key)
        self.serve(**self.client_certificate(used))
        self.bench.await_answer(404)
        self.bench.redis("CONFIG", "SET", "tls-ca-cert-file", self.following.file)
        time.sleep(0.7)
        # Half of it is there: the former one is shown on, and refused.
        self.replace(used.file, second.file)
        self.kill_clients()
        self.expect_told("changed files for TLS cannot be used", "is not that of the certificate")
        self.replace(used.key, second.key)
        self.bench.await_answer(404, "an answer with the second certificate")

    def test_a_file_that_cannot_be_used_changes_nothing(self) -> None:
        self.start_redis()
        self.serve(ca=self.trusted)
        self.bench.await_answer(404)
        for content, words in (("rubbish", "no good certificate"), (None, "cannot be read")):
            if content is None:
                self.trusted.unlink()
            else:
                self.trusted.write_text(content)
            for _ in range(2):
                time.sleep(0.7)
                self.kill_clients()
                self.bench.await_answer(404, "an answer by what was known", 5)
            lines = self.bench.await_log_lines(1, "what they held before is used on", words)
            self.assertEqual(len(lines), 1, self.bench.log("worker"))


class Resumption(OverTLS):
    seconds = 10

    def test_a_connection_is_resumed_however_it_ended(self) -> None:
        self.bench.start_redis()
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with self.subTest(version.name):
                front = TLSFront(free_port(), self.bench.socket("redis"), self.certificate, version)
                self.addCleanup(front.close)
                name = version.name
                self.serve(port=front.port, name=name)
                self.bench.await_answer(404, name=name)
                for says_farewell in (True, False, False):
                    front.says_farewell = says_farewell
                    time.sleep(0.7)
                    count = len(front.resumed)
                    front.cut()
                    wait_until(lambda: len(front.resumed) > count, "another connection")
                    self.bench.await_answer(404, name=name)
                self.assertEqual(front.resumed, [False, True, True, True])
                self.assertTrue(self.bench.await_log_lines(1, "lost", "closed by Redis", name=name))
                self.assertTrue(self.bench.await_log_lines(1, "without a farewell", name=name))


    def test_redis_itself_resumes(self) -> None:
        der = ssl.PEM_cert_to_DER_cert(self.certificate.file.read_text())
        came: dict[int, bytes] = {}

        def down(data: bytes, pair: Pair) -> bytes:
            came[pair.number] = came.get(pair.number, b"") + data
            return data

        # TLS 1.2 shows certificates to whoever looks on.
        self.start_redis("--tls-protocols", "TLSv1.2", "--tls-auth-clients", "no")
        port = free_port()
        proxy = Proxy(port, self.port, down=down)
        self.addCleanup(proxy.close)
        self.serve("127.0.0.1", port=port)
        self.bench.await_answer(404)
        for _ in range(2):
            time.sleep(0.7)
            count = proxy.accepted
            proxy.cut()
            wait_until(lambda: proxy.accepted > count, "another connection")
            self.bench.await_answer(404)
        self.assertEqual([der in data for data in came.values()], [True, False, False])


class Partition(test_lost_answers.Partition):
    """The same as over TCP alone."""

    def start(self, bench: Workbench) -> None:
        port, authority = free_port(), Authority(bench.folder)
        server = authority.issue("server", *LOOPBACK)
        bench.start_redis(
            "--tls-port", port, "--tls-cert-file", server.file, "--tls-key-file", server.key,
            "--tls-ca-cert-file", authority.file, "--tls-auth-clients", "no",
        )  # fmt: skip
        environment = {"REDIS_TLS_CA_FILE": str(authority.file)}
        bench.serve("--threads", "1", url=f"rediss://127.0.0.1:{port}", environment=environment)


class Cuts(OverTLS):
    """The connection ends at every point of its way."""

    seconds = 30

    def test_in_the_handshake(self) -> None:
        self.start_redis()
        limits = {"up": 10**9, "down": 10**9}
        moved: dict[tuple[Pair, str], int] = {}

        def hook(way: str):
            def pass_on(data: bytes, pair: Pair) -> bytes | None:
                before = moved.get((pair, way), 0)
                moved[pair, way] = before + len(data)
                passed = data[: max(0, limits[way] - before)]
                if len(passed) < len(data):
                    if passed:
                        with contextlib.suppress(OSError):
                            (pair.server if way == "up" else pair.client).sendall(passed)
                    pair.cut()
                    return None
                return passed

            return pass_on

        port = free_port()
        proxy = Proxy(port, self.port, hook("up"), hook("down"))
        self.addCleanup(proxy.close)
        for way, limit in (
            ("up", 0), ("up", 50), ("up", 300), ("up", 420), ("up", 500), ("down", 0), ("down", 3), ("down", 200),
            ("down", 600), ("down", 900), ("down", 1200), ("down", 1500),
        ):  # fmt: skip
            with self.subTest((way, limit)):
                limits[way] = limit
                name = f"{way}-{limit}"
                self.serve("127.0.0.1", port=port, name=name)
                time.sleep(0.3)
                self.assertIn(self.bench.ask("GET", name=name).status, (404, 503))
                limits[way] = 10**9
                self.bench.await_answer(404, "an answer once nothing cuts", 10, name=name)
                self.bench.kill(name)

    def front(self, up: object, port: int) -> TLSFront:
        front = TLSFront(port, self.bench.socket("redis"), self.certificate, up=up)
        self.addCleanup(front.close)
        return front

    def test_before_between_and_behind_commands(self) -> None:
        """A save happens once or not at all, and the client is told what is known."""
        self.bench.start_redis()
        for says_farewell in (True, False):
            armed = threading.Event()
            arrived: list[bytes] = []

            def up(data: bytes) -> bytes | None:
                if not armed.is_set() or b"PING" in data:
                    return data
                armed.clear()
                arrived.append(data)
                return None

            front = self.front(up, free_port())
            front.says_farewell = says_farewell
            name = f"farewell-{says_farewell}"
            self.serve(port=front.port, name=name)
            self.bench.await_answer(404, name=name)
            for size in (10, 5_000, 60_000):
                time.sleep(0.7)
                armed.set()
                saved = self.bench.post(1, {"text": "x" * size}, user=f"{name}-{size}", name=name)
                self.assertTrue(arrived)
                # A small one came whole, as far as anybody can know here; of a large one only a record did.
                if size < 16_000:
                    self.assertEqual(saved.problem, "outcome-unknown", saved)
                else:
                    self.assertIn((saved.status, saved.problem), ((200, ""), (503, "outcome-unknown")), saved)
                time.sleep(0.7)
                armed.set()
                self.assertEqual(self.bench.ask("GET", user="nobody", name=name).status, 404)

    def test_what_is_not_sent_whole_is_not_carried_out(self) -> None:
        """A server that takes no more: the end of a large save stays here, and goes with the connection."""
        self.bench.start_redis()
        stopped = threading.Event()
        moved = threading.Event()
        total = [0]

        def up(data: bytes) -> bytes | None:
            if stopped.is_set() and total[0] > 100_000:
                moved.wait(60)
            if b"PING" not in data:
                total[0] += len(data)
            return data

        port = free_port()
        self.front(up, port)
        self.addCleanup(moved.set)
        self.serve("127.0.0.1", "--redis-timeout", "300", "--max-body", "33554432", port=port)
        self.bench.await_answer(404)
        time.sleep(0.7)
        stopped.set()
        total[0] = 0
        with self.bench.connect(timeout=90) as connection:
            answer = connection.ask("POST", document(1, {"text": "x" * 16_000_000}))
        self.assertEqual(answer.problem, "storage-unavailable", answer)
        stopped.clear()
        moved.set()
        self.bench.await_answer(404)
        time.sleep(1)
        self.assertEqual(self.bench.redis("DBSIZE"), 0)

    def test_what_is_told_of_saves_when_the_server_stands_still(self) -> None:
        """Many saves that share writes: whatever is told not to have been carried out is not."""
        self.bench.start_redis()
        stands, goes_on = threading.Event(), threading.Event()

        def up(data: bytes) -> bytes:
            if stands.is_set():
                goes_on.wait(60)
            return data

        port = free_port()
        self.front(up, port)
        self.addCleanup(goes_on.set)
        self.serve("127.0.0.1", "--redis-timeout", "400", port=port)
        self.bench.await_answer(404)
        self.bench.post(1, {}, user="first")
        time.sleep(0.7)
        stands.set()
        count = 300
        answers = together(
            *(lambda i=i: self.bench.post(1, {"text": "x" * 60_000}, user=f"save{i}") for i in range(count))
        )
        goes_on.set()
        stands.clear()
        self.bench.await_answer(404)
        time.sleep(1)
        problems = [answer.problem for answer in answers]
        self.assertEqual(set(problems), {"storage-unavailable", "outcome-unknown"})
        stored = [self.bench.stored(f"save{i}") is not None for i in range(count)]
        # How many of the others are is chance: what was on its way can be lost with the connection.
        carried_out = [problem for problem, is_there in zip(problems, stored) if is_there]
        self.assertNotIn("storage-unavailable", carried_out)

    def test_a_slow_line(self) -> None:
        """Every piece makes a large save wait, and a read wait for bytes: all goes on where it was."""
        self.start_redis()
        port = free_port()

        def slow(data: bytes, pair: Pair) -> bytes:
            time.sleep(len(data) / 4_000_000)
            return data

        proxy = Proxy(port, self.port, slow, slow)
        self.addCleanup(proxy.close)
        self.serve("127.0.0.1", "--max-body", "8388608", port=port)
        self.bench.await_answer(404)
        state = {"text": "x" * 4_000_000}

        def save(user: str) -> Answer:
            return self.bench.post(1, state, user=user)

        saved = together(*(lambda u=u: save(u) for u in ("a", "b", "c")))
        self.assertEqual([answer.status for answer in saved], [200, 200, 200], self.bench.log("worker"))
        for user in ("a", "b", "c"):
            self.assertEqual(self.bench.ask("GET", user=user).json["state"], state)
        self.assertEqual(self.bench.log_lines("lost"), [])


class Documentation(OverTLS):
    def test_what_docs_redis_md_sets(self) -> None:
        client = self.authority.issue("client")
        password = self.bench.folder / "password"
        password.write_text("secret")
        files = {
            "REDIS_PASSWORD_FILE": password, "REDIS_TLS_CA_FILE": self.authority.file,
            "REDIS_TLS_CERT_FILE": client.file, "REDIS_TLS_KEY_FILE": client.key,
        }  # fmt: skip
        block = (TOP / "docs/redis.md").read_text().partition("## TLS\n\n```sh\n")[2].partition("```")[0]
        for name, path in files.items():
            block, count = re.subn(rf"{name}=\S+", f"{name}={path}", block)
            self.assertEqual(count, 1, name)
        block = block.replace("redis.example.org:6380", f"localhost:{self.port}")
        lines = subprocess.run(
            ["sh", "-ec", block + "\nenv"], env={}, capture_output=True, text=True, check=True, timeout=30
        ).stdout.splitlines()
        environment = dict(line.split("=", 1) for line in lines if line.startswith("REDIS_"))
        self.start_redis("--tls-auth-clients", "yes")
        self.bench.redis("ACL", "SETUSER", "dashboard", "on", ">secret", "~hyvve:*", "+@all")
        self.bench.serve("--threads", "1", url=environment.pop("REDIS_URL"), environment=environment)
        self.bench.await_answer(404)
        self.assertIn("user=dashboard", self.bench.redis("CLIENT", "LIST"))
        self.assertEqual(self.bench.log_lines("warning"), [])


class Settings(OverTLS):
    def refusal(self, **environment: str) -> str:
        command = [self.bench.worker, "--listen", f"unix:{self.bench.folder}/x.sock", "--redis", "rediss://localhost"]
        started = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30)
        self.assertEqual(started.returncode, 78, started)
        self.assertEqual(len(started.stderr.splitlines()), 1, started.stderr)
        return started.stderr

    def test_what_is_wrong_is_said_at_start(self) -> None:
        folder = self.bench.folder
        client = self.authority.issue("client")
        (folder / "empty.pem").write_text("")
        (folder / "rubbish.pem").write_text("rubbish")
        openssl("pkey", "-in", client.key, "-aes256", "-passout", "pass:secret", "-out", folder / "locked.key")
        openssl("genrsa", "-out", folder / "rsa.key", 2048)
        pair = {"REDIS_TLS_CERT_FILE": str(client.file), "REDIS_TLS_KEY_FILE": str(client.key)}
        for environment, words in (
            ({"REDIS_TLS_CA_FILE": f"{folder}/none.pem"}, "CA_FILE names"),
            ({"REDIS_TLS_CA_FILE": f"{folder}/none.pem"}, "No such file"),
            ({"REDIS_TLS_CA_FILE": str(folder)}, "Is a directory"),
            ({"REDIS_TLS_CA_FILE": f"{folder}/empty.pem"}, "no good certificate"),
            ({"REDIS_TLS_CA_FILE": f"{folder}/rubbish.pem"}, "no good certificate"),
            ({"REDIS_TLS_CA_FILE": str(client.key)}, "no good certificate"),
            (pair | {"REDIS_TLS_CERT_FILE": f"{folder}/none.pem"}, "CERT_FILE names"),
            (pair | {"REDIS_TLS_CERT_FILE": str(client.key)}, "no good certificate"),
            (pair | {"REDIS_TLS_KEY_FILE": f"{folder}/none.pem"}, "KEY_FILE names"),
            (pair | {"REDIS_TLS_KEY_FILE": str(client.file)}, "no private key"),
            (pair | {"REDIS_TLS_KEY_FILE": f"{folder}/locked.key"}, "passphrase"),
            (pair | {"REDIS_TLS_KEY_FILE": str(self.certificate.key)}, "is not that of the certificate"),
            (pair | {"REDIS_TLS_KEY_FILE": f"{folder}/rsa.key"}, "is not that of the certificate"),
            ({"REDIS_TLS_CERT_FILE": str(client.file)}, "REDIS_TLS_KEY_FILE is not"),
            ({"REDIS_TLS_KEY_FILE": str(client.key)}, "REDIS_TLS_CERT_FILE is not"),
            ({"REDIS_TLS_SERVER_NAME": "a b"}, "SERVER_NAME is no host name"),
        ):
            with self.subTest(words, **environment):
                self.assertIn(words, self.refusal(**environment))
