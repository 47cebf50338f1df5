"""Methods."""

from __future__ import annotations

import re

from site_under_test import JSON, Site, case, describe, document, expect


@case("HEAD")
def _(site: Site) -> None:
    expect(site.ask("HEAD"), 404)
    site.save(document(1, {"pad": "x" * 5000}))
    read = expect(site.ask("GET"), 200)
    answer = expect(site.ask("HEAD"), 200)
    assert answer["ETag"] == read["ETag"] and answer["Content-Type"] == "application/json", describe(answer)
    assert answer["Content-Length"] in (None, str(len(read.body))), describe(answer)
    expect(site.ask("HEAD", [("If-None-Match", str(read["ETag"]))]), 304)


@case("OPTIONS")
def _(site: Site) -> None:
    answer = expect(site.ask("OPTIONS"), 204)
    assert {"GET", "HEAD", "POST", "DELETE", "OPTIONS"} <= set(re.split(", ?", answer["Allow"] or "")), describe(answer)


@case("PATCH")
def _(site: Site) -> None:
    site.save(document(1, {"a": 1, "b": 2}))
    fields = [("Content-Type", "application/merge-patch+json")]
    answer = site.ask("PATCH", fields, b'{"version":2,"state":{"a":null,"c":3}}')
    if "PATCH" not in (site.ask("OPTIONS")["Allow"] or ""):
        assert "POST" in (expect(answer, 405, "")["Allow"] or ""), describe(answer)
        assert site.stored()["version"] == 1
        return
    expect(answer, 200)
    stored = site.stored()
    assert stored and stored["version"] == 2 and stored["state"] == {"b": 2, "c": 3}, stored
    assert expect(site.ask("PATCH", [JSON], b"{}"), 415)["Accept-Patch"]


@case("other methods")
def _(site: Site) -> None:
    site.save(document(1))
    for method in ("PUT", "BREW", "PROPFIND", "REPORT", "get", "LOCK"):
        answer = site.ask(method, [JSON], document(9))
        if site.server.passes_unknown_methods and method not in ("get",):
            assert "POST" in (expect(answer, 405, "")["Allow"] or ""), describe(answer)
        else:
            expect(answer, (400, 405, 501))
    override = [("X-HTTP-Method-Override", "DELETE"), ("X-Method-Override", "DELETE"), ("Request-Method", "DELETE")]
    expect(site.ask("GET", override), 200)
    assert site.stored()["version"] == 1
