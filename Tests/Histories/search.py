"""Looks for an order that explains a history: Wing and Gong's search, which remembers where it has been in vain."""

from __future__ import annotations

from collections.abc import Sequence

from register import FOREVER, Outcome, Register, Request


class TooLong(Exception):
    """The search was given up: too many requests at the same time, or of unknown outcome."""


def order_of(history: Sequence[Request], steps: int = 2_000_000) -> list[Request] | None:
    """An order in which the requests happened, without those that did not; None where there is none."""
    counts = (r for r in history if r.outcome is not Outcome.NOT_DONE and not _is_no_matter(r))
    requests = sorted(counts, key=lambda r: r.sent)
    # By their numbers: a set of requests is the bits of an integer.
    certain = sum(1 << number for number, request in enumerate(requests) if not request.may_never_happen)
    vain: set[tuple[int, Register]] = set()
    order: list[int] = []
    # What is still to be tried at each depth.
    stack: list[tuple[int, Register, list[int]]] = [(0, Register(), _next(requests, 0))]
    while stack:
        done, register, candidates = stack[-1]
        if done & certain == certain:
            return [requests[number] for number in order]
        if not candidates:
            vain.add((done, register))
            stack.pop()
            if order:
                order.pop()
            continue
        number = candidates.pop()
        after = register.after(requests[number])
        if after is None or (done | 1 << number, after) in vain:
            continue
        steps -= 1
        if steps < 0:
            raise TooLong(f"{len(requests)} requests")
        order.append(number)
        stack.append((done | 1 << number, after, _next(requests, done | 1 << number)))
    return None


def _is_no_matter(request: Request) -> bool:
    """Whether it may be left out of an order, and adds nothing to one. Each of these would double the search."""
    changes_nothing = request.outcome in (Outcome.FAILED, Outcome.REFUSED, Outcome.NOTHING) and not request.is_sent_again
    return request.may_be_undone and changes_nothing and request.seen is None


def _next(requests: Sequence[Request], done: int) -> list[int]:
    """Those that may happen next: sent before any other that is still to happen had been answered. The best is last."""
    first_end = FOREVER
    for number, request in enumerate(requests):
        if not done >> number & 1 and request.end < first_end:
            first_end = request.end
    open_ones = [
        number for number, request in enumerate(requests) if not done >> number & 1 and request.sent <= first_end
    ]
    # What is certain first, and of that what was answered first: most often that is the order.
    return sorted(open_ones, key=lambda number: (requests[number].end, requests[number].answered), reverse=True)
