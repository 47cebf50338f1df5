"""Statuses that come from the worker."""

from __future__ import annotations

from site_under_test import JSON, Site, case, describe, document, expect


@case("304")
def _(site: Site) -> None:
    tag = site.save(document(1, {"of": "alice"}))["ETag"] or ""
    for condition in (tag, f'"other", {tag}', "*"):
        answer = expect(site.ask("GET", [("If-None-Match", condition)]), 304)
        assert answer["ETag"] == tag and answer.body == b"", describe(answer)
    expect(site.ask("GET", [("If-None-Match", '"other"')]), 200)
    site.save(document(2))
    expect(site.ask("GET", [("If-None-Match", tag)]), 200)


@case("412")
def _(site: Site) -> None:
    expect(site.ask("POST", [JSON, ("If-Match", "*")], document(1)), 412, "precondition-failed")
    tag = site.save(document(1), [("If-None-Match", "*")])["ETag"] or ""
    expect(site.ask("POST", [JSON, ("If-None-Match", "*")], document(2)), 412, "precondition-failed")
    wanted = ("Prefer", "return=representation")
    answer = site.ask("POST", [JSON, ("If-Match", '"other"'), wanted], document(2))
    assert expect(answer, 412, "precondition-failed").json["current"]["version"] == 1, describe(answer)
    expect(site.ask("DELETE", [("If-Match", '"other"')]), 412, "precondition-failed")
    assert site.stored()["version"] == 1
    site.save(document(2), [("If-Match", tag)])


@case("400, 415, 422")
def _(site: Site) -> None:
    for body in (
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"version":1}',
        b'{"version":"1","state":{}}',
        b"\xff",
        document(1) + b"x",
    ):
        expect(site.ask("POST", [JSON], body), 400, "invalid-body")
    for fields in ([], [("Content-Type", "text/plain")], [("Content-Type", "application/x-www-form-urlencoded")]):
        expect(site.ask("POST", fields, document(1)), 415, "not-json")
    encoded = [JSON, ("Content-Encoding", "gzip")]
    expect(site.ask("POST", encoded, document(1)), 415, "encoded-body")
    wrong = b'{"version":1,"state":{},"checksum":"' + b"0" * 64 + b'"}'
    expect(site.ask("POST", [JSON], wrong), 422, "checksum-mismatch")
    expect(site.ask("GET", [("If-None-Match", "nonsense")]), 400, "malformed-precondition")
    site.expect_nothing_stored()
