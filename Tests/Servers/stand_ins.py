"""Sign-in services, reduced to the question that nginx's auth_request asks them and the headers they answer it with.

oauth2-proxy: /oauth2/auth answers 202 with X-Auth-Request-… (--set-xauthrequest; groups separated by commas), or 401.
Authelia: /api/authz/auth-request answers 200 with Remote-…, 401 with the portal's address, 403, or 400 where the
question is incomplete. Where the policy is bypass it answers 200 and names nobody.

Each has sessions by cookie. What else a client sends, these names among it, they do not look at. With
--skip-jwt-bearer-tokens oauth2-proxy takes tokens too, of its provider and for its client.

And the provider of OpenID Connect that mod_auth_openidc asks: it signs in whoever has a cookie.
"""

from __future__ import annotations

import contextlib
import http.cookies
import http.server
import json
import ssl
import threading
import time
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tokens import CLIENT, ISSUER, Signer


@dataclass(frozen=True)
class Person:
    id: str
    name: str
    groups: tuple[str, ...]

    @property
    def address(self) -> str:
        return f"{self.name}@example.org"


PEOPLE = {
    "session-of-alice": Person("2f1c-alice", "alice", ("staff", "dashboard-main", "dashboard-team")),
    "session-of-bob": Person("77aa-bob", "bob", ("dashboard-main", "not-dashboard-team", "dashboard-teams")),
    "session-of-carol": Person("91bd-carol", "carol", ()),
}


# A session in three cookies, each nearly as long as browsers take one (4 KiB with its name and attributes).
RENEWED = [f"renewed-{number}-{'x' * 3880}" for number in range(3)]

# What was asked of oauth2-proxy's stand-in and of one's own, with the fields by lower-case name.
SEEN: list[dict[str, str]] = []


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    is_stopped = False

    def __init__(self, address: tuple[str, int], handler: type[http.server.BaseHTTPRequestHandler]) -> None:
        super().__init__(address, handler)
        self.goes_on = threading.Event()
        self.goes_on.set()


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    more: list[str] = []  # cookies beside the other fields

    def session(self, cookie: str) -> str:
        jar = http.cookies.SimpleCookie(self.headers.get("Cookie", ""))
        return jar[cookie].value if cookie in jar else ""

    def parse_request(self) -> bool:
        if isinstance(self.server, _Server) and self.server.is_stopped:
            self.close_connection = True
            return False
        if isinstance(self.server, _Server):
            self.server.goes_on.wait()
        return super().parse_request()

    def reply(self, status: int, fields: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (fields or {}).items():
            self.send_header(name, value)
        for cookie in self.more:
            self.send_header("Set-Cookie", cookie)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


class OAuth2Proxy(_Handler):
    def do_GET(self) -> None:
        if self.path == "/oauth2/start":
            self.more = RENEWED
            return self.reply(302, {"Location": "https://provider.example.org/authorize"})
        if self.path != "/oauth2/auth":
            return self.reply(404)
        SEEN.append({name.lower(): value for name, value in self.headers.items()})
        # A session that is too long for one cookie is in several.
        session = self.session("_oauth2_proxy") or self.session("_oauth2_proxy_0") + self.session("_oauth2_proxy_1")
        person = PEOPLE.get(session)
        if person is None:
            return self.reply(401)
        if self.session("_oauth2_proxy_0"):
            attributes = "Path=/; Expires=Fri, 27 Nov 2026 00:00:00 GMT; HttpOnly"
            self.more = [f"_oauth2_proxy_{number}={RENEWED[number]}; {attributes}" for number in range(3)]
        return self.reply(
            202,
            {
                "X-Auth-Request-User": person.id,
                "X-Auth-Request-Email": person.address,
                "X-Auth-Request-Preferred-Username": person.name,
                "X-Auth-Request-Groups": ",".join(person.groups),
                **({} if self.more else {"Set-Cookie": f"_oauth2_proxy={session}; Path=/; HttpOnly; Secure"}),
            },
        )


def jwt_checker(signer: Signer, folder: Path) -> type[OAuth2Proxy]:
    """oauth2-proxy with --skip-jwt-bearer-tokens."""

    class Checker(OAuth2Proxy):
        def do_GET(self) -> None:
            scheme, _, token = self.headers.get("Authorization", "").partition(" ")
            if self.path != "/oauth2/auth" or scheme.lower() != "bearer":
                return super().do_GET()
            claims = signer.verified(token, folder)
            if not claims or claims["iss"] != ISSUER or claims["aud"] != CLIENT or claims["exp"] < time.time():
                return self.reply(401)
            groups = ",".join(claims["groups"])
            return self.reply(202, {"X-Auth-Request-User": claims["sub"], "X-Auth-Request-Groups": groups})

    return Checker


def provider(signer: Signer) -> type[_Handler]:
    """A provider of OpenID Connect (Core 1.0, section 3.1: the code flow)."""
    asked: dict[str, tuple[Person, str]] = {}

    class Provider(_Handler):
        def tell(self, value: object) -> None:
            body = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            url = urllib.parse.urlsplit(self.path)
            here = f"https://127.0.0.1:{self.server.server_address[1]}"
            if url.path == "/.well-known/openid-configuration":
                return self.tell(
                    {
                        "issuer": ISSUER,
                        "authorization_endpoint": f"{here}/authorize",
                        "token_endpoint": f"{here}/token",
                        "jwks_uri": f"{here}/jwks",
                        "response_types_supported": ["code"],
                        "subject_types_supported": ["public"],
                        "id_token_signing_alg_values_supported": ["RS256"],
                    }
                )
            if url.path == "/jwks":
                return self.tell({"keys": [signer.web_key]})
            person = PEOPLE.get(self.session("provider"))
            if url.path != "/authorize" or person is None:
                return self.reply(401)
            query = dict(urllib.parse.parse_qsl(url.query))
            code = f"code-{len(asked)}"
            asked[code] = (person, query["nonce"])
            answer = urllib.parse.urlencode({"code": code, "state": query["state"]})
            return self.reply(302, {"Location": f"{query['redirect_uri']}?{answer}"})

        def do_POST(self) -> None:
            form = dict(urllib.parse.parse_qsl(self.rfile.read(int(self.headers["Content-Length"])).decode()))
            if self.path != "/token" or form.get("code") not in asked:
                return self.reply(400)
            person, nonce = asked.pop(form["code"])
            token = signer.token(person.id, list(person.groups), nonce=nonce)
            return self.tell({"access_token": "none", "token_type": "Bearer", "id_token": token})

    return Provider


class Authelia(_Handler):
    def do_GET(self) -> None:
        url = self.headers.get("X-Original-URL", "")
        if self.path != "/api/authz/auth-request":
            return self.reply(404)
        if not url.startswith("https://dashboard.example.org/") or not self.headers.get("X-Original-Method"):
            return self.reply(400)
        session = self.session("authelia_session")
        if session == "bypass":
            return self.reply(200)
        person = PEOPLE.get(session)
        if person is None:
            return self.reply(401, {"Location": f"https://auth.example.org/?rd={url}"})
        if not person.groups:
            return self.reply(403)
        return self.reply(
            200,
            {
                "Remote-User": person.name,
                "Remote-Groups": ",".join(person.groups),
                "Remote-Name": person.name.title(),
                "Remote-Email": person.address,
            },
        )


class Own(_Handler):
    """One of somebody's own, as snippets/dashboard-state.conf asks it, in a framework that looks at preconditions."""

    def do_GET(self) -> None:
        SEEN.append({name.lower(): value for name, value in self.headers.items()})
        if self.headers.get("If-None-Match") == "*":
            return self.reply(304)
        person = PEOPLE.get(self.session("session"))
        if person is None:
            return self.reply(401)
        if not person.groups:
            return self.reply(403)
        self.more = RENEWED
        return self.reply(200, {"X-Auth-Request-User": person.name, "X-Auth-Request-Workspace": "main"})


class StandIn:
    """One of them, on a port of its own."""

    def __init__(self, handler: type[_Handler], signer: Signer | None = None) -> None:
        """With a signer's certificate it speaks TLS."""
        self._server = _Server(("127.0.0.1", 0), handler)
        if signer:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(signer.certificate, signer.key)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @contextlib.contextmanager
    def halted(self) -> Iterator[None]:
        """Takes questions, and answers them only afterwards."""
        self._server.goes_on.clear()
        try:
            yield
        finally:
            self._server.goes_on.set()

    def stop(self) -> None:
        """Answers nobody any more, on connections that are open neither."""
        self._server.is_stopped = True
        self._server.shutdown()
        self._server.server_close()
