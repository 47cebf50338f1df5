"""The contract's rules of a state, as ONE register: what each request, with the answer that it got, does to it.

A history is what several clients did to one state: what each asked, when, and what it was answered. It is right if
there is an order in which each request happens at most once, at a moment between its sending and its answer, and every
answer is the one that this register gives at that moment. `search.py` looks for the order; here is what a moment does.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

FOREVER = float("inf")


class Outcome(Enum):
    """What an answer says of a request."""

    SAVED = "saved"  # 200, success: nothing was stored, or this very state at this version was
    REPLACED = "replaced"  # 200, success, conflictResolution client
    REFUSED = "refused"  # 200, no success: what is stored wins
    FAILED = "failed"  # 412
    DELETED = "deleted"  # 200, success
    NOTHING = "nothing"  # DELETE: 200, no success; GET: 404
    READ = "read"  # 200
    NOT_MODIFIED = "not modified"  # 304
    UNKNOWN = "unknown"  # outcome-unknown, or no answer: it may have happened, or may happen at any later time
    NOT_DONE = "not done"  # storage-unavailable and the like: it has not happened, and never will


class Kind(Enum):
    SAVE = "save"
    DELETE = "delete"
    GET = "get"


@dataclass(frozen=True)
class Request:
    """A request and its answer. Times are seconds on one clock."""

    kind: Kind
    sent: float
    answered: float
    outcome: Outcome
    version: int = 0  # of a save
    state: str = ""  # of a save: a name for the bytes of the state
    if_match: str = ""  # "", "*", or an entity tag
    if_none_match: str = ""  # likewise; of a save only "*"
    tag: str = ""  # the answer's entity tag
    seen: tuple[int, str] | None = None  # version and state of the document in the answer, if one is
    seen_version: int | None = None  # the answer's serverVersion
    may_be_undone: bool = False  # it may have seen what a master did that was lost with that master: `lost.py`
    is_sent_again: bool = False  # a DELETE that the web server gives to another worker where the first one dies
    client: str = ""

    @property
    def end(self) -> float:
        """When it must have happened by."""
        return FOREVER if self.may_never_happen else self.answered

    @property
    def may_never_happen(self) -> bool:
        return self.outcome is Outcome.UNKNOWN or self.may_be_undone


@dataclass(frozen=True)
class Stored:
    """A document. Its tag is None until somebody has seen it, where the save's own answer does not tell."""

    version: int
    state: str
    tag: str | None


@dataclass(frozen=True)
class Register:
    """What is stored, and all entity tags that have been stored before: none of them comes again."""

    stored: Stored | None = None
    spent: frozenset[str] = frozenset()

    def after(self, request: Request) -> Register | None:
        """The register after the request, or None where it cannot have been answered like that now."""
        if request.kind is Kind.GET:
            return self._after_read(request)
        if request.kind is Kind.DELETE:
            return self._after_delete(request)
        return self._after_save(request)

    # ---- Reads ----

    def _after_read(self, request: Request) -> Register | None:
        if request.outcome is Outcome.NOTHING:
            return self if self.stored is None else None
        if request.outcome is Outcome.NOT_MODIFIED:
            return self._seen(None, request.if_none_match)
        return self._seen(request.seen, request.tag)

    def _seen(self, content: tuple[int, str] | None, tag: str) -> Register | None:
        """Somebody has seen this tag, and this content if it is given. A tag that was not known is from now on."""
        stored = self.stored
        if stored is None or (content is not None and content != (stored.version, stored.state)):
            return None
        if not tag or stored.tag == tag:
            return self
        if stored.tag is not None or tag in self.spent:
            return None
        return Register(Stored(stored.version, stored.state, tag), self.spent)

    # ---- Writes ----

    def _holds(self, request: Request) -> bool:
        """Whether the preconditions hold. A tag that nobody has seen yet is not the one that a client names."""
        if request.if_none_match and self.stored is not None:
            return False
        if not request.if_match:
            return True
        return self.stored is not None and request.if_match in ("*", self.stored.tag)

    def _after_delete(self, request: Request) -> Register | None:
        holds = self._holds(request)
        if request.is_sent_again and request.outcome is Outcome.FAILED and holds:
            # The first worker has deleted it and died; the second one found nothing that matches.
            return self._put(None)
        if request.outcome is Outcome.FAILED:
            return None if holds else self._with_document(request)
        if not holds:
            return None
        if request.outcome is Outcome.NOTHING:
            return self if self.stored is None else None
        return None if self.stored is None else self._put(None)

    def _after_save(self, request: Request) -> Register | None:
        stored, new = self.stored, Stored(request.version, request.state, request.tag or None)
        is_repeated = stored is not None and (stored.version, stored.state) == (new.version, new.state)
        if request.outcome is Outcome.UNKNOWN:
            takes_place = self._holds(request) and not is_repeated and (stored is None or new.version >= stored.version)
            return self._put(new) if takes_place else None
        if request.outcome is Outcome.FAILED:
            return None if self._holds(request) or is_repeated else self._with_document(request)
        if request.outcome is Outcome.SAVED:
            if is_repeated:
                return self._seen(None, request.tag)
            return self._put(new) if stored is None and self._holds(request) else None
        if stored is None or is_repeated or not self._holds(request):
            return None
        if request.outcome is Outcome.REFUSED:
            is_older = new.version < stored.version and request.seen_version == stored.version
            return self._with_document(request) if is_older else None
        return self._put(new) if new.version >= stored.version else None

    def _with_document(self, request: Request) -> Register | None:
        """A refusal may bring the stored document."""
        return self._seen(request.seen, request.tag) if request.seen is not None else self

    def _put(self, new: Stored | None) -> Register | None:
        gone = self.spent | {self.stored.tag} if self.stored is not None and self.stored.tag else self.spent
        if new is not None and new.tag in gone:
            return None
        return Register(new, gone)
