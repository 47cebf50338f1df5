"""Apache as Debian sets it up, with one site."""

from __future__ import annotations

import re
from pathlib import Path

from programs import is_listening
from sandbox import Sandbox

MODULES = Path("/etc/apache2/mods-available")
# What Debian's package enables.
STANDARD = (
    "access_compat alias auth_basic authn_core authn_file authz_core authz_host authz_user autoindex deflate dir env "
    "filter mime mpm_event negotiation reqtimeout setenvif status"
).split()
# And what an operator may have enabled for other sites.
COMPRESSION = "brotli"


def start(sandbox: Sandbox, site: str, port: int) -> None:
    """Starts it with the modules that the site's first lines tell an operator to enable, and no others."""
    wanted = re.search(r"^# +a2enmod (.*)$", site, re.MULTILINE)
    if wanted is None:
        raise ValueError("the example does not say which modules it needs")
    modules: list[str] = []
    for name in [*STANDARD, COMPRESSION, *wanted[1].split()]:
        _add(name, modules)
    includes = [f"Include {MODULES}/{name}.load" for name in modules]
    includes += [f"Include {MODULES}/{name}.conf" for name in modules if (MODULES / f"{name}.conf").exists()]
    folder = sandbox.folder
    sandbox.write("site.conf", site)
    (folder / "html").mkdir(exist_ok=True)
    lines = [
        f"ServerRoot {folder}",
        f"DefaultRuntimeDir {folder}",
        f"Define APACHE_LOG_DIR {folder}",
        f"Define APACHE_RUN_DIR {folder}",
        f"PidFile {folder}/apache.pid",
        f"ErrorLog {folder}/apache-error.log",
        "LogLevel warn",
        "TraceEnable Off",  # as Debian's security.conf has it
        f"Listen 127.0.0.1:{port}",
        "ServerName dashboard.example.org",
        *(["User www-data", "Group www-data"] if sandbox.is_root else []),
        *includes,
        "AddOutputFilterByType BROTLI_COMPRESS;DEFLATE application/json",
        "<Directory />",
        "    AllowOverride None",
        "    Require all denied",
        "</Directory>",
        f"<Directory {folder}/html>",
        "    Require all granted",
        "</Directory>",
        # Few processes: a test has no crowd.
        "StartServers 1",
        f"Include {folder}/site.conf",
    ]
    if "cgid" in modules:
        lines.append(f"ScriptSock {folder}/cgid.sock")
    if "fcgid" in modules:
        lines += [f"FcgidIPCDir {folder}", f"FcgidProcessTableFile {folder}/fcgid_shm"]
    if sandbox.is_root:
        # mod_fcgid's processes make their sockets here.
        folder.chmod(0o1777)
    sandbox.write("apache.conf", "\n".join(lines) + "\n")
    sandbox.start("apache", "apache2", "-f", folder / "apache.conf", "-DFOREGROUND")
    log = folder / "apache-error.log"

    def is_ready() -> bool:
        # It listens before it handles signals: one to reload would end it.
        return log.exists() and "resuming normal operations" in log.read_text() and is_listening(port)

    sandbox.await_start("apache", is_ready)


def _add(name: str, modules: list[str]) -> None:
    """A module after those that it needs, as a2enmod does."""
    if name in modules:
        return
    text = (MODULES / f"{name}.load").read_text()
    if needs := re.search(r"^# Depends: (.*)$", text, re.MULTILINE):
        for other in needs[1].split():
            _add(other, modules)
    modules.append(name)
