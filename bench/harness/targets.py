"""The bar: what the worker has to reach."""

from __future__ import annotations

from dataclasses import dataclass

from .table import markdown

# Against what others would run instead, by the side-by-side harness: workload -> [(figure, at least or at most how many
# times, whose)]. `rate` is requests a second, `total` the CPU of nginx, worker and Redis a request.
SIDE_BY_SIDE = {
    "get-2k": [
        ("rate", ">=", 1.7, "c-libfcgi"),
        ("total", "<=", 1.15, "c-loop"),
        ("total", "<=", 1.15, "openresty"),
    ],
    "get-20k": [
        ("rate", ">=", 1.55, "c-libfcgi"),
        ("rate", ">=", 1.05, "openresty"),
        ("total", "<=", 1.1, "c-loop"),
        ("total", "<=", 0.95, "openresty"),
    ],
    "save-2k": [
        ("rate", ">=", 2.1, "c-libfcgi"),
        ("rate", ">=", 1.7, "openresty"),
        ("total", "<=", 1.15, "c-loop"),
        ("total", "<=", 0.57, "openresty"),
    ],
    "save-20k": [
        ("rate", ">=", 4, "c-libfcgi"),
        ("rate", ">=", 3.5, "openresty"),
        ("total", "<=", 0.9, "c-loop"),
        ("total", "<=", 0.30, "openresty"),
    ],
    "mixed-20k": [
        ("rate", ">=", 2.3, "c-libfcgi"),
        ("rate", ">=", 1.8, "openresty"),
        ("total", "<=", 1.1, "c-loop"),
        ("total", "<=", 0.58, "openresty"),
    ],
}
# The same for every workload. `one50` is the median latency of one connection alone.
EVERYWHERE = [
    ("p99", "<=", 1, "c-libfcgi"),
    ("redis", "<=", 1, "c-loop"),
    ("one50", "<=", 1, "c-libfcgi"),
    ("one50", "<=", 1, "openresty"),
]
FIGURES = {"rate": "req/s", "total": "CPU sum", "p99": "p99", "redis": "CPU of Redis", "one50": "alone p50"}

# By this project's own measurements.
RSS_MIB = 25.0  # at 32 connections
KIB_PER_IDLE_CONNECTION = 3.0  # up to 10,000
BROWSER_ORDER = 1.35  # CPU sum of a save with the keys in a page's order ÷ that of one with sorted keys


@dataclass(frozen=True)
class Result:
    """One line of the table."""

    what: str
    target: str
    reached: str
    holds: bool


def against_peers(medians: dict[str, dict[str, dict[str, float]]], ours: str) -> list[Result]:
    """Of the figures by workload and peer; what was not measured is left out."""
    results = []
    for workload, rows in medians.items():
        for figure, sense, factor, peer in [*SIDE_BY_SIDE.get(workload, []), *EVERYWHERE]:
            if peer not in rows or ours not in rows or not rows[peer][figure]:
                continue
            ratio = rows[ours][figure] / rows[peer][figure]
            holds = ratio >= factor if sense == ">=" else ratio <= factor
            sign = "≥" if sense == ">=" else "≤"
            results.append(
                Result(f"{workload}: {FIGURES[figure]}", f"{sign} {factor:g} × {peer}", f"{ratio:.2f} ×", holds)
            )
        if ours in rows:
            errors, rss = rows[ours]["errors"], rows[ours]["rss"]
            results.append(Result(f"{workload}: errors", "0", f"{errors:.0f}", errors == 0))
            results.append(at_most(f"{workload}: RSS", RSS_MIB, rss, "MiB"))
    return results


def at_most(what: str, limit: float, value: float, unit: str) -> Result:
    return Result(what, f"≤ {limit:g} {unit}", f"{value:.2f} {unit}", value <= limit)


def browser_order(medians: dict[str, dict[str, float]]) -> list[Result]:
    """What it costs that a page does not sort its keys, of the figures by workload; where both were measured."""
    results = []
    for workload, row in medians.items():
        sorted_keys = medians.get(workload.removesuffix("-browser"))
        if workload.endswith("-browser") and sorted_keys:
            ratio = row["sum"] / sorted_keys["sum"]
            what = f"{workload.removesuffix('-browser')}: CPU sum, keys in a page's order"
            results.append(Result(what, f"≤ {BROWSER_ORDER:g} × sorted", f"{ratio:.2f} ×", ratio <= BROWSER_ORDER))
    return results


def bar(results: list[Result]) -> str:
    """The table of what is to be reached."""
    rows = [[result.what, result.target, result.reached, "yes" if result.holds else "**no**"] for result in results]
    return markdown(["", "target", "reached", "ok?"], rows)
