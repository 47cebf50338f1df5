"""Every outcome of a save, small and sent ahead of the script, on every server."""

from __future__ import annotations

from cases import LARGE, TTL, Checks, on_every_server
from workbench import KEY, document

OTHER_TAG = '"AAAAAAAAAAAAAAAAAAAAAA"'


class Outcomes(Checks):
    """Each outcome, of states whose size `state` decides."""

    filler = ""

    def state(self, name: str) -> dict[str, str]:
        return {"by": name, "filler": self.filler}

    def post(self, version: int, name: str, **fields: str):
        return self.bench.post(version, self.state(name), **fields)

    def expect_stored(self, version: int, name: str) -> str:
        """Reads, and looks at what a save leaves beside the document; returns the entity tag."""
        read = self.expect(self.bench.ask("GET"), 200)
        self.assertEqual((read.json["version"], read.json["state"]), (version, self.state(name)))
        self.assertIn(self.bench.redis("TTL", KEY), range(TTL - 60, TTL + 1))
        self.assertEqual(self.bench.redis("KEYS", "*"), [KEY])
        return read.etag

    def test_saved_replaced_refused(self) -> None:
        first = self.expect_saved(self.post(5, "first"), 5)
        self.assertEqual(self.expect_stored(5, "first"), first.etag)
        self.expect_refused(self.post(4, "lower"), 5)
        self.assertEqual(self.expect_stored(5, "first"), first.etag)
        higher = self.expect_saved(self.post(6, "higher"), 6, over=True)
        self.assertEqual(self.expect_stored(6, "higher"), higher.etag)
        same_version = self.expect_saved(self.post(6, "same version"), 6, over=True)
        self.assertEqual(self.expect_stored(6, "same version"), same_version.etag)
        self.assertEqual(len({first.etag, higher.etag, same_version.etag}), 3)

    def test_unchanged_renews_the_time_to_live_and_nothing_else(self) -> None:
        first = self.expect_saved(self.post(5, "same"), 5)
        before = self.bench.stored()
        self.bench.redis("EXPIRE", KEY, 1000)
        again = self.expect_saved(self.post(5, "same"), 5)
        self.assertEqual(again.etag, first.etag)
        self.assertEqual(self.expect_stored(5, "same"), first.etag)
        self.assertEqual(self.bench.stored(), before)

    def test_times_decide_between_equal_versions(self) -> None:
        times = [f"2026-01-0{day}T00:00:00.000Z" for day in (1, 2, 3)]
        self.bench.ask("POST", document(5, self.state("a"), lastModified=times[1]))
        self.expect_refused(self.bench.ask("POST", document(5, self.state("b"), lastModified=times[0])), 5)
        self.expect_stored(5, "a")
        for name, time in (("c", times[1]), ("d", times[2])):
            self.expect_saved(self.bench.ask("POST", document(5, self.state(name), lastModified=time)), 5, over=True)
            self.expect_stored(5, name)

    def test_if_match(self) -> None:
        self.expect(self.post(1, "a", if_match="*"), 412, "precondition-failed")
        self.expect(self.post(1, "a", if_match=OTHER_TAG), 412, "precondition-failed")
        self.assertIsNone(self.bench.stored())
        tag = self.expect_saved(self.post(1, "a"), 1).etag
        self.expect(self.post(2, "b", if_match=OTHER_TAG), 412, "precondition-failed")
        self.assertEqual(self.expect_stored(1, "a"), tag)
        self.expect_refused(self.post(0, "b", if_match=tag), 1)  # the version rule still holds
        for version, matching in enumerate([tag, f"{OTHER_TAG}, W/{{}}", "*", "{}"], 2):
            tag = self.expect_saved(self.post(version, "b", if_match=matching.format(tag)), version, over=True).etag
            self.assertEqual(self.expect_stored(version, "b"), tag)

    def test_if_none_match(self) -> None:
        tag = self.expect_saved(self.post(1, "a", if_none_match="*"), 1).etag
        self.expect(self.post(2, "b", if_none_match="*"), 412, "precondition-failed")
        self.assertEqual(self.expect_stored(1, "a"), tag)

    def test_a_precondition_that_fails_by_this_very_save_is_a_success(self) -> None:
        old = self.post(1, "a").etag
        new = self.expect_saved(self.post(2, "b", if_match=old), 2, over=True).etag
        self.assertEqual(self.expect_saved(self.post(2, "b", if_match=old), 2).etag, new)
        self.assertEqual(self.expect_saved(self.post(2, "b", if_none_match="*"), 2).etag, new)
        self.expect(self.post(2, "c", if_match=old), 412, "precondition-failed")
        self.expect(self.post(3, "b", if_match=old), 412, "precondition-failed")
        self.assertEqual(self.expect_stored(2, "b"), new)

    def test_representations(self) -> None:
        tag = self.post(5, "stored").etag
        wanted = {"prefer": "return=representation"}
        refused = self.expect_refused(self.post(4, "lower", **wanted), 5)
        failed = self.expect(self.post(6, "b", if_match=OTHER_TAG, **wanted), 412, "precondition-failed")
        kept = self.expect(self.bench.ask("DELETE", if_match=OTHER_TAG, **wanted), 412, "precondition-failed")
        for answer in (refused, failed, kept):
            current = answer.json["current"]
            self.assertEqual((current["version"], current["state"]), (5, self.state("stored")))
            self.assertEqual(f'"{current["etag"]}"', tag)
        self.assertNotIn("current", self.expect_saved(self.post(6, "new", **wanted), 6, over=True).json)

    def test_scripts_that_redis_has_forgotten(self) -> None:
        tag = ""
        for version, fields in enumerate([{}, {}, {"if_match": "*"}, {"prefer": "return=representation"}], 1):
            self.bench.redis("SCRIPT", "FLUSH")
            tag = self.expect_saved(self.post(version, "a", **fields), version, over=version > 1).etag
            self.expect_stored(version, "a")
        self.bench.redis("SCRIPT", "FLUSH")
        self.expect(self.bench.ask("DELETE", if_match=tag), 200)
        self.assertIsNone(self.bench.stored())

    def test_over_what_others_have_stored(self) -> None:
        foreign = '{"state":{"a":1},"version":3,"lastModified":"2026-01-01T00:00:00.000Z"}'
        self.bench.redis("SET", KEY, foreign)
        tag = self.expect(self.bench.ask("GET"), 200).etag
        self.expect_refused(self.post(2, "a"), 3)
        self.expect(self.post(4, "a", if_match=OTHER_TAG), 412, "precondition-failed")
        self.expect_saved(self.post(4, "a", if_match=tag), 4, over=True)
        self.expect_stored(4, "a")

    def test_over_what_is_no_document(self) -> None:
        seventeen_digits = '{"version":99999999999999999,"lastModified":"x","etag":"abc","state":{"a":1}}'
        for other in (seventeen_digits, "{", "[]", '{"version":1.5,"state":{}}', '{"version":1,"state":[]}', ""):
            with self.subTest(other):
                self.bench.redis("SET", KEY, other)
                self.expect_saved(self.post(1, "a"), 1)
                self.expect_stored(1, "a")

    def test_over_another_type(self) -> None:
        self.bench.redis("RPUSH", KEY, "a list")
        self.expect(self.bench.ask("GET"), 404, "nothing-stored")
        self.expect_saved(self.post(1, "a"), 1)
        self.expect_stored(1, "a")

    def test_delete(self) -> None:
        for fields in ({}, {"if_match": "*"}):
            self.post(1, "a")
            self.assertEqual(self.expect(self.bench.ask("DELETE", **fields), 200).json, {"success": True})
            self.expect(self.bench.ask("GET"), 404, "nothing-stored")
        self.assertEqual(self.expect(self.bench.ask("DELETE"), 200).json, {"success": False})
        self.expect(self.bench.ask("DELETE", if_match="*"), 412, "precondition-failed")
        tag = self.post(1, "a").etag
        self.expect(self.bench.ask("DELETE", if_match=OTHER_TAG), 412, "precondition-failed")
        self.assertEqual(self.expect_stored(1, "a"), tag)
        self.expect(self.bench.ask("DELETE", if_match=tag), 200)
        self.assertNotEqual(self.post(1, "a").etag, tag)

    def test_reads(self) -> None:
        tag = self.post(1, "a").etag
        self.expect(self.bench.ask("GET", if_none_match=tag), 304)
        self.expect(self.bench.ask("GET", if_none_match=OTHER_TAG), 200)
        self.assertEqual(self.expect(self.bench.ask("HEAD"), 200).body, b"")


@on_every_server
class SmallSaves(Outcomes):
    pass


@on_every_server
class LargeSaves(Outcomes):
    filler = LARGE
