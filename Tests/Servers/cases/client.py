"""The client for browsers, which the web server has beside the state."""

from __future__ import annotations

import re
import shutil

from programs import TOP
from site_under_test import NotApplicable, Site, case, describe, expect


@case("client for browsers")
def _(site: Site) -> None:
    if not site.server.serves_files:
        raise NotApplicable("HAProxy serves no files, nor h2o here: the client comes from the web server that has the page")
    here = site.sandbox.folder / "html/web"
    if not here.exists():
        # What the package has, where its place is. (The bundle is another file of the same kind.)
        shutil.copytree(TOP / "web", here, ignore=shutil.ignore_patterns("demo"))
        (here / "dist").mkdir()
        shutil.copy(TOP / "web/index.js", here / "dist/dashboard-state.js")
        for path in [here, *here.rglob("*")]:
            path.chmod(0o755 if path.is_dir() else 0o644)
    for name in ("index.js", "client.js", "dist/dashboard-state.js"):
        # A page loads it before anybody has signed in.
        answer = expect(site.ask("GET", path=f"/web/{name}", user=None), 200)
        assert answer.body == (here / name).read_bytes(), describe(answer)
        # Of any other type, a browser takes no module.
        assert re.match(r"(text|application)/javascript\b", answer["Content-Type"] or ""), describe(answer)
        assert answer["Cache-Control"] == "no-cache", describe(answer)
        again = site.ask("GET", [("If-None-Match", str(answer["ETag"]))], path=f"/web/{name}", user=None)
        expect(again, 304)
    expect(site.ask("GET", path="/web/nothing.js", user=None), 404)
    for path in ("/web../sign-in.conf", "/web/../../redis.log", "/web/%2e%2e/%2e%2e/redis.log"):
        expect(site.ask("GET", path=path, user=None), (400, 403, 404))
