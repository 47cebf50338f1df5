"""Measured rows as Markdown tables."""

from __future__ import annotations

from collections.abc import Sequence

from .measure import median

HEADER = [
    "", "req/s", "p50 ms", "p99 ms", "alone p50 µs", "CPU nginx", "worker", "Redis", "sum", "client",
    "RSS / PSS MiB", "errors", "others %",
]  # fmt: skip


def markdown(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [header, ["---", *["---:"] * (len(header) - 1)], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def side_by_side(rows: dict[str, list[dict[str, float]]], ratios: Sequence[tuple[str, str]]) -> str:
    """A line for each candidate (medians), and one for each pair that is to be compared."""
    lines = []
    for name, rounds in rows.items():
        m = median(rounds)
        lines.append([
            name,
            f"{m['rate']:,.0f}",
            f"{m['p50'] / 1000:.2f}",
            f"{m['p99'] / 1000:.2f}",
            f"{m['alone']:.0f}" if "alone" in m else "–",
            *(f"{m[key]:.1f}" for key in ("nginx", "worker", "redis", "sum", "client")),
            f"{m['rss']:.1f} / {m['pss']:.1f}",
            f"{m['errors']:.0f}",
            f"{m['others']:.0f}",
        ])  # fmt: skip
    for one, other in ratios:
        lines.append([f"{one} ÷ {other}", *_ratios(rows[one], rows[other]), "", "", ""])
    return markdown(HEADER, lines)


def _ratios(ones: list[dict[str, float]], others: list[dict[str, float]]) -> list[str]:
    """Of the medians; for the two that decide also the least and the most of a round."""
    cells = []
    one, other = median(ones), median(others)
    for key in ("rate", "p50", "p99", "alone", "nginx", "worker", "redis", "sum", "client"):
        if not other.get(key):
            cells.append("–")
            continue
        cell = f"{one[key] / other[key]:.2f}"
        if key in ("rate", "sum") and len(ones) > 1:
            each = [a[key] / b[key] for a, b in zip(ones, others)]
            cell += f" ({min(each):.2f}–{max(each):.2f})"
        cells.append(cell)
    return cells
