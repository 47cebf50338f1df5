"""Makes the example configurations run in a folder, on loopback: other paths and another port, and nothing else."""

from __future__ import annotations

import re

from programs import TOP
from sandbox import Sandbox


def _with_includes(sandbox: Sandbox, example: str) -> str:
    """What nginx reads, as one text: with the package's file of conf.d, which it finds by itself, where the example is not
    in its place."""
    inline = TOP / "deploy/nginx/inline"
    text = sandbox.run(inline, TOP / example)
    if "limit_req_zone" not in text:
        text = sandbox.run(inline, TOP / "deploy/nginx/conf.d/dashboard-state.conf") + text
    return text


def render(sandbox: Sandbox, example: str, port: int, changes: dict[str, str] | None = None) -> str:
    """The text of an example. A change that finds nothing to replace is an error: the example is not what it was."""
    text = (TOP / example).read_text()
    if "include snippets/" in text:
        text = _with_includes(sandbox, example)
    while include := re.search(r"^ *Include ((conf-available|dashboard-state)/.*)$\n", text, re.MULTILINE):
        text = text.replace(include[0], (TOP / "deploy/apache" / include[1]).read_text())
    return adapt(sandbox, example, text, port, changes or {})


def adapt(sandbox: Sandbox, example: str, text: str, port: int, changes: dict[str, str]) -> str:
    """The same of a text that was made of an example."""
    places = {
        "/usr/share/dashboard-state/problems/": f"{sandbox.folder}/problems/",
        "/run/dashboard-state/": f"{sandbox.folder}/",
        "/etc/ssl/certs/dashboard.example.org.pem": f"{sandbox.folder}/tls.pem",
        "/etc/ssl/private/dashboard.example.org.key": f"{sandbox.folder}/tls.key",
        "unix:///run/redis/redis-server.sock": sandbox.redis_url,
        "/usr/sbin/dashboard-state-fcgi": str(sandbox.worker),
        "/var/log/": f"{sandbox.folder}/",
        "/usr/share/dashboard-state/web/": f"{sandbox.folder}/html/web/",
        "/var/www/html": f"{sandbox.folder}/html",
    }
    for old, new in places.items():
        text = text.replace(old, new)
    # Passwords, groups and secrets, wherever the example keeps them.
    text = re.sub(r"/etc/[a-z0-9]+/(dashboard-state[.-][a-z.-]+)", rf"{sandbox.folder}/\1", text)
    for old, new in changes.items():
        if old not in text:
            raise ValueError(f"{example} has no '{old}' any more")
        text = text.replace(old, new.replace("PORT", str(port)))
    return text
