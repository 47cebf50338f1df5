"""The checker itself, by histories that are made up: right ones, and wrong ones of each kind."""

from __future__ import annotations

import itertools
import unittest
from typing import Any

from lost import allowing_for
from register import Kind, Outcome, Request
from search import order_of

SAVE, DELETE, GET = Kind.SAVE, Kind.DELETE, Kind.GET


def at(
    sent: float, answered: float, kind: Kind, outcome: Outcome, version: int = 0, state: str = "", **more: Any
) -> Request:
    """`seen` of a read is its version and state."""
    if kind is GET and outcome is Outcome.READ:
        more |= {"seen": (version, state)}
        version, state = 0, ""
    return Request(kind, sent, answered, outcome, version, state, **more)


def saved(sent: float, answered: float, version: int, state: str, tag: str, **more: Any) -> Request:
    return at(sent, answered, SAVE, Outcome.SAVED, version, state, tag=tag, **more)


def replaced(sent: float, answered: float, version: int, state: str, tag: str, **more: Any) -> Request:
    return at(sent, answered, SAVE, Outcome.REPLACED, version, state, tag=tag, **more)


def read(sent: float, answered: float, version: int, state: str, tag: str) -> Request:
    return at(sent, answered, GET, Outcome.READ, version, state, tag=tag)


def nothing(sent: float, answered: float) -> Request:
    return at(sent, answered, GET, Outcome.NOTHING)


def unknown(sent: float, answered: float, version: int, state: str, **more: Any) -> Request:
    return at(sent, answered, SAVE, Outcome.UNKNOWN, version, state, **more)


def deleted(sent: float, answered: float, **more: Any) -> Request:
    return at(sent, answered, DELETE, Outcome.DELETED, **more)


class Histories(unittest.TestCase):
    def right(self, *history: Request) -> None:
        for order in (history, history[::-1]):
            self.assertIsNotNone(order_of(order))

    def wrong(self, *history: Request) -> None:
        for order in (history, history[::-1]):
            self.assertIsNone(order_of(order))


class WhereAMasterIsReplaced(Histories):
    """From 10 to 20, with what is allowed then."""

    def allowed(self, *history: Request) -> list[Request]:
        return allowing_for([(10, 20)], history, 1)

    def test_reads_are_stale_by_a_second(self) -> None:
        def history(begin: float, late: float) -> list[Request]:
            first, second = saved(begin - 5, begin - 4, 1, "a", "A"), replaced(begin, begin + 1, 2, "b", "B")
            return self.allowed(first, second, read(begin + 1 + late, begin + 1.1 + late, 1, "a", "A"))

        self.right(*history(12, 0.9))
        self.wrong(*history(12, 1.1))
        self.wrong(*history(22, 0.5))

    def test_what_was_unknown_and_seen_may_be_gone(self) -> None:
        def history(begin: float) -> list[Request]:
            lost = unknown(begin, begin + 1, 2, "b")
            seen = read(begin, begin + 0.5, 2, "b", "B")
            return self.allowed(saved(0, 1, 1, "a", "A"), lost, seen, read(begin + 3, begin + 4, 1, "a", "A"))

        self.right(*history(12))
        self.wrong(*history(22))
        refused = at(13, 14, SAVE, Outcome.REFUSED, 1, "c", seen_version=2)
        self.right(*self.allowed(unknown(12, 14, 2, "b"), refused, nothing(16, 17)))
        failed = at(13, 14, SAVE, Outcome.FAILED, 1, "c", if_none_match="*")
        self.right(*self.allowed(unknown(12, 14, 2, "b"), failed, nothing(16, 17)))
        self.wrong(*self.allowed(failed, nothing(16, 17)))

    def test_what_nobody_has_written_is_not_seen(self) -> None:
        self.wrong(*self.allowed(unknown(12, 13, 2, "b"), read(12, 13, 2, "c", "C")))
        self.wrong(*self.allowed(unknown(14, 15, 2, "b"), read(12, 13, 2, "b", "B")))

    def test_many_that_show_nothing_are_no_matter(self) -> None:
        """Each may be left out, or be at any later time: the search ends nevertheless, before it is given up."""
        undone = [at(1, 2, SAVE, Outcome.FAILED, 1, f"f{n}", if_match='"x"', may_be_undone=True) for n in range(40)]
        self.right(unknown(0, 1, 5, "u"), *undone, saved(3, 4, 1, "s", "S"), read(5, 6, 5, "u", "U"))
        self.wrong(unknown(0, 1, 5, "u"), *undone, saved(3, 4, 1, "s", "S"), read(5, 6, 4, "other", "O"))

    def test_acknowledged_saves_stay(self) -> None:
        self.wrong(*self.allowed(saved(12, 13, 1, "a", "A"), nothing(14.5, 15)))
        self.wrong(*self.allowed(saved(12, 13, 1, "a", "A"), saved(14, 15, 1, "b", "B")))


class OneAfterTheOther(Histories):
    def test_saves_and_reads(self) -> None:
        self.right(nothing(0, 1), saved(2, 3, 1, "a", "A"), read(4, 5, 1, "a", "A"), replaced(6, 7, 2, "b", "B"))
        self.wrong(saved(0, 1, 1, "a", "A"), read(2, 3, 1, "b", "A"))
        self.wrong(saved(0, 1, 1, "a", "A"), read(2, 3, 1, "a", "B"))
        self.wrong(saved(0, 1, 1, "a", "A"), read(2, 3, 2, "a", "A"))
        self.wrong(replaced(0, 1, 1, "a", "A"))

    def test_a_stale_read(self) -> None:
        self.wrong(saved(0, 1, 1, "a", "A"), replaced(2, 3, 2, "b", "B"), read(4, 5, 1, "a", "A"))
        self.wrong(saved(0, 1, 1, "a", "A"), nothing(2, 3))
        self.right(saved(0, 1, 1, "a", "A"), replaced(2, 5, 2, "b", "B"), read(4, 6, 1, "a", "A"))

    def test_a_lost_acknowledged_save(self) -> None:
        history = [saved(0, 1, 1, "a", "A"), replaced(2, 3, 2, "b", "B")]
        self.wrong(*history, replaced(4, 5, 2, "c", "C", if_match="A"))
        self.wrong(*history, at(4, 5, SAVE, Outcome.REFUSED, 0, "c", seen_version=1))
        self.right(*history, at(4, 5, SAVE, Outcome.REFUSED, 1, "c", seen_version=2))

    def test_versions(self) -> None:
        first = saved(0, 1, 5, "a", "A")
        self.wrong(first, replaced(2, 3, 4, "b", "B"))
        self.right(first, replaced(2, 3, 5, "b", "B"))
        self.wrong(first, at(2, 3, SAVE, Outcome.REFUSED, 6, "b", seen_version=5))
        self.wrong(first, at(2, 3, SAVE, Outcome.REFUSED, 5, "b", seen_version=5))
        self.wrong(first, at(2, 3, SAVE, Outcome.REFUSED, 4, "b", seen_version=6))

    def test_unchanged(self) -> None:
        first = saved(0, 1, 5, "a", "A")
        self.right(first, saved(2, 3, 5, "a", "A"))
        self.wrong(first, saved(2, 3, 5, "a", "B"))  # it changed after all
        self.wrong(first, replaced(2, 3, 5, "a", "B"))
        self.wrong(first, saved(2, 3, 5, "b", "A"))  # "unchanged" of another state
        self.wrong(first, replaced(2, 3, 6, "b", "B"), saved(4, 5, 5, "a", "A"))

    def test_preconditions(self) -> None:
        first = saved(0, 1, 1, "a", "A")
        failed = at(2, 3, SAVE, Outcome.FAILED, 2, "b", if_match="A")
        self.right(first, replaced(2, 3, 2, "b", "B", if_match="A"))
        self.wrong(first, replaced(2, 3, 2, "b", "B", if_match="X"))
        self.wrong(first, failed)
        self.right(first, replaced(1, 2, 1, "c", "C"), failed)
        self.wrong(at(0, 1, SAVE, Outcome.SAVED, 1, "a", tag="A", if_match="*"))
        self.right(at(0, 1, SAVE, Outcome.SAVED, 1, "a", tag="A", if_none_match="*"))
        self.wrong(first, replaced(2, 3, 2, "b", "B", if_none_match="*"))
        self.right(first, at(2, 3, SAVE, Outcome.FAILED, 2, "b", if_none_match="*"))
        # This very save has happened: no conflict with oneself.
        self.right(first, saved(2, 3, 1, "a", "A", if_none_match="*"))
        self.wrong(first, at(2, 3, SAVE, Outcome.FAILED, 1, "a", if_none_match="*"))

    def test_deletes(self) -> None:
        first = saved(0, 1, 1, "a", "A")
        self.right(first, deleted(2, 3), nothing(4, 5), at(6, 7, DELETE, Outcome.NOTHING))
        self.wrong(first, at(2, 3, DELETE, Outcome.NOTHING))
        self.wrong(first, deleted(2, 3), deleted(4, 5))
        self.wrong(first, deleted(2, 3), read(4, 5, 1, "a", "A"))
        self.wrong(first, deleted(2, 3, if_match="X"))
        self.right(first, at(2, 3, DELETE, Outcome.FAILED, if_match="X"))
        self.right(first, deleted(2, 3, if_match="A"), at(4, 5, DELETE, Outcome.FAILED, if_match="A"))

    def test_tags_do_not_come_again(self) -> None:
        self.right(saved(0, 1, 1, "a", "A"), deleted(2, 3), saved(4, 5, 1, "a", "B"))
        self.wrong(saved(0, 1, 1, "a", "A"), deleted(2, 3), saved(4, 5, 1, "a", "A"))
        self.wrong(saved(0, 1, 1, "a", "A"), deleted(2, 3), unknown(4, 5, 1, "a"), read(6, 7, 1, "a", "A"))

    def test_not_modified(self) -> None:
        first = saved(0, 1, 1, "a", "A")
        self.right(first, at(2, 3, GET, Outcome.NOT_MODIFIED, if_none_match="A"))
        self.wrong(first, replaced(2, 3, 2, "b", "B"), at(4, 5, GET, Outcome.NOT_MODIFIED, if_none_match="A"))

    def test_documents_in_refusals(self) -> None:
        first = saved(0, 1, 5, "a", "A")
        refused = {"kind": SAVE, "outcome": Outcome.REFUSED, "version": 4, "state": "b", "seen_version": 5}
        self.right(first, at(2, 3, **refused, seen=(5, "a"), tag="A"))
        self.wrong(first, at(2, 3, **refused, seen=(5, "c"), tag="A"))
        self.wrong(first, at(2, 3, **refused, seen=(5, "a"), tag="B"))


class AtTheSameTime(Histories):
    def test_either_order(self) -> None:
        both = (replaced(2, 9, 2, "b", "B"), replaced(2, 9, 2, "c", "C"))
        for last in (read(10, 11, 2, "b", "B"), read(10, 11, 2, "c", "C")):
            self.right(saved(0, 1, 1, "a", "A"), *both, last)

    def test_one_of_two_preconditions_holds(self) -> None:
        first, won = saved(0, 1, 1, "a", "A"), replaced(2, 9, 2, "b", "B", if_match="A")
        self.right(first, won, at(2, 9, SAVE, Outcome.FAILED, 2, "c", if_match="A"))
        self.wrong(first, won, replaced(2, 9, 2, "c", "C", if_match="A"))

    def test_what_was_read_stays(self) -> None:
        slow = replaced(2, 9, 2, "b", "B")
        self.right(saved(0, 1, 1, "a", "A"), slow, read(3, 4, 1, "a", "A"), read(5, 6, 2, "b", "B"))
        self.wrong(saved(0, 1, 1, "a", "A"), slow, read(3, 4, 2, "b", "B"), read(5, 6, 1, "a", "A"))


class UnknownOutcomes(Histories):
    first = saved(0, 1, 1, "a", "A")

    def test_it_may_have_happened_or_not(self) -> None:
        lost = unknown(2, 3, 2, "b")
        self.right(self.first, lost, read(4, 5, 1, "a", "A"))
        self.right(self.first, lost, read(4, 5, 2, "b", "B"))

    def test_it_may_happen_at_any_later_time_but_once(self) -> None:
        lost = unknown(2, 3, 2, "b")
        history = [self.first, lost, read(4, 5, 1, "a", "A"), read(6, 7, 2, "b", "B")]
        self.right(*history)
        self.wrong(*history, replaced(8, 9, 2, "c", "C"), read(10, 11, 2, "b", "B"))
        self.wrong(*history, replaced(8, 9, 2, "c", "C"), read(10, 11, 2, "b", "X"))
        self.wrong(lost, read(0, 1, 2, "b", "B"))  # not before it was sent

    def test_its_rules_hold_whenever_it_happens(self) -> None:
        second = replaced(4, 5, 3, "c", "C")
        self.wrong(self.first, unknown(2, 3, 2, "b"), second, read(6, 7, 2, "b", "B"))
        self.wrong(self.first, unknown(2, 3, 3, "b", if_match="A"), second, read(6, 7, 3, "b", "B"))
        self.right(self.first, unknown(2, 3, 3, "b", if_match="A"), read(6, 7, 3, "b", "B"))

    def test_deletes(self) -> None:
        lost = at(2, 3, DELETE, Outcome.UNKNOWN)
        self.right(self.first, lost, read(4, 5, 1, "a", "A"), nothing(6, 7))
        self.wrong(self.first, lost, nothing(4, 5), read(6, 7, 1, "a", "A"))
        self.wrong(self.first, lost, nothing(4, 5), saved(6, 7, 1, "b", "B"), nothing(8, 9))

    def test_what_is_storage_unavailable_never_happens(self) -> None:
        lost = at(2, 3, SAVE, Outcome.NOT_DONE, 2, "b")
        self.right(self.first, lost, read(4, 5, 1, "a", "A"))
        self.wrong(self.first, lost, read(4, 5, 2, "b", "B"))
        self.wrong(self.first, at(2, 3, DELETE, Outcome.NOT_DONE), nothing(4, 5))

    def test_an_own_tag_is_seen_once(self) -> None:
        lost = unknown(2, 3, 2, "b")
        self.wrong(self.first, lost, read(4, 5, 2, "b", "B"), read(6, 7, 2, "b", "C"))
        self.wrong(self.first, lost, read(4, 5, 2, "b", "A"))

    def test_many(self) -> None:
        lost = [unknown(2 + i, 3 + i, 2, f"lost {i}") for i in range(10)]
        reads = [read(20 + 2 * i, 21 + 2 * i, 2, f"lost {i}", f"L{i}") for i in range(10)]
        self.right(self.first, *lost, *reads)
        self.wrong(self.first, *lost, *reads, read(90, 91, 2, "lost 3", "L3"))
        refusals = [at(i, i + 1, SAVE, Outcome.REFUSED, 0, "x", seen_version=1) for i in range(20, 30)]
        self.right(self.first, *lost, *refusals)


class SentAgain(Histories):
    """A worker that sends a save again whose answer it has not seen: it happens twice."""

    old = saved(0, 1, 5, "old", "O")

    def test_over_an_acknowledged_save(self) -> None:
        self.wrong(
            self.old,
            replaced(2, 9, 5, "first", "F"),
            read(3, 4, 5, "first", "F"),
            replaced(5, 6, 5, "second", "S", if_match="F"),
            read(10, 11, 5, "first", "F"),
        )

    def test_over_an_acknowledged_delete(self) -> None:
        self.wrong(
            self.old,
            saved(2, 9, 5, "first", "F"),
            read(3, 4, 5, "first", "F"),
            deleted(5, 6, if_match="F"),
            read(10, 11, 5, "first", "F"),
        )

    def test_told_that_its_precondition_failed_by_itself(self) -> None:
        self.wrong(
            self.old,
            at(2, 9, SAVE, Outcome.FAILED, 6, "first", if_match="O"),
            read(3, 4, 6, "first", "F"),
            replaced(5, 6, 7, "second", "S"),
        )

    def test_a_delete_that_nginx_sends_again(self) -> None:
        failed = at(2, 9, DELETE, Outcome.FAILED, if_match="O", is_sent_again=True)
        self.right(self.old, failed, nothing(10, 11))
        self.wrong(self.old, failed, read(10, 11, 5, "old", "O"))
        self.wrong(self.old, at(2, 9, DELETE, Outcome.FAILED, if_match="O"), nothing(10, 11))
        self.right(self.old, failed, nothing(3, 4), saved(5, 6, 1, "new", "N"), read(10, 11, 1, "new", "N"))
        self.wrong(self.old, failed, nothing(3, 4), saved(5, 6, 1, "new", "N"), nothing(10, 11))

    def test_told_that_it_is_not_known(self) -> None:
        for end in ((read(10, 11, 5, "second", "S"),), ()):
            self.right(
                self.old,
                unknown(2, 9, 5, "first"),
                read(3, 4, 5, "first", "F"),
                replaced(5, 6, 5, "second", "S", if_match="F"),
                *end,
            )


class Simulated(Histories):
    """Histories that a register has really had, in each order of four requests, are all found right."""

    def test_every_order(self) -> None:
        from register import Register

        kinds = [
            lambda i: saved(i, 100 + i, 1, f"s{i}", f"T{i}"),
            lambda i: replaced(i, 100 + i, 2, f"r{i}", f"R{i}"),
            lambda i: deleted(i, 100 + i),
            lambda i: nothing(i, 100 + i),
            lambda i: unknown(i, 100 + i, 3, f"u{i}"),
        ]
        count = 0
        for chosen in itertools.product(kinds, repeat=4):
            requests = [make(number) for number, make in enumerate(chosen)]
            register: Register | None = Register()
            for request in requests:
                register = register and register.after(request)
            if register is not None:
                count += 1
                self.right(*requests[::-1])
        self.assertGreater(count, 20)


if __name__ == "__main__":
    unittest.main()
