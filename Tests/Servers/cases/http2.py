"""HTTP/2 in nginx, which old and new versions want said in different words."""

from __future__ import annotations

import os

import wire
from programs import TOP
from site_under_test import NotApplicable, Site, case

LISTEN = TOP / "deploy/nginx/listen"


@case("HTTP/2")
def _(site: Site) -> None:
    if not (site.sandbox.folder / "redirect.sock").exists():
        raise NotApplicable("only nginx.conf.example leaves the choice of words to the machine")
    assert wire.protocol(site.port) == "h2"
    assert "http2" not in site.sandbox.log("nginx", 1000) + site.sandbox.log("error", 1000), "nginx warns of it"
    # What nginx of other versions would be told.
    for version, words in (("1.18.0", "listen 443 ssl http2;"), ("1.25.1", "listen 443 ssl;\nhttp2 on;")):
        folder = site.sandbox.folder / f"nginx-{version}"
        folder.mkdir(exist_ok=True)
        stand_in = folder / "nginx"
        stand_in.write_text(f"#!/bin/sh\necho 'nginx version: nginx/{version} (Ubuntu)' >&2\n")
        stand_in.chmod(0o755)
        said = site.sandbox.run(LISTEN, env={"PATH": f"{folder}:{os.environ['PATH']}"})
        assert said.strip() == words, f"{version}: {said}"
