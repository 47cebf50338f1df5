"""Tests the examples of deploy/sign-in, and Apache's basic authentication, each with attempts at forging."""

from __future__ import annotations

import contextlib
import ssl
import sys
import traceback
from collections.abc import Callable, Iterator

import apache
import wire
from cases.identity import FORGED
from programs import free_port
from render import render
from sandbox import Sandbox
from servers import HERE, apache_reusing, start_nginx_server
from sessions import Client, check_forwarded, check_renewal
from site_under_test import ALICE, BOB, JSON, KEY, describe, document, expect
from stand_ins import Authelia, OAuth2Proxy, StandIn

NGINX = {"listen 443 ssl": "listen 127.0.0.1:PORT ssl"}
# What these sign-ins say of somebody, said by a client. Groups too: with them one could get into a workspace.
FORGED_SIGN_IN = [
    *FORGED,
    *(
        (name, "dashboard-secret,dashboard-team")
        for name in ("X-Auth-Request-Groups", "Remote-Groups", "Remote_Groups")
    ),
    *((name, "bob") for name in ("Ssl-Client-S-Dn", "SSL_CLIENT_S_DN", "X-Client-Cn", "Ssl-Client-Verify")),
    ("Ssl-Client-Cert", "-----BEGIN CERTIFICATE-----"),
    ("X-Original-Method", "GET"),
    ("X-Forwarded-Uri", "/"),
]


TESTS: list[tuple[str, Callable[[Sandbox], None]]] = []


def test(name: str) -> Callable[[Callable[[Sandbox], None]], Callable[[Sandbox], None]]:
    def add(function: Callable[[Sandbox], None]) -> Callable[[Sandbox], None]:
        TESTS.append((name, function))
        return function

    return add


def check_forging(
    sandbox: Sandbox, victim: Client, attacker: Client, nobody: Client, refusals: tuple[int, ...] = (401,)
) -> None:
    """Whatever headers one sends, one is who one has signed in as, or nobody."""
    sandbox.redis("FLUSHALL")
    victim.save(document(1, {"of": "victim"}))
    attacker.save(document(1, {"of": "attacker"}))
    keys = sandbox.keys()
    assert len(keys) == 2, keys
    for number, forged in enumerate([FORGED_SIGN_IN, *([field] for field in FORGED_SIGN_IN)], 2):
        read = expect(attacker.ask("GET", forged), 200)
        assert read.json["state"] == {"of": "attacker"}, f"{forged}: {describe(read)}"
        attacker.save(document(number, {"of": "attacker"}), forged)
        for method in ("GET", "POST"):
            answer = nobody.ask(method, [JSON, *forged], document(99) if method == "POST" else None)
            assert answer.status in refusals and b'"of"' not in answer.body, f"{forged}: {describe(answer)}"
    assert victim.ask("GET").json["version"] == 1 and sandbox.keys() == keys


def check_workspace(sandbox: Sandbox, client: Client, user: str, has: list[str], has_not: list[str]) -> None:
    """The workspace that one asks for is the one that one gets, if one may have it."""
    sandbox.redis("FLUSHALL")
    for workspace in has:
        client.save(document(1, {"of": workspace}), [("X-Workspace", workspace)])
        assert sandbox.redis("EXISTS", KEY.format(user, workspace)) == 1, sandbox.keys()
    keys = sandbox.keys()
    assert len(keys) == len(has), keys
    strange = [
        "secret,dashboard-secret",
        "secret,dashboard-secret,",
        ",dashboard-",
        "main,team",
        "main main",
        "",
        "*",
        ".*",
        "m",
        "Main",
    ]
    for workspace in [*has_not, *strange]:
        for forged in ([], FORGED_SIGN_IN):
            answer = client.ask("GET", [("X-Workspace", workspace), *forged])
            if workspace == "":  # as if it had not been sent
                expect(answer, (200, 404) if "main" in has else 403)
            else:
                expect(answer, 403, "no-workspace")
                expect(
                    client.ask("POST", [JSON, ("X-Workspace", workspace), *forged], document(9)), 403, "no-workspace"
                )
    assert sandbox.keys() == keys


@contextlib.contextmanager
def nginx(sandbox: Sandbox, example: str, changes: dict[str, str]) -> Iterator[int]:
    port = free_port()
    for number in (1, 2):
        sandbox.start_worker(number)
    start_nginx_server(sandbox, render(sandbox, example, port, NGINX | changes), port)
    try:
        yield port
    finally:
        sandbox.end_all_but_redis()


@test("oauth2-proxy")
def _(sandbox: Sandbox) -> None:
    service = StandIn(OAuth2Proxy)
    changes = {"server 127.0.0.1:4180": f"server 127.0.0.1:{service.port}"}
    with nginx(sandbox, "deploy/sign-in/oauth2-proxy.nginx.conf", changes) as port:
        alice, bob, carol = (
            Client(port, ("Cookie", f"x=y; _oauth2_proxy=session-of-{name}")) for name in ("alice", "bob", "carol")
        )
        nobody = Client(port)
        expect(nobody.ask("GET"), 401, "no-user")
        expect(Client(port, ("Cookie", "_oauth2_proxy=forged")).ask("GET"), 401, "no-user")
        assert "_oauth2_proxy=session-of-alice" in (alice.save(document(1))["Set-Cookie"] or "")
        assert sandbox.keys() == [KEY.format("2f1c-alice", "main")]
        check_workspace(sandbox, alice, "2f1c-alice", ["main", "team"], ["staff", "secret", "teams"])
        check_workspace(sandbox, bob, "77aa-bob", ["main", "teams"], ["team"])
        check_workspace(sandbox, carol, "91bd-carol", [], ["main", "team"])
        check_forging(sandbox, bob, alice, nobody)
        check_forging(sandbox, alice, bob, nobody)
        # The question itself is not to be had from outside, the sign-in's pages are.
        expect(alice.ask("GET", path="/oauth2/auth"), 404)
        expect(nobody.ask("GET", path="/oauth2/start"), 302)
        session = f"_oauth2_proxy_0=session-of-; _oauth2_proxy_1=alice; _oauth2_proxy_2={'x' * 3900}"
        check_renewal(Client(port, ("Cookie", session)))
        # As long as three cookies are.
        check_renewal(Client(port, ("Cookie", f"{session}; another={'x' * 3900}; one_more={'x' * 3900}")))
        check_forwarded(alice)
        with service.halted():
            expect(alice.ask("POST", [JSON], document(999)), 503, "sign-in-unavailable")
        service.stop()
        expect(alice.ask("GET"), 503, "sign-in-unavailable")
        expect(alice.ask("POST", [JSON, *FORGED_SIGN_IN], document(999)), 503, "sign-in-unavailable")
        assert all('"version":999' not in sandbox.redis("GET", key) for key in sandbox.keys())  # noqa: SIM118


@test("Authelia")
def _(sandbox: Sandbox) -> None:
    service = StandIn(Authelia)
    changes = {"server 127.0.0.1:9091": f"server 127.0.0.1:{service.port}"}
    with nginx(sandbox, "deploy/sign-in/authelia.nginx.conf", changes) as port:
        alice, bob, carol = (
            Client(port, ("Cookie", f"authelia_session=session-of-{name}")) for name in ("alice", "bob", "carol")
        )
        nobody, bypass = Client(port), Client(port, ("Cookie", "authelia_session=bypass"))
        expect(nobody.ask("GET"), 401, "no-user")
        expect(bypass.ask("GET"), 401, "no-user")
        expect(carol.ask("GET"), 403, "about:blank")
        alice.save(document(1))
        assert sandbox.keys() == [KEY.format("alice", "main")]
        check_workspace(sandbox, alice, "alice", ["main", "team"], ["staff", "secret", "teams"])
        check_workspace(sandbox, bob, "bob", ["main", "teams"], ["team"])
        check_forging(sandbox, bob, alice, nobody)
        # Let in without a name, one still is nobody.
        check_forging(sandbox, alice, bob, bypass)
        expect(alice.ask("GET", path="/internal/authelia/authz"), 404)
        service.stop()
        expect(alice.ask("GET"), 503, "sign-in-unavailable")


@test("Authelia, with the stock parameters before")
def _(sandbox: Sandbox) -> None:
    """They set REMOTE_USER to the name of a password that nobody has checked; what comes later counts."""
    service = StandIn(Authelia)
    changes = {
        "server 127.0.0.1:9091": f"server 127.0.0.1:{service.port}",
        "fastcgi_param REQUEST_METHOD": "include fastcgi_params; fastcgi_param REQUEST_METHOD",
    }
    with nginx(sandbox, "deploy/sign-in/authelia.nginx.conf", changes) as port:
        alice, bob = (Client(port, ("Cookie", f"authelia_session=session-of-{name}")) for name in ("alice", "bob"))
        mallory = Client(port, *alice.fields, BOB)
        check_forging(sandbox, bob, mallory, Client(port, BOB))
        check_forging(sandbox, bob, mallory, Client(port, BOB, ("Cookie", "authelia_session=bypass")))
    service.stop()


@test("Apache, basic authentication")
def _(sandbox: Sandbox) -> None:
    port = apache_reusing(sandbox)
    sandbox.write("dashboard-state.workspaces", "main: alice bob\nteam: alice\n")
    alice, bob = Client(port, ALICE), Client(port, BOB)
    check_workspace(sandbox, alice, "alice", ["main", "team"], ["secret", "teams"])
    check_workspace(sandbox, bob, "bob", ["main"], ["team"])
    check_forging(sandbox, bob, alice, Client(port))
    for forged in ("Basic Ym9iOmI=", "Basic Ym9i", "Negotiate Ym9i", "Bearer bob"):
        expect(Client(port, ("Authorization", forged)).ask("GET", FORGED_SIGN_IN), 401, "no-user")
    # Two of them at once: neither the second, nor both.
    twice = Client(port, ALICE, BOB).ask("GET")
    assert twice.status in (400, 401) or twice.json["state"]["of"] == "attacker", describe(twice)
    sandbox.end_all_but_redis()


class Certificates:
    """An authority, people's certificates of it, and some that are none."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        for authority in ("dashboard-users-ca", "another-ca"):
            sandbox.make_certificate(authority, "/CN=Users")
        self.alice = self.make("alice", "/O=Example/OU=team/CN=alice")
        self.bob = self.make("bob", "/O=Example/OU=main/CN=bob")

    def make(self, name: str, subject: str, authority: str = "dashboard-users-ca") -> tuple[str, str]:
        return self.sandbox.make_certificate(name, subject, authority, "-addext", "basicConstraints=CA:FALSE")

    def forgeries(self) -> dict[str, tuple[str, str]]:
        return {
            "of another authority": self.make("other", "/O=Example/OU=main/CN=bob", "another-ca"),
            "signed by itself": self.sandbox.make_certificate("self", "/O=Example/OU=main/CN=bob"),
            "signed by a user": self.sandbox.make_certificate("user", "/O=Example/OU=main/CN=bob", "alice"),
            "of another organisation": self.make("organisation", "/O=Elsewhere/OU=main/CN=bob"),
        }


def check_certificates(sandbox: Sandbox, port: int, certificates: Certificates, refusals: tuple[int, ...]) -> None:
    alice, bob = (Client(port, certificate=who) for who in (certificates.alice, certificates.bob))
    alice.save(document(1))
    bob.save(document(1), [("X-Workspace", "team")])  # what a client asks for has no say here
    assert sandbox.keys() == [KEY.format("alice", "team"), KEY.format("bob", "main")], sandbox.keys()
    check_forging(sandbox, bob, alice, Client(port), refusals)
    for kind, certificate in certificates.forgeries().items():
        try:
            answer = Client(port, certificate=certificate).ask("GET", FORGED_SIGN_IN)
        except (ssl.SSLError, ConnectionError, wire.Malformed):
            continue
        assert answer.status in (400, 401, 403) and b'"of"' not in answer.body, f"{kind}: {describe(answer)}"
    # Of the right authority, but with a name that looks like more than one. Each may be somebody of its own, or nobody.
    sly = [
        "/O=Example/OU=main/CN=x,CN=bob",
        "/O=Example/OU=main/CN=bob,OU=main,O=Example",
        "/O=Example/OU=main,CN=bob/CN=x",
    ]
    sly += [
        "/O=Example/OU=main/CN=bob\\x",
        "/CN=bob/OU=x/O=Example",
        "/O=Example/OU=main/CN=SUCCESS:CN=bob",
        "/O=Example/CN=bob",
    ]
    for number, subject in enumerate(sly):
        answer = Client(port, certificate=certificates.make(f"sly-{number}", subject)).ask("GET")
        assert answer.status >= 400 and b'"of"' not in answer.body, f"{subject}: {describe(answer)}"


CA = "/etc/ssl/certs/dashboard-users-ca.pem"


@test("client certificates, nginx")
def _(sandbox: Sandbox) -> None:
    certificates = Certificates(sandbox)
    authority = f"{sandbox.folder}/dashboard-users-ca.pem"
    with nginx(sandbox, "deploy/sign-in/client-certificate.nginx.conf", {CA: authority}) as port:
        check_certificates(sandbox, port, certificates, (401,))


@test("client certificates, Apache")
def _(sandbox: Sandbox) -> None:
    for number in (1, 2):
        sandbox.start_worker(number)
    certificates = Certificates(sandbox)
    port = free_port()
    changes = HERE | {CA: f"{sandbox.folder}/dashboard-users-ca.pem"}
    apache.start(sandbox, render(sandbox, "deploy/sign-in/client-certificate.apache.conf", port, changes), port)
    check_certificates(sandbox, port, certificates, (403,))
    sandbox.end_all_but_redis()


def run_tests(subject: str, tests: list[tuple[str, Callable[[Sandbox], None]]], names: list[str]) -> int:
    """Runs those that have one of these words in their names, each in a sandbox of its own; returns the exit status."""
    passed = failed = 0
    for name, function in tests:
        if names and not any(part in name for part in names):
            continue
        sandbox = Sandbox()
        try:
            function(sandbox)
            passed += 1
            print(f"{subject}: {name}: ok")
        except Exception:  # noqa: BLE001  the others shall run nevertheless
            failed += 1
            print(f"{subject}: {name}: FAIL\n{traceback.format_exc()}")
            for log in sorted(sandbox.folder.glob("*.log")):
                print(f"--- {log.name}\n{sandbox.log(log.stem, 8)}")
        finally:
            sandbox.stop()
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(run_tests("sign-in", TESTS, sys.argv[1:]))
