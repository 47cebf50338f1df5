"""Many requests at a time, and an outage."""

from __future__ import annotations

import concurrent.futures
import time

from programs import wait_until
from site_under_test import ALICE, BOB, JSON, NotApplicable, Site, case, describe, document, expect


@case("many at a time")
def _(site: Site) -> None:
    def turns(number: int) -> None:
        user, name = ((ALICE, "alice"), (BOB, "bob"))[number % 2]
        for turn in range(6):
            state = {"of": name, "pad": "x" * (turn * 9000)}
            answer = expect(site.ask("POST", [JSON], document(turn + number, state), user=user), 200)
            assert "success" in answer.json, describe(answer)
            assert expect(site.ask("GET", user=user), 200).json["state"]["of"] == name

    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        list(pool.map(turns, range(8)))


@case("Redis away")
def _(site: Site) -> None:
    site.save(document(1))
    site.sandbox.end("redis")
    try:
        for method, body in (("GET", None), ("POST", document(2))):
            answer = expect(site.ask(method, [JSON], body), 503, "storage-unavailable")
            assert answer["Retry-After"], describe(answer)
    finally:
        site.sandbox.start_redis()
    # Every loop of every worker finds it again by itself, after a wait that grew with each failure: up to 2 s. Which of
    # them gets a request is the web server's choice.
    wait_until(
        lambda: all(
            site.ask(method, [JSON], body).status == 200 for method, body in 8 * (("POST", document(3)), ("GET", None))
        ),
        "saves and reads after the return",
    )


@case("one worker gone")
def _(site: Site) -> None:
    if not site.server.runs_two_workers:
        raise NotApplicable("the web server looks after the processes itself")
    relay = site.sandbox.relay
    assert relay is not None
    workers = {site.sandbox.process(f"worker-{number}") for number in (1, 2)}
    relay.senders.clear()
    # Each has had requests, and connections that are kept; lighttpd leaves one that was away out for a while. Only where
    # both have the same sockets, one may take all. A loop that met Redis away before looks for it again after up to 2 s.
    turns, since = 0, 0
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        while (not workers <= relay.senders or since < 25) and turns < 80:
            turns += 1
            since += 1
            for answer in [pool.submit(site.ask, "GET") for _ in range(8)]:
                if expect(answer.result(60), (200, 404, 503)).status == 503:
                    since = 0
            time.sleep(0.1)
    version = 0
    site.save(document(version))
    site.sandbox.kill("worker-1")
    for later in range(version + 1, version + 17):
        site.save(document(later))
        expect(site.ask("GET"), 200)
