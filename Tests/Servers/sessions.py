"""Somebody who is signed in, and what becomes of the session."""

from __future__ import annotations

import wire
from site_under_test import JSON, PATH, describe, document, expect
from stand_ins import RENEWED, SEEN
from wire import Answer, Fields


class Client:
    """Somebody with a cookie, a password or a certificate, or with none."""

    def __init__(self, port: int, *fields: tuple[str, str], certificate: tuple[str, str] | None = None) -> None:
        self.port = port
        self.fields = fields
        self.certificate = certificate

    def ask(self, method: str, fields: Fields = (), body: bytes | None = None, path: str = PATH) -> Answer:
        return wire.request(self.port, method, path, [*self.fields, *fields], body, certificate=self.certificate)

    def save(self, body: bytes, fields: Fields = ()) -> Answer:
        answer = expect(self.ask("POST", [JSON, *fields], body), 200)
        assert answer.json["success"] is True, describe(answer)
        return answer


def check_renewal(client: Client) -> None:
    """All cookies of a session that is renewed reach the browser, whatever is answered and whoever answers."""
    attributes = "Path=/; Expires=Fri, 27 Nov 2026 00:00:00 GMT; HttpOnly"
    wanted = [f"_oauth2_proxy_{number}={RENEWED[number]}; {attributes}" for number in range(3)]
    large = b"x" * (3 << 20)
    for status, fields, body in (
        (200, [], document(50)),
        (400, [], b"{"),
        (412, [("If-Match", '"other"')], document(51)),
        (413, [], large),
        (403, [("X-Workspace", "secret")], document(51)),
    ):
        answer = expect(client.ask("POST", [JSON, *fields], body), status)
        found = [value for name, value in answer.fields if name == "set-cookie"]
        # What nginx refuses before it asks the sign-in renews nothing.
        assert found == wanted or status == 413 and found == [], describe(answer)


def check_forwarded(client: Client) -> None:
    """What a client says of where a request comes from does not reach the sign-in."""
    lies = ["For", "Host", "Proto", "Uri", "Method", "Port", "Prefix", "Server", "User", "Email", "Groups"]
    fields = [(f"X-Forwarded-{name}", "evil") for name in lies]
    fields += [("X-Real-IP", "evil"), ("Forwarded", "for=evil"), ("X-Auth-Request-Redirect", "evil")]
    SEEN.clear()
    client.ask("POST", [JSON, *fields], document(60))
    [seen] = SEEN
    assert seen.get("content-length", "0") == "0", "it would wait for a body that does not come"
    assert not any("evil" in value for value in seen.values()), seen
    assert seen["x-forwarded-host"] == "dashboard.example.org" and seen["x-forwarded-proto"] == "https", seen
