"""Paths: which are the state, and which are nothing."""

from __future__ import annotations

from site_under_test import JSON, PATH, Site, case, describe, document, expect
from wire import Malformed


@case("save, read, delete")
def _(site: Site) -> None:
    expect(site.ask("GET"), 404, "nothing-stored")
    state = b'{ "z":1,"a":[1.50, 1e2,"\\u00e9\xc3\xa9\\/"], "":null}'
    body = b'{"version":3,"lastModified":"2026-01-02T03:04:05Z","state":' + state + b"}"
    saved = site.save(body)
    assert saved.json == {"success": True, "serverVersion": 3}, describe(saved)
    read = expect(site.ask("GET"), 200)
    assert read["Content-Type"] == "application/json" and read["Cache-Control"] == "private, no-cache", describe(read)
    assert state in read.body and read["ETag"] == saved["ETag"], describe(read)
    assert expect(site.ask("DELETE"), 200).json == {"success": True}
    assert expect(site.ask("DELETE"), 200).json == {"success": False}
    site.expect_nothing_stored()


@case("unknown paths")
def _(site: Site) -> None:
    site.save(document(1))
    for path in ("nope", "stateful", "STATE", "stat", "state.json", "state;x=1", "", "/", "healthz", "metrics"):
        expect(site.ask("GET", path=f"/api/dashboard/{path}"), 404)
        expect(site.ask("POST", [JSON], document(9), path=f"/api/dashboard/{path}"), 404)
    expect(site.ask("GET", path="/api/dashboard/nope"), 404, "about:blank")
    expect(site.ask("GET", path="/api/dashboard"), (301, 404))
    assert site.stored()["version"] == 1


@case("trailing slash")
def _(site: Site) -> None:
    site.save(document(1))
    for path in (PATH + "/", PATH + "//", PATH + "/x"):
        # Two slashes may be taken for one, and nothing more.
        expect(site.ask("GET", path=path), 404)


def expect_state(site: Site, path: str) -> None:
    """This path leads to the state, or to nothing where the web server does not resolve all of it."""
    answer = expect(site.ask("GET", path=path), 200 if site.server.resolves_paths else (200, 404))
    assert (b'"of":"alice"' in answer.body) is (answer.status == 200), describe(answer)


@case("dots, double slashes")
def _(site: Site) -> None:
    site.save(document(1, {"of": "alice"}))
    for path in (
        "/api/x/../dashboard/state",
        "/api/./dashboard/state",
        "/api/dashboard/x/../state",
        "/a/../api/dashboard/state",
    ):
        expect_state(site, path)
    for path in ("//api/dashboard/state", "/api//dashboard/state", "/api/dashboard//state"):
        expect(site.ask("GET", path=path), (200, 404))
    expect(site.ask("GET", path="/api/dashboard/../state"), 404)


@case("percent-encoding")
def _(site: Site) -> None:
    site.save(document(1, {"of": "alice"}))
    for path in (
        "/api/dashboard/st%61te",
        "/%61pi/dashboard/state",
        "/api/dashboard/%73%74%61%74%65",
        "/api/x/%2e%2E/dashboard/state",
    ):
        expect_state(site, path)
    for path in ("%73tat%65s", "state%20", "state%3Fx", "st%2561te", "state%C3%A9"):
        expect(site.ask("GET", path=f"/api/dashboard/{path}"), 404)
    for path in ("state%00", "state%", "state%zz", "state%0A"):
        expect(site.ask("GET", path=f"/api/dashboard/{path}"), (400, 404))


@case("encoded slash")
def _(site: Site) -> None:
    site.save(document(1, {"of": "alice"}))
    expected = 200 if site.server.decodes_slashes else (400, 404)
    for path in ("/api/dashboard%2Fstate", "/api%2fdashboard/state"):
        answer = expect(site.ask("GET", path=path), expected)
        assert (b'"of":"alice"' in answer.body) is (answer.status == 200)


@case("no way round the sign-in")
def _(site: Site) -> None:
    site.save(document(1, {"of": "alice"}))
    ways = [
        PATH,
        "//api/dashboard/state",
        "/api//dashboard/state",
        "/api/dashboard//state",
        "/api/./dashboard/./state",
        "/x/../api/dashboard/state",
        "/api/dashboard%2Fstate",
        "/%61pi/dashboard/state",
        "/api/dashboard;/state",
        "/api/dashboard/state;x",
        "/api/dashboard/state%00",
        "/api/dashboard/state/",
        "/API/dashboard/state",
        "/api/dashboard/../dashboard/state",
        "/api/%2e/dashboard/state",
        "/.%2e/api/dashboard/state",
        "/api\\dashboard\\state",
        "/_dashboard_state/sign-in",
        "/state",
        "/api/dashboard?/state",
        f"https://dashboard.example.org{PATH}",
        f"http://bob:x@a{PATH}",
    ]
    for path in ways:
        for method in ("GET", "POST", "DELETE", "HEAD"):
            body = document(9) if method == "POST" else None
            try:
                answer = site.ask(method, [JSON] if body else [], body, path=path, user=None)
            except Malformed:
                assert method == "HEAD"  # of what it cannot read, a server does not know the method either
                continue
            is_nothing = not answer.body and answer["ETag"] is None  # Caddy's 200 to hosts that it does not have
            assert answer.status >= 300 or is_nothing, f"{method} {path}: {describe(answer)}"
            assert b"alice" not in answer.body, f"{method} {path}: {describe(answer)}"
    assert site.stored()["version"] == 1 and len(site.sandbox.keys()) == 1


@case("health")
def _(site: Site) -> None:
    for path, status in (("/healthz", "ok"), ("/readyz", "ready")):
        answer = site.ask("GET", path=path, user=None)
        if not site.server.routes_health:
            expect(answer, 404)
            continue
        assert expect(answer, 200).json == {"status": status}
        expect(site.ask("POST", [JSON], b"{}", path=path, user=None), 405)
        expect(site.ask("GET", path=path + "/x", user=None), 404)
    expect(site.ask("GET", path="/metrics", user=None), 404)
