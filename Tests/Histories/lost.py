"""What Redis cannot promise where a master is replaced, and what is allowed for that. Nothing else is.

Replication is asynchronous, and `REDIS_WAIT_REPLICAS` holds back the answer to a write, not its effect. So while a master
is replaced, and for a second behind it:

- what changes nothing (a read, a refusal, a failed precondition) may be answered by the former master, with what was so up
  to a second before;
- it may show what a write of unknown outcome had done at the former master, and that may be undone with it.

Writes that are acknowledged have to fit the order, as everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from register import Kind, Outcome, Request

EARLIER = 0.5  # seconds before a fault, in which a write can have been on its way to replicas
CHANGE_NOTHING = {Outcome.READ, Outcome.NOT_MODIFIED, Outcome.REFUSED, Outcome.FAILED, Outcome.NOTHING}


def allowing_for(windows: Sequence[tuple[float, float]], history: Sequence[Request], stale: float) -> list[Request]:
    """The history with what is allowed in these times, each from a fault's beginning to the end of what follows it."""
    allowed = []
    for request in history:
        near = [
            (begin - EARLIER, end) for begin, end in windows
            if request.answered >= begin - EARLIER and request.sent <= end
        ]  # fmt: skip
        if near and request.outcome in CHANGE_NOTHING:
            unknown = [
                write for write in history
                if write.outcome is Outcome.UNKNOWN and write.sent <= request.answered
                and any(write.answered >= begin for begin, _ in near)
            ]  # fmt: skip
            is_undone = any(_shows(request, write, history) for write in unknown)
            request = replace(request, sent=request.sent - stale, may_be_undone=is_undone)
        allowed.append(request)
    return allowed


def _shows(request: Request, write: Request, history: Sequence[Request]) -> bool:
    """Whether an answer can come of this write."""
    if request.outcome is Outcome.NOT_MODIFIED:
        # By its tag, which somebody has seen before.
        same = [other for other in history if other.seen is not None and other.tag == request.if_none_match]
        return any(_shows(other, write, history) for other in same)
    if request.seen is not None:
        return (write.version, write.state) == request.seen and write.kind is Kind.SAVE
    if request.seen_version is not None:
        return write.kind is Kind.SAVE and write.version == request.seen_version
    if request.outcome is Outcome.NOTHING:
        return write.kind is Kind.DELETE
    # A precondition that failed does not say by what.
    return True
