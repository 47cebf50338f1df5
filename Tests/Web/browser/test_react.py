"""The hook in a real React, in its strict mode, which mounts everything twice."""

import os
import subprocess

import device
from device import BrowserTest
from programs import TOP


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

    def test_a_selector_renders_when_what_it_gives_has_changed_and_not_before(self) -> None:
        self.device.edit("{...state, widgets: [{id: 'a', title: 'One', x: 1}]}")
        self.device.wait("document.getElementById('titles').textContent === 'One'")
        before = self.device.run("return titles.length")
        self.device.edit("{...state, scroll: 1, widgets: [{id: 'a', title: 'One', x: 2}]}")
        self.device.edit("{...state, filters: {days: 7}}")
        self._shown("1 widgets, no error")
        self.assertEqual(self.device.run("return titles.length"), before)
        self.device.edit("{...state, widgets: [...state.widgets, {id: 'b', title: 'Two'}]}")
        self.device.wait("document.getElementById('titles').textContent === 'One, Two'")
        # Where the component renders for another reason, it is given the same object again.
        before = self.device.run("return titles.length")
        self.device.run("render()")
        self.device.wait(f"titles.length > {before}")
        self.assertTrue(self.device.run(f"return titles.slice(0, {before}).includes(titles.at(-1))"))

    def test_what_is_mounted_again_shows_what_has_happened_and_asks_for_nothing(self) -> None:
        self.device.run("setAuthenticated(true)")
        self._shown("1 widgets, no error")
        self.device.run("unmount()")
        self.device.edit("{...state, widgets: []}")
        self.device.wait("!store.hasUnsyncedChanges && !store.isSyncing")
        self.assertEqual(self.device.run("return requests"), ["GET 200", "POST 200"])
        self.device.run("mount()")
        self._shown("0 widgets, no error")
        self.device.run("setAuthenticated(true)")
        self.device.edit("{...state, widgets: [{id: 'b'}]}")
        self._shown("1 widgets, no error")
        self.device.wait("requests.length > 2 && !sync.hasUnsyncedChanges && !sync.isSyncing")
        self.assertEqual(self.device.run("return requests.filter((one) => one.startsWith('POST')).length"), 2)


    def test_a_store_that_its_component_destroys_works_in_strict_mode_and_when_it_is_mounted_again(self) -> None:
        self.device.open("/test/react.html?destroys", ready="window.isReady && document.getElementById('shown')")
        self.device.run("setAuthenticated(true)")
        self._shown("1 widgets, no error")
        self.device.edit("{...state, widgets: []}")
        self.device.wait("requests.includes('POST 200') && !sync.hasUnsyncedChanges")
        self.device.run("unmount()")
        # What comes late is ignored, and throws nothing.
        self.device.edit("{...state, widgets: [{id: 'late'}]}")
        self.device.run("mount()")
        self._shown("0 widgets, no error")
        self.device.run("setAuthenticated(true)")
        self.device.edit("{...state, widgets: [{id: 'a'}, {id: 'b'}]}")
        self._shown("2 widgets, no error")
        self.device.wait("requests.filter((one) => one === 'POST 200').length === 2 && !sync.hasUnsyncedChanges")
        self.assertEqual([w["id"] for w in self.stored()["widgets"]], ["a", "b"])


class ServerRendered(BrowserTest):
    def setUp(self) -> None:
        super().setUp()
        done = subprocess.run(
            ["node", "--import", TOP / "Tests/Web/support/with-packages.js", TOP / "Tests/Web/support/render.js"],
            # Where Debian's packages look for each other, with a node from elsewhere too.
            env={**os.environ, "NODE_PATH": "/usr/share/nodejs"},
            capture_output=True, check=True, text=True, timeout=60,
        )
        self.rendered = done.stdout
        page = device.service.web_root / "test/react-example.html"
        page.write_text(page.read_text().replace("<!-- what a server has rendered -->", self.rendered))
        self.device.sign_in()

    def _titles(self) -> list[str]:
        return self.device.run("return [...document.querySelectorAll('#titles li')].map((item) => item.textContent)")

    def test_what_a_server_rendered_comes_to_life_with_the_state_of_this_browser(self) -> None:
        self.assertIn("<li>Welcome</li>", self.rendered)
        self.device.open("/test/react-example.html")
        self.assertEqual(self._titles(), ["Welcome"])
        self.device.run("signIn()")
        self.device.wait("store.lastSyncedAt !== null && !store.isSyncing")
        self.device.run("document.getElementById('add').click()")
        self.device.run("document.getElementById('sync-now').click()")
        self.device.wait("!store.hasUnsyncedChanges && document.getElementById('sync').textContent === 'Saved'")
        self.assertEqual([w["title"] for w in self.stored()["widgets"]], ["Welcome", "New"])
        # What this browser has stored differs now from what the server renders.
        self.device.open("/test/react-example.html")
        self.device.wait("document.querySelectorAll('#titles li').length === 2")
        self.assertEqual(self._titles(), ["Welcome", "New"])
        self.assertEqual(self.device.run("return mismatches"), [])
        self.assertTrue(self.device.run("return document.querySelector('main') === serverRendered"))
