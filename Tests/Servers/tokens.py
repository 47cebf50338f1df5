"""Tokens as an identity provider signs them (RFC 7519), and such as nobody may take."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import subprocess
import time
from pathlib import Path
from typing import Any

from sandbox import Sandbox

ISSUER = "https://id.example.org"
CLIENT = "dashboard"
KEY_ID = "signing-1"


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _part(value: object) -> str:
    return encoded(json.dumps(value).encode())


class Signer:
    """A key of RSA with a certificate, as a provider has it."""

    def __init__(self, sandbox: Sandbox, name: str) -> None:
        self.key, self.certificate = sandbox.folder / f"{name}.key", sandbox.folder / f"{name}.pem"
        self.public_key = sandbox.folder / f"{name}.pub"
        names = ["-keyout", self.key, "-out", self.certificate, "-addext", "subjectAltName=IP:127.0.0.1"]
        sandbox.run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=id", *names)
        sandbox.run("openssl", "rsa", "-in", self.key, "-pubout", "-out", self.public_key)

    def claims(self, user: str, groups: list[str], **more: Any) -> dict[str, Any]:
        now = int(time.time())
        return {"iss": ISSUER, "aud": CLIENT, "sub": user, "groups": groups, "iat": now, "exp": now + 600, **more}

    def sign(self, claims: dict[str, Any], **header: Any) -> str:
        text = f"{_part({'alg': 'RS256', 'typ': 'JWT', 'kid': KEY_ID, **header})}.{_part(claims)}"
        command = ["openssl", "dgst", "-sha256", "-sign", str(self.key)]
        return f"{text}.{encoded(subprocess.run(command, input=text.encode(), capture_output=True, check=True).stdout)}"

    def token(self, user: str, groups: list[str], **more: Any) -> str:
        return self.sign(self.claims(user, groups, **more))

    def verified(self, token: str, folder: Path) -> dict[str, Any] | None:
        """The claims of a token that this key has signed, by RS256 and nothing else."""
        parts = token.split(".")
        try:
            if len(parts) != 3 or json.loads(decoded(parts[0]))["alg"] != "RS256":
                return None
            signature = folder / f"signature-{hashlib.sha256(token.encode()).hexdigest()}"
            signature.write_bytes(decoded(parts[2]))
            command = ["openssl", "dgst", "-sha256", "-verify", str(self.public_key), "-signature", str(signature)]
            done = subprocess.run(command, input=".".join(parts[:2]).encode(), capture_output=True, check=False)
            return json.loads(decoded(parts[1])) if done.returncode == 0 else None
        except (ValueError, KeyError):
            return None

    @property
    def web_key(self) -> dict[str, str]:
        """The public key as RFC 7517 has it."""
        command = ["openssl", "rsa", "-in", str(self.key), "-noout", "-modulus"]
        modulus = subprocess.run(command, capture_output=True, check=True, text=True).stdout.split("=")[1].strip()
        return {
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": KEY_ID, "n": encoded(bytes.fromhex(modulus)), "e": "AQAB"
        }


class SharedKey(Signer):
    """A key that the provider and the web server share."""

    secret = "0123456789abcdef0123456789abcdef"

    def sign(self, claims: dict[str, Any], **header: Any) -> str:
        text = f"{_part({'alg': 'HS256', 'typ': 'JWT', 'kid': KEY_ID, **header})}.{_part(claims)}"
        return f"{text}.{encoded(hmac.digest(self.secret.encode(), text.encode(), 'sha256'))}"


def forgeries(signer: Signer, other: Signer, user: str) -> dict[str, str]:
    """Tokens that say they are of this user, and are not."""
    claims = signer.claims(user, ["dashboard-main"])
    now = int(time.time())
    good = signer.sign(claims)
    head, body, signature = good.split(".")
    unsigned = _part({"alg": "none", "typ": "JWT"})
    confused = f"{_part({'alg': 'HS256', 'typ': 'JWT', 'kid': KEY_ID})}.{body}"
    tokens = {
        "signed by another key": other.sign(claims),
        "signed by another key of another name": other.sign(claims, kid="mine"),
        "not signed": f"{unsigned}.{body}.",
        "not signed, with a signature": f"{unsigned}.{body}.{signature}",
        "without its signature": f"{head}.{body}.",
        "changed after it was signed": f"{head}.{_part(claims | {'sub': user, 'iat': now + 1})}.{signature}",
        "over": signer.sign(claims | {"iat": now - 7200, "exp": now - 3600}),
        "no token": "bob",
    }
    for name, path in (("certificate", signer.certificate), ("public key", signer.public_key)):
        code = hmac.digest(path.read_bytes(), confused.encode(), "sha256")
        tokens[f"with the {name} as a shared key"] = f"{confused}.{encoded(code)}"
    return tokens


def for_others(signer: Signer, user: str) -> dict[str, str]:
    """Tokens of the same provider that are not for this service."""
    return {
        "of another application": signer.token(user, ["dashboard-main"], aud="another"),
        "of another issuer": signer.token(user, ["dashboard-main"], iss="https://elsewhere.example.org"),
    }
