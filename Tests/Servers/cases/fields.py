"""Query strings and header fields."""

from __future__ import annotations

import wire
from site_under_test import ALICE, JSON, KEY, PATH, Site, case, describe, document, expect
from wire import Answer, Connection

QUERIES = [
    "",
    "--help",
    "-x",
    "--version",
    "--version+-x",
    "-h",
    "--redis=unix:/nowhere.sock",
    "--listen+tcp:127.0.0.1:1",
    "+",
    "user=bob&user=alice",
    "REMOTE_USER=bob&REMOTE_WORKSPACE=team",
    "a=1&a=2&a=3",
    "/api/dashboard/nope",
    "?",
    "..%2f..",
    "x" * 3000,
    "%",
    "%zz",
    "--",
    "-d+allow_url_include=1",
    "%2D%2Dhelp",
]


@case("query strings")
def _(site: Site) -> None:
    for query in QUERIES:
        path = f"{PATH}?{query}"
        saved = site.save(document(1, {"of": "alice"}), path=path)
        assert saved.json == {"success": True, "serverVersion": 1}, describe(saved)
        assert b"alice" in expect(site.ask("GET", path=path), 200).body
        assert site.sandbox.keys() == [KEY.format("alice", "main")]
    for query in ("%00", "--help%00", "%0A--help", "%01"):
        expect(site.ask("GET", path=f"{PATH}?{query}"), (200, 400))


@case("duplicate headers")
def _(site: Site) -> None:
    tag = site.save(document(1))["ETag"] or ""
    both = site.ask("GET", [("If-None-Match", '"other"'), ("If-None-Match", tag)])
    expect(both, (200, 304, 400))
    expect(site.ask("GET", [("Accept", "a/b"), ("Accept", "c/d"), ("X-A", "1"), ("X-A", "2")]), 200)
    for values in (('"other"', '"another"'), ('"other"', "")):
        answer = site.ask("POST", [JSON, *(("If-Match", value) for value in values)], document(2))
        # An empty one beside it may count as none at all.
        expect(answer, (400, 412) if values[1] else (200, 400, 412))
    expect(site.ask("GET", [("X-Workspace", "main"), ("X-Workspace", "secret")]), (200, 400, 403))
    expect(site.ask("GET", [("X-Workspace", "secret"), ("X-Workspace", "main")]), (200, 400, 403))
    with Connection(site.port) as connection:
        connection.send(
            wire.head("POST", PATH, [ALICE, JSON, ("Content-Length", "3"), ("Content-Length", "25")]) + document(7)
        )
        expect(connection.answer("POST"), 400)
    assert site.sandbox.keys() == [KEY.format("alice", "main")] and site.stored()["version"] != 7


@case("long and many headers")
def _(site: Site) -> None:
    site.save(document(1, {"of": "alice"}))

    def padded(count: int, length: int) -> Answer:
        padding = [(f"X-Padding-{number}", "x" * length) for number in range(count)]
        answer = wire.request(site.port, "GET", PATH, [ALICE, *padding])
        assert (b'"of":"alice"' in answer.body) is (answer.status == 200), describe(answer)
        return answer

    # What a server takes is its own matter. What it takes, the worker takes too.
    for count, length in ((90, 8), (4, 2000), (6, 7000)):
        expect(padded(count, length), (200, 400, 413, 431))
    # Beyond 64 KiB a worker refuses a request, and hangs up; the next one is served.
    for count, length in ((20, 7000), (80, 4000), (1, 60_000), (3000, 1)):
        expect(padded(count, length), (200, 400, 413, 431, 500, 503))
        expect(site.ask("GET"), 200)
    expect(site.ask("GET", [(f"X-Padding-{number}", "x" * 8) for number in range(40)]), 200)
    long = f'"{"x" * 6000}"'
    expect(site.ask("GET", [("If-None-Match", long)]), 200)


@case("compression, weak tags")
def _(site: Site) -> None:
    site.save(document(1, {"pad": "x" * 5000}))
    answer = expect(site.ask("GET", [("Accept-Encoding", "gzip, deflate, br")]), 200)
    tag = answer["ETag"] or ""
    # Compressed, it could have a tag of which nothing can be saved.
    assert answer["Content-Encoding"] is None and answer.json["state"] == {"pad": "x" * 5000}, describe(answer)
    weak = tag if tag.startswith("W/") else f"W/{tag}"
    expect(site.ask("GET", [("If-None-Match", weak), ("Accept-Encoding", "gzip")]), 304)
    tag = site.save(document(2), [("If-Match", tag)])["ETag"] or ""
    site.save(document(3), [("If-Match", f"W/{tag}")])
