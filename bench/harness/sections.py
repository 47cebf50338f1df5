"""The generated parts of RESULTS.md, as Markdown."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

from . import micro, peers, table, targets
from .stack import TOP, WORKER
from .table import markdown

Rows = list[dict]


def _size(value: float) -> str:
    return f"{value / (1 << 20):g} MB" if value >= 1 << 20 else f"{value / 1024:g} KB"


def _output(*argv: str) -> str:
    done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=TOP)
    return done.stdout.strip()


def _version(*argv: str) -> str:
    found = re.search(r"\d+(\.\d+)+", _output(*argv))
    return found[0] if found else "of an unknown version"


def machine() -> dict[str, str]:
    """What it was measured on."""
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    system = re.search(r'PRETTY_NAME="(.*)"', Path("/etc/os-release").read_text())
    return {
        "processor": f"{os.cpu_count()} × {model[1] if model else os.uname().machine}",
        "system": system[1] if system else os.uname().sysname,
        "versions": f"nginx {_version('nginx', '-v')}, Redis {_version('redis-server', '--version')}, "
        f"wrk {_version('wrk', '--version')}, Swift {_version('swift', '--version')}",
        "sources": _sources(),
    }


def _sources() -> str:
    """Which ones were built, as far as git knows."""
    if not (TOP / ".git").exists():
        return f"version {_output(str(WORKER), '--version')}"
    commit = _output("git", "log", "-1", "--format=%h", "--", "Sources")
    return f"commit {commit}" + (", changed since" if _output("git", "status", "--porcelain", "--", "Sources") else "")


def _machine(data: dict) -> str:
    facts = data["machine"]
    return f"{facts['system']}, {facts['processor']}; {facts['versions']}; sources of {facts['sources']}."


def _table(data: dict) -> str:
    parts = [f"**{name}**\n\n{table.side_by_side(rows, _ratios(rows))}" for name, rows in data["table"].items()]
    return "\n\n".join(parts)


def _ratios(rows: dict) -> list[tuple[str, str]]:
    return [("logging", "worker")] if "logging" in rows else []


def _peers(data: dict) -> str:
    return data["peers"]["tables"].strip()


def own_targets(data: dict) -> list[targets.Result]:
    """What the bar asks for beyond the peers."""
    results = []
    if "table" in data:
        results += targets.browser_order({name: rows["worker"][0] for name, rows in data["table"].items()})
    if "connections" in data:
        for row in data["connections"]:
            if row["connections"] == 32:
                what = f"{row['operation']} {_size(row['size'])}, 32 connections: RSS"
                results.append(targets.at_most(what, targets.RSS_MIB, row["rss"], "MiB"))
    if "idle" in data and data["idle"][-1]["idle"]:
        last = data["idle"][-1]
        what = f"memory of each of {last['idle']:,} idle connections"
        results.append(targets.at_most(what, targets.KIB_PER_IDLE_CONNECTION, last["kib_each"], "KiB"))
    return results


def _bar(data: dict) -> str:
    results = targets.against_peers(data["peers"]["medians"], peers.OURS) if "peers" in data else []
    return targets.bar(results + own_targets(data))


def _sizes(data: dict) -> str:
    by_size: dict[int, dict[tuple[str, str], dict]] = {}
    for row in data["sizes"]:
        by_size.setdefault(row["size"], {})[row["operation"], row["order"]] = row
    lines = []
    for size, rows in by_size.items():
        get, save, browser = (rows[key] for key in (("get", "canonical"), ("save", "canonical"), ("save", "browser")))
        cells = [f"{row['rate']:,.0f}" for row in (get, save, browser)]
        cells += [f"{row['sum']:,.0f} ({row['worker']:,.0f} + {row['redis']:,.0f})" for row in (get, save, browser)]
        lines.append([_size(size), *cells, f"{browser['sum'] / save['sum']:.2f}", *_health(get, save, browser)])
    header = ["state", "get req/s", "save", "save, page's order", "get CPU µs", "save", "save, page's order"]
    return _figure("sizes") + markdown([*header, "page's order ÷ sorted", "errors", "others %"], lines)


def _health(*rows: dict) -> list[str]:
    """How far a line can be trusted: errors, and the most that the rest of the machine used."""
    return [f"{sum(row['errors'] for row in rows):.0f}", f"{max(row['others'] for row in rows):.0f}"]


def _by_x(rows: Rows, x: str) -> dict[float, Rows]:
    grouped: dict[float, Rows] = {}
    for row in rows:
        grouped.setdefault(row[x], []).append(row)
    return grouped


def _connections(data: dict) -> str:
    lines = []
    for count, rows in _by_x(data["connections"], "connections").items():
        cells = []
        for row in rows:
            latency = f"{row['p50'] / 1000:.2f} / {row['p99'] / 1000:.2f}"
            cells += [f"{row['rate']:,.0f}", latency, f"{row['sum']:.1f}"]
        lines.append([f"{count}", *cells, f"{max(row['rss'] for row in rows):.1f}", *_health(*rows)])
    header = ["connections", "get req/s", "p50 / p99 ms", "CPU µs", "save req/s", "p50 / p99 ms", "CPU µs"]
    return _figure("connections") + markdown([*header, "RSS MiB", "errors", "others %"], lines)


def _idle(data: dict) -> str:
    lines = []
    for row in data["idle"]:
        each = f"{row['kib_each']:.2f}" if row["idle"] else "–"
        figures = [f"{row['rate']:,.0f}", f"{row['p99'] / 1000:.2f}", f"{row['sum']:.1f}", *_health(row)]
        lines.append([f"{row['idle']:,}", f"{row['rss']:.2f}", each, *figures])
    header = ["idle connections", "RSS MiB", "KiB each", "get 2 KB req/s", "p99 ms", "CPU µs", "errors", "others %"]
    return _figure("idle") + markdown(header, lines)


def _workers(data: dict) -> str:
    lines = []
    for count, rows in _by_x(data["workers"], "workers").items():
        cells = [cell for row in rows for cell in (f"{row['rate']:,.0f}", f"{row['sum']:.1f}")]
        lines.append([f"{count}", *cells, f"{max(row['pss'] for row in rows):.1f}", *_health(*rows)])
    header = ["workers", "get 2 KB req/s", "CPU µs", "mixed 20 KB req/s", "CPU µs", "save 20 KB req/s", "CPU µs"]
    return _figure("workers") + markdown([*header, "PSS MiB in all", "errors", "others %"], lines)


def _identities(data: dict) -> str:
    lines = []
    for count, rows in _by_x(data["identities"], "identities").items():
        cells = [cell for row in rows for cell in (f"{row['rate']:,.0f}", f"{row['sum']:.1f} ({row['redis']:.1f})")]
        lines.append([f"{count:,}", *cells, f"{rows[0]['bytes_each']:,.0f}", *_health(*rows)])
    header = ["identities", "get 1 KB req/s", "CPU µs (Redis)", "save 1 KB req/s", "CPU µs (Redis)"]
    return _figure("identities") + markdown([*header, "Redis bytes a state", "errors", "others %"], lines)


def _micro(data: dict) -> str:
    return micro.table(data["micro"])


def _figure(name: str) -> str:
    return f"![{name}](results/{name}.svg)\n\n"


# In the order in which a new RESULTS.md has them; each with what of the data it needs (any of these).
SECTIONS: dict[str, tuple[str, tuple[str, ...], Callable[[dict], str]]] = {
    "machine": ("Measured on", ("machine",), _machine),
    "bar": ("The bar", ("peers", "table", "connections", "idle"), _bar),
    "peers": ("Beside what others would run instead", ("peers",), _peers),
    "table": ("By itself", ("table",), _table),
    "sizes": ("Size of states", ("sizes",), _sizes),
    "connections": ("Connections", ("connections",), _connections),
    "idle": ("Idle connections", ("idle",), _idle),
    "workers": ("Workers", ("workers",), _workers),
    "identities": ("Identities", ("identities",), _identities),
    "micro": ("Pure parts", ("micro",), _micro),
}


def fill_in(text: str, data: dict) -> str:
    """Puts the generated parts between their markers, and those that have none at the end. All else stays as it is."""
    for name, (title, needs, render) in SECTIONS.items():
        if not any(need in data for need in needs):
            continue
        start, end = f"<!-- measured: {name} -->", f"<!-- end: {name} -->"
        part = f"{start}\n{render(data)}\n{end}"
        if start in text:
            before, rest = text.split(start, 1)
            if end not in rest:
                raise ValueError(f"{start} has no {end}")
            text = before + part + rest.split(end, 1)[1]
        else:
            text = f"{text.rstrip()}\n\n## {title}\n\n{part}\n"
    return text
