"""HTTP/2 in nginx, which old and new versions want said in different words."""

from __future__ import annotations

import os
from pathlib import Path

import wire
from programs import TOP
from site_under_test import ALICE, LIMIT, PATH, NotApplicable, Site, case, document, sized

LISTEN = TOP / "deploy/nginx/listen"


@case("HTTP/2")
def _(site: Site) -> None:
    if not (site.sandbox.folder / "redirect.sock").exists():
        raise NotApplicable("only nginx.conf.example leaves the choice of words to the machine")
    assert wire.protocol(site.port) == "h2"
    assert "http2" not in site.sandbox.log("nginx", 1000) + site.sandbox.log("error", 1000), "nginx warns of it"
    # What nginx of other versions would be told, and for IPv6 only where the machine has it.
    versions = {
        "1.18.0": ["listen 443 ssl http2;", "listen [::]:443 ssl http2;"],
        "1.25.1": ["listen 443 ssl;", "listen [::]:443 ssl;", "http2 on;"],
    }
    has_ipv6 = Path("/proc/net/if_inet6").exists()
    for version, words in versions.items():
        folder = site.sandbox.folder / f"nginx-{version}"
        folder.mkdir(exist_ok=True)
        stand_in = folder / "nginx"
        stand_in.write_text(f"#!/bin/sh\necho 'nginx version: nginx/{version} (Ubuntu)' >&2\n")
        stand_in.chmod(0o755)
        said = site.sandbox.run(LISTEN, env={"PATH": f"{folder}:{os.environ['PATH']}"})
        assert said.splitlines() == [line for line in words if has_ipv6 or "[::]" not in line], f"{version}: {said}"
        assert "[::]" not in site.sandbox.run(LISTEN, "127.0.0.1:8443")


@case("bodies over HTTP/2")
def _(site: Site) -> None:
    """What browsers speak with a server that offers it."""
    if wire.protocol(site.port) != "h2":
        raise NotApplicable("the example does not switch HTTP/2 on")
    sandbox = site.sandbox
    body = sandbox.folder / "body"
    host = f"dashboard.example.org:{site.port}"
    command = ["curl", "-sk", "--http2", "--max-time", wire.TIMEOUT, "--resolve", f"{host}:127.0.0.1"]
    command += ["-H", f"{ALICE[0]}: {ALICE[1]}", "-H", "Content-Type: application/json"]
    command += ["--data-binary", f"@{body}", "-w", "%{http_version} %{http_code} %{content_type}", f"https://{host}{PATH}"]
    bodies = {
        document(1): "200 application/json",
        sized(LIMIT): "200 application/json",
        sized(3 * LIMIT): "413 application/problem+json",
    }
    for content, wanted in bodies.items():
        body.write_bytes(content)
        said = sandbox.run(*command)
        assert said.endswith(f"}}2 {wanted}"), said
        assert ("body-too-large" in said) is wanted.startswith("413"), said
