"""What a web server itself refuses."""

from __future__ import annotations

import wire
from site_under_test import ALICE, JSON, LIMIT, PATH, NotApplicable, Site, case, describe, document, expect, sized
from wire import Answer, Connection, Malformed

TARGET = f"GET {PATH} HTTP/1.1"


def _raw(site: Site, line: str, fields: list[tuple[str, str]], body: bytes = b"") -> Answer | None:
    """The answer to a request that is not well formed, or nothing where the server hangs up."""
    lines = [line, "Host: dashboard.example.org", f"{ALICE[0]}: {ALICE[1]}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in fields]
    with Connection(site.port) as connection:
        connection.send("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
        try:
            return connection.answer("POST")
        except Malformed:
            return None


@case("malformed requests")
def _(site: Site) -> None:
    chunked = ("Transfer-Encoding", "chunked")
    requests = {
        "a wrong length": (TARGET, [("Content-Length", "x")], b""),
        "long fields": (TARGET, [(f"X-{number}", "x" * 7000) for number in range(20)], b""),
        "a long field": (TARGET, [("X-Long", "x" * 60_000)], b""),
        "a long path": (f"GET /{'x' * 60_000} HTTP/1.1", [], b""),
        "TRACE": (f"TRACE {PATH} HTTP/1.1", [], b""),
        "no request": ("x", [], b""),
        "an unknown coding": (f"POST {PATH} HTTP/1.1", [JSON, ("Transfer-Encoding", "x")], b""),
        "a malformed chunk": (f"POST {PATH} HTTP/1.1", [JSON, chunked], b"zz\r\nabc\r\n0\r\n\r\n"),
    }
    for name, request in requests.items():
        answer = _raw(site, *request)
        if answer is None:
            continue
        assert answer.status >= 400 or name in ("long fields", "a long field"), f"{name}: {describe(answer)}"
        kind = (answer["Content-Type"] or "").split(";")[0]
        # Problems, or what it says it is.
        if kind == "application/problem+json" or site.server.explains_malformed:
            assert answer.status < 400 or answer.is_problem, f"{name}: {describe(answer)}"
        else:
            assert not answer.body.startswith(b"<") or kind in ("text/html", "application/xhtml+xml"), describe(answer)
    site.expect_nothing_stored()
    site.save(document(1))


@case("how large it was")
def _(site: Site) -> None:
    for length in (LIMIT + 1, 3 * LIMIT):
        problem = expect(site.ask("POST", [JSON], sized(length)), 413, "body-too-large").json
        assert problem["limit"] == LIMIT and problem.get("actual", length) == length, problem
        assert "actual" in problem or not site.server.explains_malformed, problem


@case("the way to https")
def _(site: Site) -> None:
    path = site.sandbox.folder / "redirect.sock"
    if not path.exists():
        raise NotApplicable("only nginx.conf.example has a server without TLS")
    answer = wire.plain(path, "GET /x?y HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 308 "), answer
    assert b"\r\nLocation: https://dashboard.example.org/x?y\r\n" in answer, answer
