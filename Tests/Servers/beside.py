"""Tests the service beside sites that were there before, whose settings its locations would take up."""

from __future__ import annotations

import contextlib
import random
import re
import sys
from collections.abc import Callable, Iterator

import apache
import wire
from programs import TOP, free_port
from render import adapt, render
from sandbox import Sandbox
from servers import start_nginx_server
from sessions import Client
from sign_in import run_tests
from site_under_test import ALICE, BOB, JSON, LIMIT, PATH, describe, document, expect, sized
from stand_ins import SEEN, Own, StandIn

TESTS: list[tuple[str, Callable[[Sandbox], None]]] = []


def test(name: str) -> Callable[[Callable[[Sandbox], None]], Callable[[Sandbox], None]]:
    def add(function: Callable[[Sandbox], None]) -> Callable[[Sandbox], None]:
        TESTS.append((name, function))
        return function

    return add


# ---- nginx ----

SITE = """include conf.d/*.conf;
HTTP
server {
    listen 127.0.0.1:PORT ssl;
    server_name dashboard.example.org;
    ssl_certificate FOLDER/tls.pem;
    ssl_certificate_key FOLDER/tls.key;
    root FOLDER/html;
    SERVER
    include snippets/dashboard-state.conf;
    include snippets/dashboard-state-health.conf;
    include snippets/dashboard-state-web.conf;
}
"""


@contextlib.contextmanager
def nginx(
    sandbox: Sandbox, server: str, http: str = "", more: dict[str, str] | None = None
) -> Iterator[tuple[Client, Client, Client]]:
    """A site that says this, with alice, bob and nobody."""
    service = StandIn(Own)
    for number in (1, 2):
        sandbox.start_worker(number)
    port = free_port()
    web = sandbox.folder / "html/web"
    web.mkdir(parents=True, exist_ok=True)
    (web / "index.js").write_text("export {};")
    text = SITE.replace("HTTP", http).replace("SERVER", server).replace("FOLDER", str(sandbox.folder))
    text = sandbox.run(TOP / "deploy/nginx/inline", sandbox.write("site.conf", text))
    changes = {"127.0.0.1:461": f"127.0.0.1:{service.port}", "127.0.0.1:PORT": "127.0.0.1:PORT", **(more or {})}
    start_nginx_server(sandbox, adapt(sandbox, "the site", text, port, changes), port)
    try:
        yield (
            Client(port, ("Cookie", "session=session-of-alice")),
            Client(port, ("Cookie", "session=session-of-bob")),
            Client(port),
        )
    finally:
        service.stop()
        sandbox.end_all_but_redis()


def check_states(sandbox: Sandbox, alice: Client, bob: Client, nobody: Client) -> None:
    """Everybody has a state of their own, and problems are the worker's."""
    alice.save(document(1, {"of": "alice"}), [("If-None-Match", "*")])
    assert bob.ask("GET").status == 404
    bob.save(document(1, {"of": "bob"}))
    for client, name in ((alice, "alice"), (bob, "bob"), (alice, "alice"), (bob, "bob")):
        answer = expect(client.ask("GET"), 200)
        assert answer.json["state"] == {"of": name} and answer["ETag"], describe(answer)
        assert answer["Cache-Control"] == "private, no-cache", describe(answer)
        assert answer["Content-Encoding"] is None, describe(answer)
    expect(nobody.ask("GET"), 401, "no-user")
    expect(nobody.ask("POST", [JSON], document(9)), 401, "no-user")
    alice.save(document(2, {"of": "alice"}))
    assert expect(alice.ask("GET"), 200).json["version"] == 2
    expect(alice.ask("GET", [("X-Dashboard-User", "bob")]), 403, "other-user")
    assert expect(alice.ask("POST", [JSON], b'{"version":1}'), 400, "invalid-body").json["field"] == "state"
    expect(alice.ask("POST", [JSON, ("If-Match", '"x"')], document(3)), 412, "precondition-failed")
    assert expect(alice.ask("POST", [JSON], sized(LIMIT + 1)), 413, "body-too-large").json["actual"] == LIMIT + 1
    expect(alice.ask("GET", path="/api/dashboard/x"), 404, "about:blank")
    sandbox.end("redis")
    try:
        for method, body in (("GET", None), ("POST", document(3))):
            expect(alice.ask(method, [JSON], body), 503, "storage-unavailable")
    finally:
        sandbox.start_redis()


def check_service(sandbox: Sandbox, alice: Client, bob: Client, nobody: Client) -> None:
    """Beside that, the client for browsers is there, and supervisors get an answer."""
    assert expect(nobody.ask("GET", path="/web/index.js"), 200).body == b"export {};"
    assert expect(nobody.ask("GET", path="/readyz"), 200).json == {"status": "ready"}
    check_states(sandbox, alice, bob, nobody)


@test("nginx, a site that keeps answers of its application")
def _(sandbox: Sandbox) -> None:
    keep = "proxy_cache kept; proxy_cache_valid any 1m; proxy_ignore_headers Cache-Control Set-Cookie;"
    with nginx(sandbox, keep, f"proxy_cache_path {sandbox.folder}/kept keys_zone=kept:1m;") as clients:
        check_service(sandbox, *clients)


@test("nginx, a site that keeps answers of PHP")
def _(sandbox: Sandbox) -> None:
    keep = """fastcgi_cache kept; fastcgi_cache_valid any 1m; fastcgi_ignore_headers Cache-Control Expires Set-Cookie;
        fastcgi_cache_key $request_method$host$request_uri;"""
    with nginx(sandbox, keep, f"fastcgi_cache_path {sandbox.folder}/kept keys_zone=kept:1m;") as clients:
        check_service(sandbox, *clients)


@test("nginx, a site with error pages")
def _(sandbox: Sandbox) -> None:
    pages = """proxy_intercept_errors on; fastcgi_intercept_errors on; recursive_error_pages on;
        error_page 401 403 =200 /sign-in.html; error_page 404 /404.html; error_page 500 502 503 504 /50x.html;
        location = /sign-in.html { return 200 "Sign in"; }"""
    with nginx(sandbox, pages) as clients:
        carol = Client(clients[0].port, ("Cookie", "session=session-of-carol"))
        expect(carol.ask("GET"), 403, "no-workspace")
        check_service(sandbox, *clients)


@test("nginx, a site with locations that are expressions")
def _(sandbox: Sandbox) -> None:
    locations = r"location ~ ^/(api|app)/ { return 418; } location ~* \.(js|css|png)$ { root /nonexistent; expires max; }"
    with nginx(sandbox, locations) as clients:
        check_service(sandbox, *clients)


@test("nginx, a site with much to say")
def _(sandbox: Sandbox) -> None:
    http = """fastcgi_request_buffering off; fastcgi_buffering off; proxy_request_buffering off; fastcgi_index index.php;
        fastcgi_buffers 16 256k; fastcgi_buffer_size 128k; fastcgi_busy_buffers_size 256k; proxy_buffers 4 8k;
        proxy_busy_buffers_size 16k; proxy_temp_file_write_size 16k; proxy_http_version 1.0; gzip on; gzip_types *;
        fastcgi_pass_request_headers off; proxy_pass_request_headers off; underscores_in_headers on;"""
    server = """client_max_body_size 64k; proxy_buffering off; proxy_set_header X-Auth-Request-User root;
        fastcgi_param REMOTE_USER root; include fastcgi_params; expires 30d; etag off; charset utf-8; default_type text/html; try_files $uri /index.php;"""
    with nginx(sandbox, server, http) as clients:
        alice = clients[0]
        with wire.Connection(alice.port) as connection:
            connection.send(wire.head("POST", PATH, [*alice.fields, JSON, ("Transfer-Encoding", "chunked")]))
            for chunk in wire.chunks(document(1), [5]):
                connection.send(chunk)
            assert expect(connection.answer("POST"), 200).json["success"] is True
        sandbox.redis("FLUSHALL")
        check_service(sandbox, *clients)


@test("nginx, a site for those who have signed in")
def _(sandbox: Sandbox) -> None:
    everybody = f"auth_basic Site; auth_basic_user_file {sandbox.folder}/dashboard-state.users;"
    with nginx(sandbox, f"{everybody} auth_request /_dashboard_state/sign-in;") as (alice, _, nobody):
        expect(nobody.ask("GET", path="/readyz"), 200)
        expect(alice.ask("GET"), 401, "no-user")
        both = Client(alice.port, ALICE, *alice.fields)
        both.save(document(1, {"of": "alice"}))
        assert expect(both.ask("GET"), 200).json["state"] == {"of": "alice"}


@test("nginx, what a client says of its request")
def _(sandbox: Sandbox) -> None:
    with nginx(sandbox, "") as (alice, _, _):
        parts = "For Host Proto Uri Method Port User Email Groups Preferred-Username".split()
        names = [f"X-Forwarded-{part}" for part in parts]
        names += ["Forwarded", "X-Real-IP", "X-Original-URI", "X-Original-URL", "X-Original-Method"]
        names += ["X-Auth-Request-User", "X-Auth-Request-Workspace"]
        # These are about the state.
        names += ["If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range", "Range"]
        SEEN.clear()
        expect(alice.ask("POST", [JSON, *((name, '"evil"') for name in names)], document(1)), 412, "precondition-failed")
        [seen] = SEEN
        assert not any("evil" in value for value in seen.values()), seen
        assert seen["x-forwarded-for"] == "127.0.0.1" and seen["x-original-uri"] == PATH, seen
        assert seen.get("content-length", "0") == "0", "it would wait for a body that does not come"


@test("nginx, many sessions of several cookies")
def _(sandbox: Sandbox) -> None:
    # A tenth of the room, for a tenth of the sessions.
    room = {"state_session:10m": "state_session:1m"}
    with nginx(sandbox, "large_client_header_buffers 4 16k;", "", room) as (alice, _, _):
        draw = random.Random(1)
        for _ in range(500):
            length = draw.choice((60, 300, 1500, 2500, 3900, 5000, 8000, 11800))
            session = f"number={draw.random()}; pad={'x' * length}; session=session-of-alice"
            expect(Client(alice.port, ("Cookie", session)).ask("GET"), 404, "nothing-stored")


@test("nginx, a session that asks too much")
def _(sandbox: Sandbox) -> None:
    rate = {"rate=50r/s": "rate=1r/m"}
    with nginx(sandbox, "", "", rate) as (alice, bob, _):
        long = [Client(alice.port, ("Cookie", f"pad={'x' * 300}; session=session-of-{name}")) for name in ("alice", "bob")]
        for asks, does_not in ((alice, bob), long):
            answers = [asks.ask("GET") for _ in range(130)]
            refused = [answer for answer in answers if answer.status == 429]
            assert 10 < len(refused) < 30 and all(answer["Retry-After"] for answer in refused), len(refused)
            expect(does_not.ask("GET"), 404, "nothing-stored")


# ---- Apache ----

MODULES = "ssl proxy_fcgi proxy_http proxy_balancer lbmethod_byrequests headers authz_groupfile asis expires rewrite"
SIGN_IN = re.search(r"^ *<Location .*?</Location>$", (TOP / "deploy/apache.conf.example").read_text(), re.M | re.S)
assert SIGN_IN, "the example has no sign-in any more"
APACHE_SITE = f"""#   a2enmod {MODULES}
EVERYWHERE
{SIGN_IN[0]}
<VirtualHost 127.0.0.1:PORT>
    ServerName dashboard.example.org
    SSLEngine on
    SSLCertificateFile FOLDER/tls.pem
    SSLCertificateKeyFile FOLDER/tls.key
    DocumentRoot FOLDER/html
    SITE
</VirtualHost>
"""
ENABLED = "Include conf-available/dashboard-state.conf"


def check_apache(sandbox: Sandbox, site: str, everywhere: str = ENABLED) -> None:
    for number in (1, 2):
        sandbox.start_worker(number)
    port = free_port()
    text = APACHE_SITE.replace("EVERYWHERE", everywhere).replace("SITE", site).replace("FOLDER", str(sandbox.folder))
    source = sandbox.write("site.conf.example", text)
    apache.start(sandbox, render(sandbox, str(source), port, {"127.0.0.1:PORT": "127.0.0.1:PORT"}), port)
    check_states(sandbox, Client(port, ALICE), Client(port, BOB), Client(port))
    sandbox.end_all_but_redis()


@test("Apache, a site with error pages and times")
def _(sandbox: Sandbox) -> None:
    pages = "ProxyErrorOverride On\nErrorDocument 404 /404.html\nErrorDocument 503 /oops.html\nErrorDocument 412 /oops.html"
    check_apache(sandbox, pages + '\nExpiresActive On\nExpiresDefault "access plus 1 month"\nLimitRequestBody 10240')


@test("Apache, said for all sites and for one")
def _(sandbox: Sandbox) -> None:
    check_apache(sandbox, "Include dashboard-state/site.conf")


@test("Apache, a site that hands every path over")
def _(sandbox: Sandbox) -> None:
    check_apache(sandbox, 'ProxyPass "/" "http://127.0.0.1:9/"')
    sandbox.redis("FLUSHALL")
    section = '<Location "/">\nProxyPass "http://127.0.0.1:9/"\n</Location>\nInclude dashboard-state/site.conf'
    check_apache(sandbox, section, "")


@test("Apache, a site that rewrites every path")
def _(sandbox: Sandbox) -> None:
    said = re.search(r"`(RewriteRule .*)` first", (TOP / "deploy/apache/conf-available/dashboard-state.conf").read_text())
    assert said
    check_apache(sandbox, f"RewriteEngine On\n{said[1]}\nRewriteRule ^ /index.html [L]")


if __name__ == "__main__":
    sys.exit(run_tests("beside a site", TESTS, sys.argv[1:]))
