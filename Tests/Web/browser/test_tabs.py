"""Several tabs of one browser: at the same moment, frozen, and kept for the way back."""

import device
from device import BrowserTest
from programs import wait_until

# What each tab does at a signal that all get in the same moment.
AT_THE_SIGNAL = """
    window.signals = new BroadcastChannel('signals');
    window.tab = arguments[0];
    window.signals.onmessage = ({data}) => store.setState((state) => {
        const added = [...state.widgets, {id: `${tab} ${data}`, x: data}];
        return {...state, widgets: data % 3 ? added : added.reverse()};
    });
"""


class Tabs(BrowserTest):
    def _tabs(self, count: int, query: str = "") -> list[str]:
        self.device.start(query=query)
        tabs = [self.device.driver.current_window_handle]
        for _ in range(count - 1):
            tabs.append(self.device.new_tab(f"/test/bare.html?{query}"))
            self.device.wait("store.lastSyncedAt !== null && !store.isSyncing")
        return tabs

    def _in(self, tab: str) -> None:
        self.device.driver.switch_to.window(tab)

    def _are_the_same(self, tabs: list[str]) -> bool:
        states = []
        for tab in tabs:
            self._in(tab)
            states.append(self.device.state)
        return all(state == states[0] for state in states)

    def test_what_tabs_do_in_the_same_moment_is_the_same_in_all_at_once_and_on_the_server(self) -> None:
        for policy in ("server", "client"):
            with self.subTest(policy=policy):
                self.setUp()
                tabs = self._tabs(3, f"debounce=100&policy={policy}")
                for number, tab in enumerate(tabs):
                    self._in(tab)
                    self.device.run(AT_THE_SIGNAL, number)
                rounds = 12
                for number in range(rounds):
                    # The tab that gives the signal does not hear it itself.
                    self._in(tabs[number % 3])
                    self.device.run("signals.postMessage(arguments[0]); signals.onmessage({data: arguments[0]})", number)
                for tab in tabs:
                    self._in(tab)
                    self.device.wait(f"store.getState().widgets.length === {3 * rounds}")
                # The last messages may still be on their way on a busy machine.
                wait_until(lambda: self._are_the_same(tabs), "the same state in all tabs", 10)
                for tab in tabs:
                    self._in(tab)
                    self.device.wait_synced()
                self.assertEqual(self.stored(), self.device.state)
                posts = device.service.requests("POST")
                self.device.run_async("await new Promise((resolve) => setTimeout(resolve, 1500))")
                self.assertEqual(device.service.requests("POST"), posts)

    def test_the_storage_tells_of_changes_where_there_are_no_channels(self) -> None:
        first, second = self._tabs(2, "debounce=100&channelless")
        self.device.set_offline(True)
        # As in a process that another one's writes have not reached yet: what comes, comes with the event.
        self.device.run("""
            const stale = Object.fromEntries(Object.keys(localStorage).map((key) => [key, localStorage.getItem(key)]));
            Storage.prototype.getItem = (key) => stale[key] ?? null;
            Storage.prototype.setItem = () => {};
        """)
        self._in(first)
        self.device.edit("{...state, widgets: [{id: 'of the first'}]}")
        self._in(second)
        self.device.wait("store.getState().widgets.length === 1")
        self.device.edit("{...state, widgets: [...state.widgets, {id: 'of the second'}]}")
        self.device.set_offline(False)
        self.device.wait_synced()
        self.assertEqual([widget["id"] for widget in self.stored()["widgets"]], ["of the first", "of the second"])

    def test_a_tab_that_is_frozen_while_it_sends_holds_up_nobody(self) -> None:
        first, second = self._tabs(2, "debounce=100")
        self._in(first)
        self.device.driver.execute_cdp_cmd("Network.enable", {})
        slow = {"offline": False, "latency": 60_000, "downloadThroughput": -1, "uploadThroughput": -1}
        self.device.driver.execute_cdp_cmd("Network.emulateNetworkConditions", slow)
        self.device.edit("{...state, widgets: [{id: 'sent by the frozen tab'}]}")
        self.device.wait("store.isSyncing")
        held = self.device.run_async("return (await navigator.locks.query()).held.length")
        self.assertEqual(held, 1)
        self.device.driver.execute_cdp_cmd("Page.setWebLifecycleState", {"state": "frozen"})
        self._in(second)
        self.device.edit("{...state, widgets: [...state.widgets, {id: 'of the other'}]}")
        self.device.wait_synced()
        ids = [widget["id"] for widget in self.stored()["widgets"]]
        self.assertEqual(ids, ["sent by the frozen tab", "of the other"])
        self._in(first)
        self.device.driver.execute_cdp_cmd("Page.setWebLifecycleState", {"state": "active"})
        self.device.set_offline(False)
        self.device.wait("store.getState().widgets.length === 2")
        self.device.wait_synced()
        self.assertEqual(self.device.run("return store.conflicts"), [])

    def test_a_page_that_comes_back_shows_what_was_stored_meanwhile(self) -> None:
        first, second = self._tabs(2, "debounce=100")
        self._in(first)
        self.device.edit("{...state, widgets: [{id: 'first'}]}")
        self.device.wait_synced()
        self.device.run("window.onpageshow = ({persisted}) => { window.wasKept = persisted; }")
        self.device.driver.get(device.service.site + "/test/blank.html")
        self._in(second)
        self.device.wait("store.getState().widgets.length === 1")
        self.device.set_offline(True)
        self.device.edit("{...state, widgets: [...state.widgets, {id: 'second, offline'}]}")
        self._in(first)
        self.device.driver.back()
        # From the page cache, or loaded anew where Chromium has put the page out of it.
        self.device.wait("window.isReady && window.store")
        self.device.wait("store.getState().widgets.length === 2")
        self.device.edit("{...state, widgets: [...state.widgets, {id: 'after going back'}]}")
        self.device.wait_synced()
        self.assertEqual([w["id"] for w in self.stored()["widgets"]], ["first", "second, offline", "after going back"])
        self._in(second)
        self.device.set_offline(False)
        self.device.wait_synced()
        self.assertEqual(len(self.device.state["widgets"]), 3)

    def test_a_page_of_an_old_release_stops_beside_a_new_one_and_loses_nothing(self) -> None:
        self.device.start(query="debounce=100")
        old = self.device.driver.current_window_handle
        self.device.edit("{...state, widgets: [{id: 'a'}]}")
        self.device.wait_synced()
        new = self.device.new_tab("/test/bare.html?debounce=100&schema=2")
        self.device.wait("store.lastSyncedAt !== null && !store.isSyncing")
        self.device.edit("{...state, widgets: [...state.widgets, {id: 'b'}]}")
        self.device.wait_synced()
        self._in(old)
        self.device.wait("store.syncError?.kind === 'outdated'")
        self.device.edit("{...state, widgets: [...state.widgets, {id: 'of the old page'}]}")
        self.device.open("/test/bare.html?debounce=100&schema=2")
        self.device.wait_synced()
        self.assertEqual([w["id"] for w in self.stored()["widgets"]], ["a", "b", "of the old page"])
        self._in(new)
        self.device.wait("store.getState().widgets.length === 3")
