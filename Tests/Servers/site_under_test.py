"""A web server as a client sees it, and what cases are made of: each is a function that asserts."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from typing import Any

import wire
from sandbox import USERS, Sandbox
from servers import Server
from wire import Answer, Connection, Fields

PATH = "/api/dashboard/state"
LIMIT = 1 << 20
JSON = ("Content-Type", "application/json")
KEY = "hyvve:dashboard:state:{}:{}"


class NotApplicable(Exception):
    """A server cannot do this, by its design; the text says why."""


def sign_in(user: str, password: str | None = None) -> tuple[str, str]:
    credentials = f"{user}:{USERS[user] if password is None else password}"
    return ("Authorization", "Basic " + base64.b64encode(credentials.encode()).decode())


ALICE, BOB = sign_in("alice"), sign_in("bob")


def document(version: int, state: object = None) -> bytes:
    return json.dumps({"version": version, "state": {} if state is None else state}, separators=(",", ":")).encode()


def sized(length: int) -> bytes:
    """A body of exactly so many bytes."""
    return document(1, {"pad": "x" * (length - len(document(1, {"pad": ""})))})


class Site:
    """One server as a client sees it, with a look into Redis."""

    def __init__(self, server: Server, sandbox: Sandbox, port: int) -> None:
        self.server = server
        self.sandbox = sandbox
        self.port = port

    def ask(
        self,
        method: str,
        fields: Fields = (),
        body: bytes | None = None,
        *,
        path: str = PATH,
        user: tuple[str, str] | None = ALICE,
    ) -> Answer:
        """One request on a connection of its own, as alice unless told otherwise."""
        signed_in = [] if user is None else [user]
        answer = wire.request(self.port, method, path, [*signed_in, *fields], body)
        if answer.status >= 500 and answer.status not in (501, 503):
            raise AssertionError(f"{method} {path} was answered {answer.status}: {answer.body[:300]!r}")
        return answer

    def save(self, body: bytes, fields: Fields = (), **options: Any) -> Answer:
        answer = self.ask("POST", [JSON, *fields], body, **options)
        assert answer.status == 200 and answer.json["success"] is True, describe(answer)
        return answer

    def chunked(self, body: bytes, sizes: list[int]) -> Answer:
        with Connection(self.port) as connection:
            connection.send(wire.head("POST", PATH, [ALICE, JSON, ("Transfer-Encoding", "chunked")]))
            for chunk in wire.chunks(body, sizes):
                connection.send(chunk)
            return connection.answer("POST")

    def settle(self) -> None:
        """Waits until Redis has been asked nothing about states for a while: what was hung up on may be under way."""
        relay = self.sandbox.relay
        assert relay is not None
        count = -1
        while count != relay.count:
            count = relay.count
            # mod_fcgid sleeps for a second where no process is free, whoever has hung up meanwhile.
            time.sleep(2.5)

    def expect_nothing_stored(self) -> None:
        """Redis holds no key at all."""
        keys = self.sandbox.keys()
        assert keys == [], keys

    def stored(self, user: str = "alice", workspace: str = "main") -> Any:
        """The document that Redis holds, or nothing."""
        value = self.sandbox.redis("GET", KEY.format(user, workspace))
        return None if value is None else json.loads(value)


def describe(answer: Answer) -> str:
    return f"{answer.status} {dict(answer.fields)} {answer.body[:300]!r}"


def expect(answer: Answer, status: int | tuple[int, ...], problem: str | None = None) -> Answer:
    """Checks the status and, where one is named, the problem: its full type, or "" for any."""
    statuses = status if isinstance(status, tuple) else (status,)
    assert answer.status in statuses, f"expected {status}: {describe(answer)}"
    if problem is not None:
        assert answer.is_problem, f"not a problem: {describe(answer)}"
        kind = str(answer.json["type"])
        assert kind.endswith(problem), f"expected {problem}: {describe(answer)}"
    return answer


Case = Callable[[Site], None]
CASES: list[tuple[str, Case]] = []
# Those that wait for times of web servers.
SLOW_CASES: list[tuple[str, Case]] = []


def case(name: str, cases: list[tuple[str, Case]] = CASES) -> Callable[[Case], Case]:
    def add(function: Case) -> Case:
        cases.append((name, function))
        return function

    return add


def slow_case(name: str) -> Callable[[Case], Case]:
    return case(name, SLOW_CASES)


def pause() -> None:
    """Lets the server see what was sent as a piece of its own. Nothing fails where it does not."""
    time.sleep(0.02)
