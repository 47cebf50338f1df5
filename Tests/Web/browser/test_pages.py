"""Pages that come and go, tabs, and users who share a browser."""

import contextlib

import device
from device import BrowserTest


class Pages(BrowserTest):
    def test_an_edit_reaches_the_server_though_its_tab_is_closed_before_the_debounce_ends(self) -> None:
        self.device.start(query="debounce=600000")
        first = self.device.driver.current_window_handle
        # Chromium ends a tab that does not close in time, as on a machine that does more than it can. So it gets several.
        for name in ("one", "two", "three"):
            self.device.new_tab("/test/bare.html?debounce=600000")
            self.device.wait("store.lastSyncedAt !== null && !store.isSyncing")
            self.device.edit(f"{{...state, widgets: [{{id: '{name}'}}]}}")
            self.device.driver.close()
            self.device.driver.switch_to.window(first)
            with contextlib.suppress(TimeoutError):
                self.wait_stored(lambda state, name=name: state == {"widgets": [{"id": name}]}, "the last edit")
                return
        self.fail("no edit reached the server")

    def test_an_edit_too_large_to_outlive_its_tab_is_sent_at_the_next_load(self) -> None:
        self.device.start(query="debounce=600000")
        self.device.edit("{...state, widgets: [{id: 'large', text: 'x'.repeat(200000)}]}")
        self.device.driver.get("about:blank")
        self.device.open("/test/bare.html")
        self.assertEqual(self.device.state["widgets"][0]["id"], "large")
        self.device.wait_synced()
        self.assertEqual(len(self.stored()["widgets"][0]["text"]), 200_000)

    def test_a_reload_right_after_an_edit_loses_nothing(self) -> None:
        self.device.start(query="debounce=600000")
        for number in range(3):
            self.device.edit(f"{{...state, widgets: [...state.widgets, {{id: {number}}}]}}")
            self.device.driver.refresh()
            self.device.wait("window.isReady && window.store")
            self.assertEqual([w["id"] for w in self.device.state["widgets"]], list(range(number + 1)))
        self.assertEqual(self.device.sync(), "synced")
        self.assertEqual([w["id"] for w in self.stored()["widgets"]], [0, 1, 2])

    def test_two_tabs_follow_each_other_and_one_of_them_saves(self) -> None:
        self.device.start(query="debounce=300")
        first = self.device.driver.current_window_handle
        second = self.device.new_tab("/test/bare.html?debounce=300")
        self.device.wait("store.lastSyncedAt !== null && !store.isSyncing")
        posts = device.service.requests("POST")
        self.device.edit("{...state, widgets: [{id: 'second'}]}")
        self.device.driver.switch_to.window(first)
        self.device.wait("store.getState().widgets.length === 1")
        self.device.wait_synced()
        self.device.driver.switch_to.window(second)
        self.device.wait_synced()
        # Time enough for the first tab to step in, if it thought it had to.
        self.device.run_async("await new Promise((resolve) => setTimeout(resolve, 1000))")
        self.assertEqual(device.service.requests("POST"), posts + 1)
        self.assertEqual(self.stored(), {"widgets": [{"id": "second"}]})

    def test_a_tab_that_is_killed_is_stood_in_for_by_another(self) -> None:
        self.device.start(query="debounce=300")
        first = self.device.driver.current_window_handle
        self.device.new_tab("/test/bare.html?debounce=600000")
        self.device.wait("store.lastSyncedAt !== null && !store.isSyncing")
        self.device.edit("{...state, widgets: [{id: 'orphan'}]}")
        # As if the tab had crashed: it does nothing more, not even at its end.
        self.device.run("store.destroy()")
        self.device.driver.close()
        self.device.driver.switch_to.window(first)
        self.device.wait_synced()
        self.assertEqual(self.stored(), {"widgets": [{"id": "orphan"}]})

    def test_another_user_on_the_same_browser_sees_nothing_of_the_first(self) -> None:
        self.device.start("alice")
        self.device.edit("{...state, widgets: [{id: 'secret of alice'}]}")
        self.assertEqual(self.device.run_async("return (await store.signOut()).status"), "cleared")
        self.assertEqual(self.device.state, {"widgets": []})
        self.assertEqual(self.device.run("return JSON.stringify({...localStorage})"), "{}")
        self.device.start("bob")
        self.assertEqual(self.device.state, {"widgets": []})
        self.device.edit("{...state, widgets: [{id: 'of bob'}]}")
        self.device.wait_synced()
        self.assertEqual(self.stored("alice"), {"widgets": [{"id": "secret of alice"}]})
        self.assertEqual(self.stored("bob"), {"widgets": [{"id": "of bob"}]})

    def test_another_user_sees_nothing_of_one_who_left_without_signing_out(self) -> None:
        self.device.start("alice", query="debounce=600000")
        self.device.set_offline(True)
        self.device.edit("{...state, widgets: [{id: 'unsynced'}]}")
        self.device.run("store.destroy()")
        self.device.set_offline(False)
        self.device.start("bob")
        self.assertEqual(self.device.state, {"widgets": []})
        # Nothing of the first is lost either.
        self.device.start("alice")
        self.device.wait_synced()
        self.assertEqual(self.stored("alice"), {"widgets": [{"id": "unsynced"}]})

    def test_signing_out_in_one_tab_signs_out_the_other(self) -> None:
        self.device.start()
        first = self.device.driver.current_window_handle
        self.device.edit("{...state, widgets: [{id: 'a'}]}")
        self.device.wait_synced()
        self.device.new_tab("/test/bare.html")
        self.device.run_async("await store.signOut()")
        self.device.driver.switch_to.window(first)
        self.device.wait("store.getState().widgets.length === 0")
        self.assertEqual(self.device.run("return JSON.stringify({...localStorage})"), "{}")

    def test_a_tab_of_one_user_never_speaks_for_another_who_signed_in_beside_it(self) -> None:
        self.device.start("alice")
        self.device.edit("{...state, widgets: [{id: 'first of alice'}]}")
        self.device.wait_synced()
        self.device.sign_in("bob")
        self.device.edit("{...state, widgets: [{id: 'second of alice'}]}")
        self.device.wait("store.syncError?.httpStatus === 403")
        self.device.restore()
        self.assertEqual(self.device.state, {"widgets": [{"id": "second of alice"}]})
        self.assertEqual(device.service.redis("keys", "*"), "hyvve:dashboard:state:alice:main")
        self.device.start("alice")
        self.device.wait_synced()
        self.assertEqual(self.stored("alice"), {"widgets": [{"id": "second of alice"}]})
