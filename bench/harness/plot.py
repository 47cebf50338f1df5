"""Draws the curves: plot.py DATA FOLDER. Needs matplotlib (bench/pypi.txt)."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import matplotlib

matplotlib.use("svg")
from matplotlib import pyplot  # noqa: E402
from matplotlib.ticker import FuncFormatter, NullFormatter  # noqa: E402

# Text stays text, and the same data makes the same file.
pyplot.rcParams.update({
    "svg.fonttype": "none",
    "svg.hashsalt": "dashboard-state",
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.grid": True,
    "grid.color": "#dddddd",
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "lines.linewidth": 1.6,
    "lines.markersize": 4,
    "legend.edgecolor": "none",
    "legend.framealpha": 0.7,
    "legend.fontsize": 8,
})  # fmt: skip
COLORS = ["#1f6fb4", "#d1495b", "#2a9d6f", "#8e6c8a"]

Rows = list[dict]


def number(value: float, _: object = None) -> str:
    for limit, unit in ((1_000_000, "M"), (1000, "k")):
        if value >= limit:
            return f"{value / limit:g}{unit}"
    return f"{value:g}"


def size(value: float, _: object = None) -> str:
    return f"{value / (1 << 20):g} MB" if value >= 1 << 20 else f"{value / 1024:g} KB"


def lines(
    axes: pyplot.Axes, rows: Rows, x: str, y: Callable[[dict], float], series: list[tuple[str, Callable[[dict], bool]]]
) -> None:
    """One line for each of the series that has points."""
    for color, (label, belongs) in zip(COLORS, series):
        points = [(row[x], y(row)) for row in rows if belongs(row)]
        if points:
            axes.plot(*zip(*points), marker="o", color=color, label=label)


def finish(
    axes: pyplot.Axes, title: str, x: str, y: str, *, xscale: int | None = 10, yscale: int | None = 10,
    ticks: list[float] | None = None, xformat: Callable = number, yformat: Callable = number,
) -> None:  # fmt: skip
    axes.set_title(title, loc="left", fontweight="bold")
    axes.set_xlabel(x)
    axes.set_ylabel(y)
    if xscale:
        axes.set_xscale("log", base=xscale)
    if yscale:
        axes.set_yscale("log", base=yscale)
        low, high = axes.get_ylim()
        if high / low < 20:
            # Too few powers of ten for a scale to be read by.
            steps = [m * 10**e for e in range(-3, 7) for m in (1, 2, 5)]
            axes.set_yticks([step for step in steps if low <= step <= high])
        axes.yaxis.set_minor_formatter(NullFormatter())
    else:
        axes.set_ylim(0, axes.get_ylim()[1] * 1.08)
    if ticks:
        axes.set_xticks(ticks)
        axes.minorticks_off()
    axes.xaxis.set_major_formatter(FuncFormatter(xformat))
    axes.yaxis.set_major_formatter(FuncFormatter(yformat))
    if len(axes.get_lines()) > 1:
        axes.legend()


def operation(name: str, **more: object) -> Callable[[dict], bool]:
    return lambda row: row["operation"] == name and all(row[key] == value for key, value in more.items())


def sizes(rows: Rows, left: pyplot.Axes, right: pyplot.Axes) -> None:
    series = [
        ("get", operation("get")),
        ("save, keys sorted", operation("save", order="canonical")),
        ("save, keys in a page's order", operation("save", order="browser")),
    ]
    ticks = sorted({row["size"] for row in rows})[::2]
    lines(left, rows, "size", lambda row: row["rate"], series)
    finish(left, "Throughput", "size of a state", "requests a second", xscale=2, ticks=ticks, xformat=size)
    lines(right, rows, "size", lambda row: row["sum"], series)
    finish(
        right, "CPU of nginx, worker and Redis", "size of a state", "µs a request", xscale=2, ticks=ticks, xformat=size
    )


def connections(rows: Rows, left: pyplot.Axes, right: pyplot.Axes) -> None:
    series = [("get 2 KB", operation("get")), ("save 2 KB", operation("save"))]
    lines(left, rows, "connections", lambda row: row["rate"], series)
    finish(left, "Throughput", "connections to nginx", "requests a second", yscale=None)
    lines(
        right,
        rows,
        "connections",
        lambda row: row["p50"] / 1000,
        [("get 2 KB, p50", series[0][1]), ("save 2 KB, p50", series[1][1])],
    )
    lines(
        right,
        rows,
        "connections",
        lambda row: row["p99"] / 1000,
        [("get 2 KB, p99", series[0][1]), ("save 2 KB, p99", series[1][1])],
    )
    for line in right.get_lines()[2:]:
        line.set_linestyle(":")
    finish(right, "Latency", "connections to nginx", "ms")


def idle(rows: Rows, left: pyplot.Axes, right: pyplot.Axes) -> None:
    everything = [("", lambda row: True)]
    lines(left, rows, "idle", lambda row: row["rss"], everything)
    finish(left, "Memory of the worker", "idle kept-alive connections", "RSS, MiB", xscale=None, yscale=None)
    lines(right, rows, "idle", lambda row: row["rate"], everything)
    finish(
        right,
        "Throughput beside them (get 2 KB)",
        "idle kept-alive connections",
        "requests a second",
        xscale=None,
        yscale=None,
    )


def workers(rows: Rows, left: pyplot.Axes, right: pyplot.Axes) -> None:
    series = [
        ("get 2 KB", operation("get")),
        ("mixed 80:20, 20 KB", operation("mixed")),
        ("save 20 KB", operation("save")),
    ]
    ticks = sorted({row["workers"] for row in rows})
    lines(left, rows, "workers", lambda row: row["rate"], series)
    finish(left, "Throughput", "workers", "requests a second", xscale=None, yscale=None, ticks=ticks)
    lines(right, rows, "workers", lambda row: row["sum"], series)
    finish(right, "CPU of nginx, workers and Redis", "workers", "µs a request", xscale=None, yscale=None, ticks=ticks)


def identities(rows: Rows, left: pyplot.Axes, right: pyplot.Axes) -> None:
    series = [("get 1 KB", operation("get")), ("save 1 KB", operation("save"))]
    lines(left, rows, "identities", lambda row: row["rate"], series)
    finish(left, "Throughput", "identities", "requests a second", yscale=None)
    lines(right, rows, "identities", lambda row: row["bytes_each"], [("", operation("get"))])
    finish(right, "Memory of Redis, states of 1 KB", "identities", "bytes a state", yscale=None)


FIGURES = {"sizes": sizes, "connections": connections, "idle": idle, "workers": workers, "identities": identities}


def main(data: Path, folder: Path) -> None:
    measured = json.loads(data.read_text())
    folder.mkdir(parents=True, exist_ok=True)
    for name, draw in FIGURES.items():
        if name not in measured:
            continue
        figure, (left, right) = pyplot.subplots(1, 2, figsize=(9, 3.2), layout="constrained")
        draw(measured[name], left, right)
        figure.savefig(folder / f"{name}.svg", metadata={"Date": None, "Creator": None})
        pyplot.close(figure)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
