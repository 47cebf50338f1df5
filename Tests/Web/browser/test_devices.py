"""Two browser profiles as two devices of one user."""

from device import BrowserTest


class Devices(BrowserTest):
    def test_what_one_device_edits_the_other_one_has(self) -> None:
        self.device.start()
        self.other.start(query="staleAfter=0")
        self.device.edit("{...state, widgets: [{id: 'a', x: 1}], activeProject: 'apollo', ui: {open: true}}")
        self.device.wait_synced()
        # As when the user comes back to the page.
        self.other.run("dispatchEvent(new Event('focus'))")
        self.other.wait("store.getState().activeProject === 'apollo'")
        self.assertEqual(self.other.state, {"widgets": [{"id": "a", "x": 1}], "activeProject": "apollo"})
        self.other.edit("{...state, activeProject: 'gemini'}")
        self.other.wait_synced()
        self.assertEqual(self.device.restore(), "synced")
        self.assertEqual(self.device.state["activeProject"], "gemini")
        self.assertEqual(self.device.state["ui"], {"open": True})

    def test_what_is_stored_comes_back_after_the_browser_has_lost_its_storage(self) -> None:
        self.device.start(query="checksum")
        self.device.edit("{widgets: [{id: 'a'}], text: 'ö😀'}")
        self.device.wait_synced()
        self.device.run("store.destroy(); localStorage.clear()")
        self.device.open()
        self.device.wait("store.getState().widgets.length === 1")
        self.assertEqual(self.device.state, {"widgets": [{"id": "a"}], "text": "ö😀"})

    def test_a_sign_in_restores_on_a_device_that_has_never_seen_the_user(self) -> None:
        self.device.start()
        self.device.edit("{widgets: [{id: 'a'}]}")
        self.device.wait_synced()
        self.other.open()
        self.assertIsNone(self.other.run("return window.user"))
        self.other.start()
        self.assertEqual(self.other.state, {"widgets": [{"id": "a"}]})

    def test_edits_without_overlap_that_two_devices_make_offline_are_both_kept(self) -> None:
        self._both_have("[{id: 'a', x: 0}, {id: 'b', x: 0}]")
        for one in (self.device, self.other):
            one.set_offline(True)
        self.device.edit("{...state, widgets: [{id: 'a', x: 1}, {id: 'b', x: 0}, {id: 'mine', x: 0}]}")
        self.other.edit("{...state, widgets: [{id: 'b', x: 2}, {id: 'a', x: 0}, {id: 'theirs', x: 0}], activeProject: 'gemini'}")
        for one in (self.device, self.other):
            one.wait("store.syncError?.kind === 'unavailable'")
            one.set_offline(False)
            one.wait_synced()
        self.device.restore()
        expected = {"a": 1, "b": 2, "mine": 0, "theirs": 0}
        for one in (self.device, self.other):
            self.assertEqual({w["id"]: w["x"] for w in one.state["widgets"]}, expected)
            self.assertEqual(one.state["activeProject"], "gemini")
            self.assertEqual(one.run("return store.conflicts"), [])
        self.assertEqual(self.device.state, self.other.state)

    def test_a_conflict_is_reported_and_what_lost_can_be_put_back(self) -> None:
        self._both_have("[{id: 'a', x: 0}]")
        self._overlap()
        self.assertEqual(self.other.state["widgets"], [{"id": "a", "x": 1}])
        [conflict] = self.other.run("return store.conflicts")
        [item] = conflict["items"]
        self.assertEqual(item["path"], ["widgets", {"id": "a"}, "x"])
        self.assertEqual((item["kept"], item["lost"]), (1, 2))
        # It is still there for who comes back later.
        self.other.open()
        self.other.run("store.restoreLost(arguments[0])", conflict["id"])
        self.assertEqual(self.other.run("return store.conflicts"), [])
        self.other.wait_synced()
        self.assertEqual(self.stored()["widgets"], [{"id": "a", "x": 2}])
        self.device.restore()
        self.assertEqual(self.device.state["widgets"], [{"id": "a", "x": 2}])

    def test_the_device_wins_a_conflict_where_the_application_says_so(self) -> None:
        self._both_have("[{id: 'a', x: 0}]", query="policy=client")
        self._overlap()
        self.assertEqual(self.other.state["widgets"], [{"id": "a", "x": 2}])
        self.assertEqual(self.other.run("return store.conflicts[0].items[0].lost"), 1)
        self.other.wait_synced()
        self.assertEqual(self.stored()["widgets"], [{"id": "a", "x": 2}])

    def _both_have(self, widgets: str, query: str = "") -> None:
        self.device.start(query=query)
        self.device.edit(f"{{...state, widgets: {widgets}}}")
        self.device.wait_synced()
        self.other.start(query=query)
        self.assertEqual(self.other.state, self.device.state)

    def _overlap(self) -> None:
        """Both set the same value; the other one hears of it when it saves."""
        self.device.edit("{...state, widgets: [{id: 'a', x: 1}]}")
        self.device.wait_synced()
        self.other.edit("{...state, widgets: [{id: 'a', x: 2}]}")
        self.other.wait("store.conflicts.length === 1")
