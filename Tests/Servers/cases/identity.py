"""Who a request is for, whatever it says of itself."""

from __future__ import annotations

import base64

import fastcgi
import wire
from site_under_test import ALICE, BOB, JSON, KEY, PATH, NotApplicable, Site, case, describe, document, expect, sign_in
from wire import Connection

# What a client may say of itself, in the hope that the name becomes the parameter that the worker reads.
_NAMES_BY_VALUE = {
    "bob": """
        REMOTE_USER Remote-User remote_user Remote_User HTTP_REMOTE_USER Http-Remote-User X-Remote-User X-Forwarded-User
        X-Auth-Request-User X-Auth-Request-Preferred-Username X-Auth-Request-Email X-User X-WebAuth-User Auth-User
        AUTH_USER Redirect-Remote-User REDIRECT_REMOTE_USER SSL_CLIENT_S_DN_CN Ssl-Client-S-Dn-Cn X-Ssl-Client-S-Dn
        Dashboard-User From""",
    "team": """
        REMOTE_WORKSPACE Remote-Workspace remote_workspace Remote_Workspace HTTP_REMOTE_WORKSPACE X-Remote-Workspace
        X-Auth-Request-Workspace Dashboard-Workspace Redirect-Remote-Workspace""",
    "0123456789abcdef0123456789abcdef": "Proxy-Secret PROXY_SECRET Proxy_Secret HTTP_PROXY_SECRET X-Proxy-Secret",
    "unix:/nowhere.sock": "Redis-Url REDIS_URL Dashboard-State-Listen",
    "DELETE": "Request-Method REQUEST_METHOD X-HTTP-Method-Override",
    "/api/dashboard/nope": "Script-Name SCRIPT_NAME Path-Info PATH_INFO Request-Uri X-Original-Url X-Rewrite-Url",
    "HTTP_X_USER": "Identity-User-Param IDENTITY_USER_PARAM",
    "127.0.0.1": "X-Forwarded-For X-Real-Ip Proxy",
}
FORGED = [(name, value) for value, names in _NAMES_BY_VALUE.items() for name in names.split()]


@case("forged identity")
def _(site: Site) -> None:
    site.save(document(1, {"of": "bob"}), user=BOB)
    site.save(document(1, {"of": "bob's team"}), [("X-Workspace", "team")], user=BOB)
    site.save(document(1, {"of": "alice"}))
    keys = site.sandbox.keys()
    # All at once, and each by itself, since one may be dropped for what stands beside it.
    for number, forged in enumerate([FORGED, [(n.lower(), v) for n, v in FORGED], *([field] for field in FORGED)], 2):
        read = expect(site.ask("GET", forged), 200)
        assert read.json["state"] == {"of": "alice"}, f"{forged}: {describe(read)}"
        site.save(document(number, {"of": "alice"}), forged)
        unsigned = expect(site.ask("GET", forged, user=None), 401)
        assert b'"of"' not in unsigned.body, describe(unsigned)
    for user, workspace in (("bob", "main"), ("bob", "team")):
        assert site.stored(user, workspace)["version"] == 1
    assert site.sandbox.keys() == keys


@case("not signed in")
def _(site: Site) -> None:
    site.save(document(1, {"of": "alice"}))
    wrong = [
        None,
        sign_in("alice", "wrong"),
        sign_in("alice", ""),
        ("Authorization", "Basic"),
        ("Authorization", "Basic %%%"),
    ]
    wrong += [("Authorization", "Basic " + base64.b64encode(b"mallory:x").decode()), ("Authorization", "Bearer alice")]
    for user in wrong:
        # lighttpd takes its time to answer wrong credentials: with them only one request each.
        for method in ("GET", "POST", "DELETE") if user is None else ("POST",):
            body = document(9) if method == "POST" else None
            answer = site.ask(method, [JSON], body, user=user)
            expect(
                answer,
                (400, 401) if user else 401,
                "" if answer.status == 401 else None,
            )
            assert b'"of"' not in answer.body
    assert site.stored()["version"] == 1


@case("workspaces")
def _(site: Site) -> None:
    site.save(document(1, {"of": "main"}))
    expect(site.ask("GET", [("X-Workspace", "team")]), 404, "nothing-stored")
    site.save(document(2, {"of": "team"}), [("X-Workspace", "team")])
    assert site.stored("alice", "team")["version"] == 2
    strange = [
        "secret",
        "team,main",
        "main, team",
        "team main",
        "../team",
        "TEAM",
        "team\\",
        "team%00",
        "*",
        "team:x",
        '"team"',
        "x" * 300,
    ]
    for workspace in strange:
        for method in ("GET", "POST"):
            answer = site.ask(method, [JSON, ("X-Workspace", workspace)], document(9) if method == "POST" else None)
            assert answer.status == 403 and answer.is_problem, f"{workspace}: {describe(answer)}"
    assert site.sandbox.keys() == [KEY.format("alice", "main"), KEY.format("alice", "team")]


@case("proxy secret")
def _(site: Site) -> None:
    if not site.server.secret:
        raise NotApplicable("a Unix socket's permissions, or the process itself, keep others out")
    site.save(document(1, {"of": "alice"}))
    port = int((site.sandbox.folder / "worker.port").read_text())
    known = [("REQUEST_METHOD", "GET"), ("SCRIPT_NAME", PATH), ("REMOTE_USER", "alice"), ("REMOTE_WORKSPACE", "main")]
    right, wrong = ("PROXY_SECRET", site.server.secret), ("PROXY_SECRET", site.server.secret[:-1] + "x")
    assert b"alice" in fastcgi.request(port, [*known, right])
    assert b"alice" in fastcgi.request(port, [*known, wrong, right])  # the last one counts
    for params in (
        [],
        [wrong],
        [("PROXY_SECRET", "")],
        [("HTTP_PROXY_SECRET", right[1])],
        [right, wrong],
        [right, ("PROXY_SECRET", "")],
    ):
        answer = fastcgi.request(port, [*known, *params])
        assert b"Status: 403" in answer and b"wrong-proxy-secret" in answer, answer


@case("another user's page")
def _(site: Site) -> None:
    site.save(document(1), [("X-Dashboard-User", "alice")])
    expect(site.ask("GET", [("X-Dashboard-User", "bob")]), 403, "other-user")
    expect(site.ask("POST", [JSON, ("X-Dashboard-User", "bob")], document(2)), 403, "other-user")


@case("two users, one connection")
def _(site: Site) -> None:
    site.save(document(1, {"of": "alice"}))
    site.save(document(1, {"of": "bob"}), user=BOB)
    with Connection(site.port) as connection:
        for turn in range(6):
            last = turn == 5
            user, name = ((ALICE, "alice"), (BOB, "bob"))[turn % 2]
            connection.send(wire.head("GET", PATH, [user], keep=not last))
            answer = expect(connection.answer("GET", last), 200)
            assert answer.json["state"] == {"of": name}, describe(answer)
    with Connection(site.port) as connection:
        body = document(2, {"of": "alice"})
        fields = [ALICE, JSON, ("Content-Length", str(len(body)))]
        connection.send(wire.head("POST", PATH, fields, keep=True) + body + wire.head("GET", PATH))
        expect(connection.answer("POST", last=False), 200)
        # Who signed in for the first request has not for the second.
        expect(connection.answer("GET"), 401)
