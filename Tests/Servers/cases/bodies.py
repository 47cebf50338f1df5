"""Bodies: long, chunked, slow, and cut off."""

from __future__ import annotations

import json

import wire
from programs import wait_until
from site_under_test import (
    ALICE,
    JSON,
    LIMIT,
    PATH,
    NotApplicable,
    Site,
    case,
    describe,
    document,
    expect,
    pause,
    sized,
)
from wire import Connection


@case("body at the limit")
def _(site: Site) -> None:
    body = sized(LIMIT)
    assert len(body) == LIMIT
    site.save(body)
    read = expect(site.ask("GET"), 200)
    assert read.json["state"] == json.loads(body)["state"], "the state came back changed"


@case("413")
def _(site: Site) -> None:
    answer = expect(site.ask("POST", [JSON], sized(LIMIT + 1)), 413, "body-too-large")
    assert answer.json["limit"] == LIMIT and answer.json["actual"] == LIMIT + 1, describe(answer)
    far = site.ask("POST", [JSON], sized(3 * LIMIT))
    assert expect(far, 413, "body-too-large").json["limit"] == LIMIT, describe(far)
    site.expect_nothing_stored()
    site.save(document(1))


@case("413 without end")
def _(site: Site) -> None:
    """Longer than any limit of a worker, so that it answers while the body is still being sent."""
    if not site.server.takes_bodies_of_any_length:
        raise NotApplicable("mod_fcgid answers 500 for itself where a body is longer than FcgidMaxRequestLen")
    body = b" " * (80 << 20)
    answer = expect(site.ask("POST", [JSON], body), 413, "body-too-large")
    assert answer.json["limit"] == LIMIT, describe(answer)
    if site.server.tells_chunked_length and site.server.takes_long_chunked:
        expect(site.chunked(body, [1 << 16]), 413, "body-too-large")
    site.expect_nothing_stored()
    site.save(document(1))


def chunked_without_length(site: Site) -> None:
    """A program that learns no length cannot tell the end of a body from a hang-up, and so refuses it."""
    for body in (document(1), sized(LIMIT)):
        expect(site.chunked(body, [1000]), (400, 411), "")
        site.expect_nothing_stored()
    raise NotApplicable("mod_cgid does not tell a program how long a chunked body is, so that it is refused")


@case("chunked body")
def _(site: Site) -> None:
    if not site.server.tells_chunked_length:
        chunked_without_length(site)
    for version, sizes in enumerate(([1], [7, 1, 100], [1 << 20]), 1):
        answer = expect(site.chunked(document(version, {"text": "chunked " * 20}), sizes), 200)
        assert answer.json["success"] is True and site.stored()["version"] == version, describe(answer)


@case("two lengths of one body")
def _(site: Site) -> None:
    def is_taken(*fields: tuple[str, str]) -> bool:
        """Whether the body was saved, as the chunked one that it is. Else it was refused: nothing in between."""
        site.sandbox.redis("FLUSHALL")
        with Connection(site.port) as connection:
            body = b"".join(wire.chunks(document(2), [9]))
            connection.send(wire.head("POST", PATH, [ALICE, JSON, *fields]) + body)
            try:
                status = expect(connection.answer("POST"), (200, 400, 411, 422, 501)).status
            except wire.Malformed:
                status = 400  # it hung up on what followed, and that overtook the answer
        assert (status == 200) is (site.stored() is not None), f"{status} to {fields}"
        return status == 200

    for length in ("0", "5", "1000"):
        is_taken(("Content-Length", length), ("Transfer-Encoding", "chunked"))
        is_taken(("Transfer-Encoding", "chunked"), ("Content-Length", length))
    for encoding in ("gzip, chunked", "chunked, chunked"):
        is_taken(("Transfer-Encoding", encoding))
    for encoding in ("identity", "xchunked", "chunked, gzip"):
        assert not is_taken(("Transfer-Encoding", encoding)), encoding


@case("chunked body at the limit")
def _(site: Site) -> None:
    if not site.server.tells_chunked_length:
        chunked_without_length(site)
    if not site.server.takes_long_chunked:
        expect(site.chunked(sized(LIMIT), [8192]), 400, "about:blank")
        raise NotApplicable("HAProxy tells how long a chunked body is where it fits into a buffer (16 KiB), else refuses it")
    expect(site.chunked(sized(LIMIT), [8192, 1, 4095, 70000]), 200)
    assert len(str(site.stored())) > LIMIT - 100
    site.sandbox.redis("FLUSHALL")
    expect(site.chunked(sized(LIMIT + 1), [8192, 65536]), 413, "body-too-large")
    expect(site.chunked(sized(3 * LIMIT), [65536]), 413)
    site.expect_nothing_stored()
    site.save(document(1))


@case("slow body")
def _(site: Site) -> None:
    for fields, slices in (([], 12), ([("Expect", "100-continue")], 5)):
        body = document(1, {"slow": "x" * 600})
        with Connection(site.port) as connection:
            connection.send(wire.head("POST", PATH, [ALICE, JSON, ("Content-Length", str(len(body))), *fields]))
            step = len(body) // slices + 1
            for position in range(0, len(body), step):
                pause()
                connection.send(body[position : position + step])
            assert expect(connection.answer("POST"), 200).json["success"] is True
        # Others are served meanwhile, and after.
        expect(site.ask("GET"), 200)


@case("hang-up within a body")
def _(site: Site) -> None:
    whole = document(1, {"half": True})
    for rest in (1, 1000, LIMIT - len(whole)):
        # What has come is a document in itself.
        with Connection(site.port) as connection:
            connection.send(wire.head("POST", PATH, [ALICE, JSON, ("Content-Length", str(len(whole) + rest))]) + whole)
            pause()
    with Connection(site.port) as connection:
        connection.send(wire.head("POST", PATH, [ALICE, JSON, ("Transfer-Encoding", "chunked")]))
        connection.send(b"%x\r\n%s\r\n" % (len(whole), whole))
        pause()
    with Connection(site.port) as connection:
        connection.send(wire.head("POST", PATH, [ALICE, JSON, ("Transfer-Encoding", "chunked")]))
        connection.send(b"%x\r\n%s\r\n5\r\n  " % (len(whole), whole))
        pause()
    for _ in range(3):
        pause()
        expect(site.ask("GET"), 404, "nothing-stored")
    site.save(document(1))
    site.sandbox.redis("FLUSHALL")
    pause()
    site.expect_nothing_stored()


@case("hang-up before the answer")
def _(site: Site) -> None:
    site.save(document(1, {"pad": "x" * 300_000}))
    for method in ("GET", "POST", "GET"):
        with Connection(site.port) as connection:
            body = document(5, {"pad": "y" * 300_000}) if method == "POST" else b""
            connection.send(wire.head(method, PATH, [ALICE, JSON, ("Content-Length", str(len(body)))]) + body)
    # Whether it was saved is open; what is stored is whole.
    assert expect(site.ask("GET"), 200).json["state"]["pad"][1:] in ("x" * 299_999, "y" * 299_999)
    wait_until(lambda: site.ask("GET").status == 200, "an answer")
    site.settle()
