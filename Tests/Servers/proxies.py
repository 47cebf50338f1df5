"""HAProxy, Caddy and h2o in front of workers."""

from __future__ import annotations

import base64
import crypt
import getpass

from handed_over import make_handed_over_sockets, start_on_sockets
from programs import TOP, free_port, is_listening
from render import adapt, render
from sandbox import USERS, Sandbox


def start_workers(sandbox: Sandbox) -> None:
    for number in (1, 2):
        sandbox.start_worker(number)


def haproxy(sandbox: Sandbox) -> int:
    start_workers(sandbox)
    port = free_port()
    text = (TOP / "deploy/haproxy.cfg.example").read_text()
    for user, password in USERS.items():
        hashed = sandbox.run("openssl", "passwd", "-5", password).strip()
        text = text.replace(f"user {user} password $5$replace$theseWithYourOwn", f"user {user} password {hashed}")
    changes = {"bind :443": f"bind 127.0.0.1:{port}", "log /dev/log local0": ""}
    if not sandbox.is_root:
        changes |= {"user haproxy": "", "group www-data": ""}
    certificate = sandbox.folder / "haproxy.pem"
    sandbox.write("haproxy.pem", "".join((sandbox.folder / f"tls.{kind}").read_text() for kind in ("pem", "key")), 0o600)
    text = text.replace("/etc/haproxy/dashboard.example.org.pem", str(certificate))
    sandbox.write("haproxy.cfg", adapt(sandbox, "deploy/haproxy.cfg.example", text, port, changes))
    sandbox.start("haproxy", "haproxy", "-db", "-f", sandbox.folder / "haproxy.cfg")
    sandbox.await_start("haproxy", lambda: is_listening(port))
    return port


def caddy(sandbox: Sandbox) -> int:
    make_handed_over_sockets(sandbox)
    for number in (1, 2):
        start_on_sockets(sandbox, number)
    port = free_port()
    # Quick to check, since a run has many requests.
    hashes = {user: crypt.crypt(word, crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=16)) for user, word in USERS.items()}
    lines = [f"{user} {base64.b64encode(hashed.encode()).decode()}\n" for user, hashed in hashes.items()]
    sandbox.write("dashboard-state.users", "".join(lines))
    changes = {
        "dashboard.example.org {": "dashboard.example.org:PORT {\n\tbind 127.0.0.1",
    }
    settings = f"{{\n\tadmin off\n\tauto_https disable_redirects\n\tstorage file_system {sandbox.folder}/caddy\n}}\n"
    sandbox.write("Caddyfile", settings + render(sandbox, "deploy/Caddyfile.example", port, changes))
    home = {"HOME": str(sandbox.folder)}
    sandbox.start("caddy", "caddy", "run", "--config", "Caddyfile", "--adapter", "caddyfile", environment=home)
    sandbox.await_start("caddy", lambda: is_listening(port))
    return port


def h2o(sandbox: Sandbox) -> int:
    make_handed_over_sockets(sandbox)
    for number in (1, 2):
        start_on_sockets(sandbox, number)
    port = free_port()
    text = (TOP / "Tests/Servers/h2o.conf").read_text()
    user = "www-data" if sandbox.is_root else getpass.getuser()
    for name, value in (("FOLDER", sandbox.folder), ("PORT", port), ("USER", user)):
        text = text.replace(name, str(value))
    sandbox.write("h2o.conf", text)
    sandbox.start("h2o", "h2o", "-m", "worker", "-c", sandbox.folder / "h2o.conf")
    sandbox.await_start("h2o", lambda: is_listening(port))
    return port
