"""The dashboards that are saved and read: the same content with its keys in two orders."""

from __future__ import annotations

import hashlib
import json
import random
from pathlib import Path

# Each run of the load takes turns with so many different ones of a size.
VARIANTS = 8


def dashboard(size: int, seed: int) -> dict:
    """A dashboard of about `size` bytes of JSON, with its members in the order in which a page makes them."""
    draw = random.Random(seed)
    state: dict = {
        "theme": draw.choice(["dark", "light"]),
        "activeProject": f"project-{seed}",
        "activeTasks": [draw.randrange(10_000) for _ in range(4)],
        "layout": {"density": "compact", "columns": 12},
        "widgets": [],
    }
    length = len(encode(state, "browser"))
    while True:
        widget = _widget(draw, len(state["widgets"]))
        length += len(encode(widget, "browser")) + 1
        if length > size:
            break
        state["widgets"].append(widget)
    # The rest of the size is a note, so that a state of 1 KB is one.
    state["note"] = ""
    state["note"] = "n" * max(0, size - len(encode(state, "browser")))
    return state


def _widget(draw: random.Random, row: int) -> dict:
    return {
        "id": f"widget-{draw.getrandbits(40):010x}",
        "type": draw.choice(["chart", "table", "metric", "calendar"]),
        "title": draw.choice(["Umsatz März", "Open tasks", "Latency p99", "Team activity", "Café “Nord”"]),
        "visible": draw.random() < 0.8,
        "position": {"x": draw.randint(0, 11), "y": row, "w": draw.randint(2, 12), "h": draw.randint(2, 6)},
        "settings": {
            "query": 'sum by (service) (rate(requests_total{env="prod"}[5m]))',
            "refresh": 30,
            "opacity": draw.choice([0.1, 0.25, 0.85, 1]),
            "filters": [{"field": draw.choice(["status", "owner", "due"]), "op": "in", "values": ["open", "late"]}],
            "series": [draw.randrange(100_000) for _ in range(6)],
            "target": None,
        },
    }


def encode(value: object, order: str) -> bytes:
    """JSON without white space. In the order "canonical" it is the RFC 8785 form, since the states hold nothing but
    ASCII names, small integers and short decimals."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=order == "canonical")
    return text.encode()


def body_tail(size: int, order: str, seed: int) -> bytes:
    """A save's body without its beginning, `{"version":7`."""
    state = dashboard(size, seed)
    checksum = hashlib.sha256(encode(state, "canonical")).hexdigest()
    return b',"checksum":"%s","state":%s}' % (checksum.encode(), encode(state, order))


def write_tails(folder: Path, name: str, size: int, order: str, variants: int = VARIANTS) -> None:
    """Writes the files that load.lua reads."""
    for seed in range(variants):
        (folder / f"{name}-{seed}.tail").write_bytes(body_tail(size, order, seed))
