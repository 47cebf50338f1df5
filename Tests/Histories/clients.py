"""Clients that share a state: what they ask is drawn from a seed, and all that they are answered is kept."""

from __future__ import annotations

import contextlib
import http.client
import json
import random
import time
from pathlib import Path
from typing import Any, Protocol

from fastcgi import Answer, Connection
from register import Kind, Outcome, Request

FILLER = "x" * 5000  # a state with this is sent ahead of the script
NOT_DONE = {"storage-unavailable", "storage-full", "sign-in-unavailable"}


class NotSent(Exception):
    """The request went nowhere."""


class Way(Protocol):
    """How a client reaches a worker. Raises NotSent, or OSError where the answer did not come."""

    # Whether a DELETE may reach two workers, as nginx has it where the first one dies.
    sends_deletes_again: bool

    def ask(self, method: str, body: str, user: str, fields: dict[str, str]) -> Answer: ...

    def close(self) -> None: ...


class Direct:
    """Straight to a worker, on a connection that is kept."""

    sends_deletes_again = False

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: Connection | None = None

    def ask(self, method: str, body: str, user: str, fields: dict[str, str]) -> Answer:
        try:
            self._connection = self._connection or Connection(self._path, 20)
        except OSError as error:
            raise NotSent from error
        try:
            return self._connection.ask(method, body, user=user, **fields)
        except OSError:
            self.close()
            raise

    def close(self) -> None:
        if self._connection:
            self._connection.close()
        self._connection = None


class ThroughNginx:
    """On a connection that is kept, from an address of its own: limits on requests go by address."""

    sends_deletes_again = True

    def __init__(self, port: int, address: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30, source_address=(address, 0))

    def ask(self, method: str, body: str, user: str, fields: dict[str, str]) -> Answer:
        headers = {name.replace("_", "-"): value for name, value in fields.items()} | {"X-Test-User": user}
        if body:
            headers["Content-Type"] = "application/json"
        try:
            self._connection.connect() if self._connection.sock is None else None
        except OSError as error:
            raise NotSent from error
        try:
            self._connection.request(method, "/api/dashboard/state", body or None, headers)
            response = self._connection.getresponse()
            content = response.read()
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise ConnectionError(str(error)) from error
        lines = [f"status: {response.status}", *(f"{name}: {value}" for name, value in response.getheaders())]
        return Answer("\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + content)

    def close(self) -> None:
        self._connection.close()


class Client:
    """Asks a few things, one after the other, each decided by what it has seen so far."""

    def __init__(self, name: str, user: str, way: Way, seed: str, pause: float = 0.02) -> None:
        """`pause` is in seconds, behind a request that was not done."""
        self.name, self.user, self.way = name, user, way
        self._pause = pause
        self.requests: list[Request] = []
        self._random = random.Random(f"{seed} {user} {name}")
        self._version, self._tag = 0, ""
        self._last_save: tuple[int, str, dict[str, str]] | None = None
        self._count = 0

    def run(self, count: int) -> None:
        with contextlib.closing(self.way):
            for _ in range(count):
                time.sleep(self._random.choice((0, 0, 0.005, 0.02, 0.05)))
                self._one()

    def _one(self) -> None:
        choice = self._random.random()
        if choice < 0.35:
            self.read({"if_none_match": self._tag} if self._tag and self._random.random() < 0.2 else {})
        elif choice < 0.45:
            self._delete()
        elif choice < 0.52 and self._last_save:
            self._save(*self._last_save)  # a retry
        else:
            self._count += 1
            filler = FILLER if self._random.random() < 0.2 else ""
            version = max(0, self._version + self._random.choice((-1, 0, 0, 1, 1, 2)))
            fields = self._condition()
            if self._random.random() < 0.3:
                fields["prefer"] = "return=representation"
            self._save(version, f"{self.name}{self._count}{filler}", fields)

    def _condition(self) -> dict[str, str]:
        choice = self._random.random()
        if choice < 0.45 and self._tag:
            return {"if_match": self._tag}
        return {"if_match": "*"} if choice < 0.5 else {"if_none_match": "*"} if choice < 0.57 else {}

    # ---- Requests ----

    def read(self, fields: dict[str, str] | None = None) -> Request:
        return self._ask(Kind.GET, "GET", "", fields or {})

    def _delete(self) -> None:
        fields = self._condition()
        fields.pop("if_none_match", None)
        again = self.way.sends_deletes_again
        if again:
            # Without the tag of what it means, it could happen twice: the documentation says so.
            fields = {"if_match": self._tag or '"none"'}
        self._ask(Kind.DELETE, "DELETE", "", fields, is_sent_again=again)

    def _save(self, version: int, state: str, fields: dict[str, str]) -> None:
        self._last_save = (version, state, fields)
        body = json.dumps({"version": version, "state": {"by": state}})
        self._ask(Kind.SAVE, "POST", body, fields, version=version, state=state)

    def _ask(self, kind: Kind, method: str, body: str, fields: dict[str, str], **more: Any) -> Request:
        sent = time.monotonic()
        try:
            answer = self.way.ask(method, body, self.user, fields)
            said = understood(kind, answer)
        except NotSent:
            said = {"outcome": Outcome.NOT_DONE}
        except OSError:
            said = {"outcome": Outcome.NOT_DONE if kind is Kind.GET else Outcome.UNKNOWN}
        conditions = {name: fields.get(name, "").strip('"') for name in ("if_match", "if_none_match")}
        request = Request(kind, sent, time.monotonic(), **said, **conditions, client=self.name, **more)
        self.requests.append(request)
        self._learn(request)
        if request.outcome is Outcome.NOT_DONE:
            time.sleep(self._pause)
        return request

    def _learn(self, request: Request) -> None:
        """What the next request is decided by."""
        if request.seen:
            self._version = request.seen[0]
        elif request.outcome in (Outcome.SAVED, Outcome.REPLACED):
            self._version = request.version
        elif request.seen_version is not None:
            self._version = request.seen_version
        if request.tag:
            self._tag = f'"{request.tag}"'
        if request.outcome in (Outcome.NOTHING, Outcome.DELETED):
            self._version = 0


def understood(kind: Kind, answer: Answer) -> dict[str, Any]:
    """What an answer says, as members of a request."""
    tag = answer.etag.removeprefix("W/").strip('"')
    if answer.status == 304:
        return {"outcome": Outcome.NOT_MODIFIED}
    if answer.status in (429, 500, 502, 503, 504, 507):
        certain = kind is Kind.GET or answer.status == 429 or answer.problem in NOT_DONE
        return {"outcome": Outcome.NOT_DONE if certain else Outcome.UNKNOWN}
    content = answer.json
    if kind is Kind.GET:
        if answer.status == 404:
            return {"outcome": Outcome.NOTHING}
        return {"outcome": Outcome.READ, "tag": tag, "seen": (content["version"], content["state"]["by"])}
    document = content.get("current")
    seen = {"seen": (document["version"], document["state"]["by"]), "tag": document.get("etag", "")} if document else {}
    if answer.status == 412:
        return {"outcome": Outcome.FAILED, **seen}
    if answer.status != 200:
        raise ValueError(f"an answer that nothing here asks for: {answer}")
    if kind is Kind.DELETE:
        return {"outcome": Outcome.DELETED if content["success"] else Outcome.NOTHING}
    version = {"seen_version": content["serverVersion"]}
    if not content["success"]:
        return {"outcome": Outcome.REFUSED, **version, **seen}
    over = content.get("conflictResolution") == "client"
    return {"outcome": Outcome.REPLACED if over else Outcome.SAVED, "tag": tag, **version}
