"""The web servers, each with the example configuration that an operator would take for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import apache
from programs import TOP, accepts, free_port, is_listening
from proxies import caddy, h2o, haproxy
from proxies import start_workers as _start_workers
from render import render
from sandbox import Sandbox

SECRET = "0123456789abcdef0123456789abcdef"
# The examples limit what one session and one address may ask a second; a whole run comes from one.
NO_LIMITS = (("rate=50r/s", "rate=100000r/s"), ("rate=1000r/s", "rate=100000r/s"))


@dataclass(frozen=True)
class Server:
    """A column of the table."""

    name: str
    start: Callable[[Sandbox], int]  # starts all but Redis, and returns the port
    decodes_slashes: bool = False  # whether %2F in a path is a slash
    resolves_paths: bool = True  # whether it decodes paths and takes their dots away, or hands them on as they are
    passes_unknown_methods: bool = True
    routes_health: bool = True
    runs_two_workers: bool = True  # that were started beforehand, and share the work
    tells_chunked_length: bool = True
    takes_bodies_of_any_length: bool = True  # or refuses them as a worker does
    takes_long_chunked: bool = True  # whether chunked bodies may be longer than its buffers
    serves_files: bool = True
    answers_for_workers: bool = True  # whether a worker that did not answer is a problem detail
    repeats_reads: bool = False  # whether it asks another worker what the first has not answered
    explains_malformed: bool = False  # whether what it refuses before it looks at paths is a problem detail
    secret: str = ""  # by which it proves itself to the workers


# ---- nginx ----


def _start_nginx_example(sandbox: Sandbox, changes: tuple[tuple[str, str], ...] = ()) -> int:
    port, plain_port = free_port(), free_port()
    (sandbox.folder / "html").mkdir(exist_ok=True)
    for example, name in (("deploy/sample-sign-in.nginx.conf", "sign-in.conf"), ("nginx.conf.example", "nginx.conf")):
        text = sandbox.run(
            TOP / "deploy/render-nginx", TOP / example, sandbox.folder, plain_port, port, sandbox.folder / "html"
        )
        for old, new in changes if name == "nginx.conf" else ():
            if old not in text:
                raise ValueError(f"{example} has no '{old}' any more")
            text = text.replace(old, new)
        sandbox.write(name, text)
    run_nginx(sandbox, port)
    return port


def without_limits(text: str) -> str:
    for old, new in NO_LIMITS:
        text = text.replace(old, new)
    return text


def start_nginx_server(sandbox: Sandbox, text: str, port: int) -> None:
    """nginx with what Debian would include from conf.d."""
    text = without_limits(text)
    temporary = "".join(
        f"{kind}_temp_path {sandbox.folder}/{kind}; " for kind in "client_body proxy fastcgi uwsgi scgi".split()
    )
    sandbox.write("server.conf", text)
    sandbox.write("fastcgi_params", Path("/etc/nginx/fastcgi_params").read_text())
    lines = [
        "user www-data;" if sandbox.is_root else "",
        f"worker_processes 1; pid {sandbox.folder}/nginx.pid; daemon off; error_log {sandbox.folder}/error.log warn;",
        "events {}",
        f"http {{ {temporary} access_log off; include {sandbox.folder}/server.conf; }}",
    ]
    sandbox.write("nginx.conf", "\n".join(lines) + "\n")
    run_nginx(sandbox, port)


def run_nginx(sandbox: Sandbox, port: int) -> None:
    # nginx leaves its sockets behind, and will not have them again.
    for name in ("sign-in.sock", "redirect.sock"):
        (sandbox.folder / name).unlink(missing_ok=True)
    folder = sandbox.folder
    sandbox.start("nginx", "nginx", "-c", folder / "nginx.conf", "-p", folder, "-e", folder / "error.log")
    # It writes its file when it handles signals, and listens before that.
    sandbox.await_start("nginx", lambda: (folder / "nginx.pid").exists() and is_listening(port))


def nginx_kept_alive(sandbox: Sandbox) -> int:
    _start_workers(sandbox)
    return _start_nginx_example(sandbox, NO_LIMITS)


def nginx_closing(sandbox: Sandbox) -> int:
    _start_workers(sandbox)
    return _start_nginx_example(sandbox, (*NO_LIMITS, ("fastcgi_keep_conn on;", "")))


STREAMING = (
    ("client_max_body_size 1100k;", "client_max_body_size 0;"),
    ("fastcgi_request_buffering on;", "fastcgi_request_buffering off;"),
)


def nginx_streaming(sandbox: Sandbox) -> int:
    """Without a limit of its own, and handing on each piece of a body as it comes."""
    _start_workers(sandbox)
    return _start_nginx_example(sandbox, (*NO_LIMITS, *STREAMING))


def nginx_tcp(sandbox: Sandbox, more: dict[str, str] | None = None) -> int:
    ports = [free_port(), free_port()]
    sandbox.write("worker.port", str(ports[0]))
    sandbox.write("proxy-secret", SECRET + "\n", 0o600)
    sandbox.write("dashboard-state.secret", f'fastcgi_param PROXY_SECRET "{SECRET}";\n', 0o600)
    for number, worker_port in enumerate(ports, 1):
        environment = {"PROXY_SECRET_FILE": f"{sandbox.folder}/proxy-secret"}
        sandbox.start_worker(number, f"tcp:127.0.0.1:{worker_port}", environment)
    port = free_port()
    changes = {
        "listen 443 ssl": "listen 127.0.0.1:PORT ssl",
        "server 10.0.0.11:9000": f"server 127.0.0.1:{ports[0]}",
        "server 10.0.0.12:9000": f"server 127.0.0.1:{ports[1]}",
    } | (more or {})
    start_nginx_server(sandbox, render(sandbox, "deploy/nginx-tcp.conf.example", port, changes), port)
    return port


def nginx_tcp_streaming(sandbox: Sandbox) -> int:
    return nginx_tcp(sandbox, dict(STREAMING) | {"fastcgi_keep_conn on;": ""})


def spawn_worker(sandbox: Sandbox, number: int, environment: dict[str, str] | None = None) -> None:
    access = ["-M", "0660", "-G", "www-data"] if sandbox.is_root else ["-M", "0600"]
    path = sandbox.folder / f"worker-{number}.sock"
    program = [sandbox.worker, "--redis", sandbox.redis_url]
    name = f"worker-{number}"
    sandbox.start(name, "spawn-fcgi", "-n", "-s", path, *access, "--", *program, environment=environment)
    sandbox.await_start(name, lambda: accepts(path))


def spawn_fcgi(sandbox: Sandbox) -> int:
    for number in (1, 2):
        spawn_worker(sandbox, number)
    return _start_nginx_example(sandbox, NO_LIMITS)


# ---- Apache ----

HERE = {"<VirtualHost *:443>": "<VirtualHost 127.0.0.1:PORT>"}


def start_apache(
    sandbox: Sandbox,
    example: str,
    changes: dict[str, str] | None = None,
    edit: Callable[[str], str] = lambda text: text,
) -> int:
    port = free_port()
    apache.start(sandbox, edit(render(sandbox, example, port, HERE | (changes or {}))), port)
    return port


def _start_apache(sandbox: Sandbox, example: str, changes: dict[str, str] | None = None) -> int:
    return start_apache(sandbox, example, changes)


def apache_reusing(sandbox: Sandbox) -> int:
    _start_workers(sandbox)
    return _start_apache(sandbox, "deploy/apache.conf.example")


def apache_closing(sandbox: Sandbox) -> int:
    _start_workers(sandbox)
    return _start_apache(sandbox, "deploy/apache.conf.example", {"enablereuse=on": "enablereuse=off"})


def apache_fcgid(sandbox: Sandbox) -> int:
    return _start_apache(sandbox, "deploy/apache-fcgid.conf.example")


# ---- lighttpd ----


def _start_lighttpd(sandbox: Sandbox, example: str, more: dict[str, str] | None = None) -> int:
    port = free_port()
    (sandbox.folder / "html").mkdir(exist_ok=True)
    (sandbox.folder / "lighttpd").mkdir(exist_ok=True)
    if sandbox.is_root:
        sandbox.run("chown", "www-data", sandbox.folder / "lighttpd")
    changes = {
        "server.port = 443": 'server.port = PORT\nserver.bind = "127.0.0.1"',
        "/run/lighttpd.pid": f"{sandbox.folder}/lighttpd.pid",
    }
    if not sandbox.is_root:
        changes |= {'server.username = "www-data"': "", 'server.groupname = "www-data"': ""}
    sandbox.write("lighttpd.conf", render(sandbox, example, port, changes | (more or {})))
    sandbox.start("lighttpd", "lighttpd", "-D", "-f", sandbox.folder / "lighttpd.conf")
    sandbox.await_start("lighttpd", lambda: is_listening(port))
    return port


def lighttpd_fastcgi(sandbox: Sandbox) -> int:
    _start_workers(sandbox)
    return _start_lighttpd(sandbox, "deploy/lighttpd.conf.example")


def lighttpd_starting(sandbox: Sandbox) -> int:
    """With the lines of the example's comment put to use."""
    example = (TOP / "deploy/lighttpd.conf.example").read_text()
    lines = re.findall(r"^ +#   (\".*,)$", example, re.MULTILINE)
    if len(lines) != 2:
        raise ValueError("the example does not say any more how lighttpd starts workers")
    own = " ".join(lines)
    for place, here in (
        ("/usr/sbin/dashboard-state-fcgi", sandbox.worker),
        ("unix:///run/redis/redis-server.sock", sandbox.redis_url),
    ):
        own = own.replace(place, str(here))
    sandbox.folder.chmod(0o1777)
    changes = {
        f'( "socket" => "{sandbox.folder}/worker-{n}': f'( {own} "socket" => "{sandbox.folder}/own-{n}' for n in (1, 2)
    }
    return _start_lighttpd(sandbox, "deploy/lighttpd.conf.example", changes)


# ---- CGI ----


def apache_cgi(sandbox: Sandbox) -> int:
    return _start_apache(sandbox, "deploy/apache-cgi.conf.example")


def lighttpd_cgi(sandbox: Sandbox) -> int:
    return _start_lighttpd(sandbox, "deploy/lighttpd-cgi.conf.example")


def fcgiwrap(sandbox: Sandbox) -> int:
    path = sandbox.folder / "fcgiwrap.socket"
    path.unlink(missing_ok=True)
    sandbox.start("fcgiwrap", "fcgiwrap", "-s", f"unix:{path}")
    sandbox.await_start("fcgiwrap", lambda: accepts(path))
    if sandbox.is_root:
        sandbox.run("chown", "www-data", path)
    port = free_port()
    changes = {"listen 443 ssl": "listen 127.0.0.1:PORT ssl", "unix:/run/fcgiwrap.socket": f"unix:{path}"}
    start_nginx_server(sandbox, render(sandbox, "deploy/nginx-fcgiwrap.conf.example", port, changes), port)
    return port


SERVERS = [
    Server("nginx, kept", nginx_kept_alive, repeats_reads=True, explains_malformed=True, decodes_slashes=True),
    Server("nginx, closing", nginx_closing, repeats_reads=True, explains_malformed=True, decodes_slashes=True),
    Server("nginx, TCP", nginx_tcp, repeats_reads=True, explains_malformed=True, decodes_slashes=True, routes_health=False, secret=SECRET),
    Server("nginx, streaming", nginx_streaming, repeats_reads=True, explains_malformed=True, decodes_slashes=True),
    Server(
        "nginx, TCP, streaming",
        nginx_tcp_streaming,
        repeats_reads=True,
        explains_malformed=True,
        decodes_slashes=True,
        routes_health=False,
        secret=SECRET,
    ),
    Server("spawn-fcgi", spawn_fcgi, repeats_reads=True, explains_malformed=True, decodes_slashes=True),
    Server("Apache, reusing", apache_reusing, repeats_reads=True),
    Server("Apache, closing", apache_closing, repeats_reads=True),
    Server(
        "mod_fcgid",
        apache_fcgid,
        takes_bodies_of_any_length=False,
        routes_health=False,
        runs_two_workers=False,
    ),
    Server("lighttpd", lighttpd_fastcgi, decodes_slashes=True, passes_unknown_methods=False),
    Server(
        "lighttpd, starting",
        lighttpd_starting,
        runs_two_workers=False,
        decodes_slashes=True,
        passes_unknown_methods=False,
    ),
    Server("HAProxy", haproxy, repeats_reads=True, resolves_paths=False, takes_long_chunked=False, serves_files=False),
    Server("Caddy", caddy, repeats_reads=True, resolves_paths=False, decodes_slashes=True),
    Server(
        "h2o",
        h2o,
        decodes_slashes=True,
        resolves_paths=False,
        routes_health=False,
        serves_files=False,
        answers_for_workers=False,
    ),
    Server("mod_cgid", apache_cgi, routes_health=False, runs_two_workers=False, tells_chunked_length=False),
    Server(
        "lighttpd, mod_cgi",
        lighttpd_cgi,
        decodes_slashes=True,
        passes_unknown_methods=False,
        routes_health=False,
        runs_two_workers=False,
    ),
    Server("fcgiwrap", fcgiwrap, decodes_slashes=True, routes_health=False, runs_two_workers=False),
]
