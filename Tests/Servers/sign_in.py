"""Tests the examples of deploy/sign-in, and Apache's basic authentication, each with attempts at forging."""

from __future__ import annotations

import contextlib
import os
import re
import ssl
import subprocess
import sys
import traceback
import urllib.parse
from collections.abc import Callable, Iterator

import apache
import wire
from cases.identity import FORGED
from programs import TOP, free_port
from render import render
from sandbox import Sandbox
from servers import HERE, apache_reusing, start_nginx_server
from sessions import Client, check_forwarded, check_renewal
from site_under_test import ALICE, BOB, JSON, KEY, describe, document, expect
from stand_ins import SEEN, Authelia, OAuth2Proxy, StandIn, jwt_checker, provider
from tokens import SharedKey, Signer, for_others, forgeries

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


def bearer(token: str) -> tuple[str, str]:
    return ("Authorization", f"Bearer {token}")


def paste_bearer(port: int, token: str) -> str:
    """What docs/sign-in.md says to type, with this site in the place of dashboard.example.org."""
    [typed] = re.findall(r"^```sh\n(curl .*Bearer.*\n)```$", (TOP / "docs/sign-in.md").read_text(), re.MULTILINE)
    here = f'curl() {{ command curl --insecure --connect-to dashboard.example.org:443:127.0.0.1:{port} "$@"; }}\n'
    command = ["bash", "-c", here + typed]
    return subprocess.run(command, env={**os.environ, "TOKEN": token}, capture_output=True, text=True, timeout=30).stdout


def check_tokens(sandbox: Sandbox, port: int, signer: Signer, refusals: tuple[int, ...]) -> None:
    """Somebody is whom a token says that the provider has signed for this service, and nobody by any other."""
    alice, bob, carol = (
        Client(port, bearer(signer.token(user, groups)))
        for user, groups in (
            ("2f1c-alice", ["staff", "dashboard-main", "dashboard-team"]),
            ("77aa-bob", ["dashboard-main", "not-dashboard-team", "dashboard-teams"]),
            ("91bd-carol", []),
        )
    )
    alice.save(document(1))
    assert sandbox.keys() == [KEY.format("2f1c-alice", "main")], sandbox.keys()
    assert paste_bearer(port, signer.token("2f1c-alice", ["dashboard-main"])).startswith('{"version":1,')
    check_workspace(sandbox, alice, "2f1c-alice", ["main", "team"], ["staff", "secret", "teams"])
    check_workspace(sandbox, bob, "77aa-bob", ["main", "teams"], ["team"])
    check_workspace(sandbox, carol, "91bd-carol", [], ["main", "team"])
    check_forging(sandbox, bob, alice, Client(port))
    bob.save(document(2, {"of": "victim"}))
    other = Signer(sandbox, "mallory")
    for kind, token in forgeries(signer, other, "77aa-bob").items():
        for method in ("GET", "POST", "DELETE"):
            answer = Client(port, bearer(token)).ask(method, [JSON], document(99) if method == "POST" else None)
            assert answer.status == 401 and answer.is_problem, f"{kind}: {describe(answer)}"
    for kind, token in for_others(signer, "77aa-bob").items():
        answer = Client(port, bearer(token)).ask("GET")
        assert answer.status in refusals and answer.is_problem, f"{kind}: {describe(answer)}"
    # Nor where a token has no business: in an address, a cookie or a form.
    token = signer.token("77aa-bob", ["dashboard-main"])
    for field in (("Cookie", f"access_token={token}"), ("Authorization", f"Basic {token}"), ("Authorization", token)):
        expect(Client(port, field).ask("GET"), 401, "no-user")
    expect(Client(port).ask("GET", path=f"/api/dashboard/state?access_token={token}"), 401, "no-user")
    assert expect(bob.ask("GET"), 200).json["version"] == 2


@test("bearer tokens, nginx")
def _(sandbox: Sandbox) -> None:
    signer = Signer(sandbox, "signing-1")
    service = StandIn(jwt_checker(signer, sandbox.folder))
    changes = {"server 127.0.0.1:4180": f"server 127.0.0.1:{service.port}"}
    with nginx(sandbox, "deploy/sign-in/bearer-token.nginx.conf", changes) as port:
        check_tokens(sandbox, port, signer, (401,))
        # Passwords are not even handed on, and a browser's session is none here: a page elsewhere could use it.
        SEEN.clear()
        expect(Client(port, BOB).ask("GET"), 401, "no-user")
        assert "authorization" not in SEEN[0], SEEN
        expect(Client(port, ("Cookie", "_oauth2_proxy=session-of-bob")).ask("GET"), 401, "no-user")
        expect(Client(port).ask("GET", path="/oauth2/auth"), 404)
        service.stop()
        expect(Client(port).ask("GET"), 503, "sign-in-unavailable")


@test("oauth2-proxy, with bearer tokens")
def _(sandbox: Sandbox) -> None:
    signer = Signer(sandbox, "signing-1")
    service = StandIn(jwt_checker(signer, sandbox.folder))
    changes = {"server 127.0.0.1:4180": f"server 127.0.0.1:{service.port}"}
    with nginx(sandbox, "deploy/sign-in/oauth2-proxy.nginx.conf", changes) as port:
        check_tokens(sandbox, port, signer, (401,))
        expect(Client(port, ("Cookie", "_oauth2_proxy=session-of-bob")).ask("GET"), 200)
    service.stop()


class Browser:
    """Keeps the cookies of a site."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}

    def client(self) -> Client:
        return Client(self.port, ("Cookie", "; ".join(f"{name}={value}" for name, value in self.cookies.items())))

    def open(self, path: str, status: int = 302) -> str:
        """Opens a page, and gives the address to which it leads."""
        answer = expect(self.client().ask("GET", [("Accept", "text/html")], path=path), status)
        for name, value in answer.fields:
            if name == "set-cookie":
                cookie, _, rest = value.partition("=")
                self.cookies[cookie] = rest.partition(";")[0]
        return answer["Location"] or ""

    def sign_in(self, service: StandIn, session: str) -> None:
        asked = urllib.parse.urlsplit(self.open("/"))
        at_provider = wire.request(service.port, "GET", f"{asked.path}?{asked.query}", [("Cookie", f"provider={session}")])
        back = urllib.parse.urlsplit(expect(at_provider, 302)["Location"] or "")
        assert (back.hostname, back.path) == ("dashboard.example.org", "/oidc/callback"), back
        assert urllib.parse.urlsplit(self.open(f"{back.path}?{back.query}")).path == "/"
        self.open("/", 200)


@test("mod_auth_openidc")
def _(sandbox: Sandbox) -> None:
    for number in (1, 2):
        sandbox.start_worker(number)
    signer = Signer(sandbox, "signing-1")
    service = StandIn(provider(signer), signer)
    example = (TOP / "deploy/sign-in/openid-connect.apache.conf").read_text()
    typed = re.search(r"^#   (\(umask .*\\)\n# +(.*\))$", example, re.MULTILINE)
    assert typed is not None
    secrets = sandbox.folder / "dashboard-state.openid"
    sandbox.run("bash", "-c", f"{typed[1]}\n{typed[2]}".replace("/etc/apache2/dashboard-state.openid", str(secrets)))
    assert secrets.stat().st_mode & 0o777 == 0o600
    assert re.fullmatch(r'OIDCClientSecret "SECRET"\nOIDCCryptoPassphrase "[0-9a-f]{64}"\n', secrets.read_text())
    with secrets.open("a") as file:
        file.write(f'OIDCCABundlePath "{signer.certificate}"\n')
    port = free_port()
    changes = HERE | {
        "/etc/ssl/certs/dashboard-tokens.pem": str(signer.certificate),
        "https://id.example.org/.well-known": f"https://127.0.0.1:{service.port}/.well-known",
    }
    (sandbox.folder / "html").mkdir()
    (sandbox.folder / "html/index.html").write_text("the page")
    apache.start(sandbox, render(sandbox, "deploy/sign-in/openid-connect.apache.conf", port, changes), port)
    check_tokens(sandbox, port, signer, (403,))
    sandbox.redis("FLUSHALL")
    alice, bob, carol = (Browser(port) for _ in range(3))
    for browser, name in ((alice, "alice"), (bob, "bob"), (carol, "carol")):
        browser.sign_in(service, f"session-of-{name}")
    alice.client().save(document(1))
    assert sandbox.keys() == [KEY.format("2f1c-alice", "main")], sandbox.keys()
    check_workspace(sandbox, alice.client(), "2f1c-alice", ["main", "team"], ["staff", "secret", "teams"])
    check_workspace(sandbox, carol.client(), "91bd-carol", [], ["main", "team"])
    check_forging(sandbox, bob.client(), alice.client(), Client(port, ("Cookie", "mod_auth_openidc_session=forged")))
    # A page is told that nobody is signed in, and is not led away.
    expect(Client(port).ask("GET", [("Accept", "text/html")]), 401, "no-user")
    # Who is signed in stays so while the provider is away.
    service.stop()
    expect(bob.client().ask("GET"), 200)
    sandbox.end_all_but_redis()


@test("mod_auth_openidc, tokens alone, by a shared key")
def _(sandbox: Sandbox) -> None:
    """As the example says that it is done: without what it has for browsers."""
    for number in (1, 2):
        sandbox.start_worker(number)
    signer = SharedKey(sandbox, "signing-1")
    port = free_port()
    key = f'OIDCOAuthVerifySharedKeys "plain#signing-1#{signer.secret}"'
    changes = HERE | {
        'OIDCOAuthVerifyCertFiles "signing-1#/etc/ssl/certs/dashboard-tokens.pem"': key,
        "AuthType auth-openidc": "AuthType oauth20",
    }
    text = render(sandbox, "deploy/sign-in/openid-connect.apache.conf", port, changes)
    browsers = re.search(r"^    # Browsers: .*?(?=^    <Location )", text, re.MULTILINE | re.DOTALL)
    assert browsers is not None and "</LocationMatch>" in browsers[0]
    apache.start(sandbox, text.replace(browsers[0], ""), port)
    check_tokens(sandbox, port, signer, (403,))
    # The module lets this method in by itself, as nobody.
    expect(Client(port).ask("OPTIONS"), 401, "no-user")
    expect(Client(port, ("Cookie", "mod_auth_openidc_session=forged")).ask("GET"), 401, "no-user")
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
