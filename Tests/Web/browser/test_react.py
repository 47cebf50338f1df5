"""The hook in a real React, in its strict mode, which mounts everything twice."""

from device import BrowserTest


class React(BrowserTest):
    def setUp(self) -> None:
        super().setUp()
        self.device.start()
        self.device.edit("{...state, widgets: [{id: 'a'}]}")
        self.device.wait_synced()
        self.device.run("store.destroy(); localStorage.clear()")
        self.device.open("/test/react.html", ready="window.isReady && document.getElementById('shown')")

    def _shown(self, text: str) -> None:
        self.device.wait(f"document.getElementById('shown').textContent === '{text}'")

    def test_the_hook_restores_once_for_each_sign_in(self) -> None:
        self._shown("0 widgets, no error")
        self.assertEqual(self.device.run("return requests"), [])
        self.device.run("setAuthenticated(true)")
        self._shown("1 widgets, no error")
        self.device.run("setAuthenticated(true)")
        self.assertEqual(self.device.run("return requests"), ["GET 200"])
        self.assertTrue(self.device.run("return rendered.some(({isSyncing}) => isSyncing)"))
        self.device.run("setAuthenticated(false)")
        self.device.run("setTimeout(() => setAuthenticated(true))")
        self.device.wait("requests.length === 2 && !sync.isSyncing")
        self.assertEqual(self.device.run("return requests"), ["GET 200", "GET 304"])

    def test_the_hook_shows_what_happens_and_its_functions_stay_the_same(self) -> None:
        self.device.run("setAuthenticated(true)")
        self._shown("1 widgets, no error")
        self.device.edit("{...state, widgets: []}")
        self.device.wait("rendered.some(({hasUnsyncedChanges}) => hasUnsyncedChanges) && !sync.hasUnsyncedChanges")
        self.assertEqual(self.device.run("return typeof sync.lastSyncedAt"), "number")
        self.device.edit("{...state, scroll: 1}")
        self.assertEqual(self.device.run_async("return (await sync.syncNow()).status"), "synced")
        self.assertEqual(self.stored(), {"widgets": [], "scroll": 1})
        self.assertEqual(self.device.run_async("return (await sync.restoreNow()).status"), "synced")
        # Strict mode renders the first time twice, as two components.
        self.assertEqual(self.device.run("return new Set(rendered.slice(2).map(({syncNow}) => syncNow)).size"), 1)

    def test_the_hook_shows_an_error_until_it_is_cleared(self) -> None:
        self.device.run("setAuthenticated(true)")
        self._shown("1 widgets, no error")
        self.device.driver.delete_all_cookies()
        self.device.edit("{...state, widgets: []}")
        self._shown("0 widgets, 401")
        self.device.run("sync.clearError()")
        self._shown("0 widgets, no error")
        self.device.run("unmount()")
