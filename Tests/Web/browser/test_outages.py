"""What goes wrong around a page, and loses nothing."""

import device
from device import BrowserTest


class Outages(BrowserTest):
    def test_edits_made_while_redis_is_away_are_stored_when_it_is_back(self) -> None:
        self.device.start()
        self.device.edit("{...state, widgets: [{id: 'before'}]}")
        self.device.wait_synced()
        device.service.stop_redis()
        try:
            self.device.edit("{...state, widgets: [...state.widgets, {id: 'during'}]}")
            self.device.wait("store.syncError?.httpStatus === 503")
            self.assertTrue(self.device.run("return store.hasUnsyncedChanges"))
            # The page comes and goes, and more is edited.
            self.device.open("/test/bare.html")
            self.assertEqual(len(self.device.state["widgets"]), 2)
            self.device.edit("{...state, widgets: [...state.widgets, {id: 'later'}]}")
        finally:
            device.service.start_redis()
        self.device.wait_synced()
        self.assertEqual([w["id"] for w in self.stored()["widgets"]], ["before", "during", "later"])
        self.assertEqual(self.device.run("return store.conflicts"), [])

    def test_what_the_server_has_lost_goes_there_again(self) -> None:
        self.device.start()
        self.device.edit("{...state, widgets: [{id: 'a'}]}")
        self.device.wait_synced()
        device.service.redis("flushall")
        self.device.restore()
        self.assertEqual(self.stored(), {"widgets": [{"id": "a"}]})

    def test_an_expired_sign_in_keeps_the_work_until_the_next_one(self) -> None:
        self.device.start()
        self.device.driver.delete_all_cookies()
        self.device.edit("{...state, widgets: [{id: 'a'}]}")
        self.device.wait("store.syncError?.httpStatus === 401")
        self.assertTrue(self.device.run("return store.hasUnsyncedChanges"))
        self.device.start()
        self.device.wait_synced()
        self.assertEqual(self.stored(), {"widgets": [{"id": "a"}]})

    def test_a_page_whose_storage_is_blocked_syncs_all_the_same(self) -> None:
        self.device.start(query="blocked")
        self.device.edit("{...state, widgets: [{id: 'a'}]}")
        self.assertFalse(self.device.run("return store.getStatus().isPersisted"))
        self.device.wait_synced()
        self.assertEqual(self.stored(), {"widgets": [{"id": "a"}]})

    def test_a_page_whose_storage_is_full_syncs_all_the_same(self) -> None:
        self.device.start()
        self.device.run("""
            for (let size = 4 << 20; size > 0; size >>= 1) {
                try { while (true) localStorage.setItem(`full ${Math.random()}`, 'x'.repeat(size)); } catch {}
            }
        """)
        self.device.edit("{...state, widgets: [{id: 'a', text: 'x'.repeat(10000)}]}")
        self.assertFalse(self.device.run("return store.getStatus().isPersisted"))
        self.device.wait_synced()
        self.assertEqual(self.stored()["widgets"][0]["id"], "a")

    def test_a_state_that_is_too_large_is_refused_with_a_reason_and_kept(self) -> None:
        self.device.start()
        self.device.edit("{...state, widgets: [{id: 'a', text: 'x'.repeat(1100000)}]}")
        self.device.wait("store.syncError?.httpStatus === 413")
        self.assertEqual(len(self.device.state["widgets"][0]["text"]), 1_100_000)
        self.device.edit("{...state, widgets: [{id: 'a'}]}")
        self.device.wait_synced()
        self.assertEqual(self.stored(), {"widgets": [{"id": "a"}]})
