"""A worker that is killed in the middle of a request."""

from __future__ import annotations

import concurrent.futures
import os
import signal

from programs import wait_until
from site_under_test import JSON, NotApplicable, Site, case, describe, document, expect, slow_case
from wire import Answer


def _killed(site: Site, method: str, body: bytes | None, fields: list[tuple[str, str]]) -> tuple[Answer, int]:
    """The answer to a request whose worker gets SIGKILL while Redis has it, and how often Redis got it."""
    if not site.server.answers_for_workers:
        raise NotApplicable("h2o, for which no example is shipped, answers 502 for itself")
    relay = site.sandbox.relay
    assert relay is not None
    with relay.holding() as hold, concurrent.futures.ThreadPoolExecutor(1) as pool:
        answering = pool.submit(site.ask, method, [JSON, *fields], body)
        process = hold.sender()
        os.kill(process, signal.SIGKILL)
        if method != "GET":
            answering.result(60)  # before Redis goes on: nobody can have had its answer
        hold.release()
        answer = answering.result(60)
    if site.server.runs_two_workers:
        site.sandbox.restart(process)
    wait_until(lambda: all(site.ask("GET").status in (200, 404) for _ in range(8)), "service again")
    return answer, hold.count


@case("killed in a save")
def _(site: Site) -> None:
    for version in (1, 2, 3):
        tag = site.save(document(2 * version))["ETag"] or ""
        answer, count = _killed(site, "POST", document(2 * version + 1), [("If-Match", tag)])
        expect(answer, 503, "outcome-unknown")
        assert answer["Retry-After"], describe(answer)
        assert count == 1, f"{count} times"
        # It was carried out after all.
        wait_until(lambda: site.stored()["version"] == 2 * version + 1, "the save")  # noqa: B023


@case("killed in a read")
def _(site: Site) -> None:
    site.save(document(1))
    answer, _ = _killed(site, "GET", None, [])
    # Another worker takes it, where there is one and the web server can.
    if answer.status != 200:
        expect(answer, 503, "storage-unavailable")
        assert answer["Retry-After"], describe(answer)
        assert not site.server.repeats_reads, describe(answer)


@slow_case("a worker that is halted")
def _(site: Site) -> None:
    """Its socket takes requests, and nobody answers: a web server waits for longer than a worker does for Redis."""
    if not site.server.answers_for_workers:
        raise NotApplicable("h2o, for which no example is shipped, answers 502 for itself")
    if not site.server.runs_two_workers:
        raise NotApplicable("the web server looks after the processes itself")
    site.save(document(1))
    workers = [site.sandbox.process(f"worker-{number}") for number in (1, 2)]
    for worker in workers:
        os.kill(worker, signal.SIGSTOP)
    try:
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            asked = {"POST": ("outcome-unknown", document(2)), "DELETE": ("outcome-unknown", None)}
            asked["GET"] = ("storage-unavailable", None)
            answers = {method: pool.submit(site.ask, method, [JSON], body) for method, (_, body) in asked.items()}
            for method, answer in answers.items():
                assert expect(answer.result(60), 503, asked[method][0])["Retry-After"], method
    finally:
        for worker in workers:
            os.kill(worker, signal.SIGCONT)
