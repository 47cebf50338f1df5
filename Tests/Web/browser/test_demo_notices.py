"""The notices of the demo's page: conflicts, outages, and where they are shown."""

from __future__ import annotations

from demo_page import DemoTest, click, one, wait_for
from device import Device
from selenium.webdriver.common.by import By


class DemoNotices(DemoTest):
    def _edit_on_both(self, first: str, second: str) -> None:
        """Two devices that know nothing of each other change `state`; the other one comes second, and has the conflict."""
        self._enter(self.device)
        self._enter(self.other)
        for device, change in ((self.device, first), (self.other, second)):
            self._go_offline(device)
            device.run(f"dashboardStore.setState((state) => ({change}))")
        for device in (self.device, self.other):
            wait_for(device, "offline")
            self._go_online(device)
        self.other.wait("document.querySelector('[data-testid=conflict]')")

    def test_a_conflict_is_shown_and_undone(self) -> None:
        self._enter(self.device)
        self._rename(self.device, 0, "Old")
        wait_for(self.device, "synced")
        self._enter(self.other)
        for device in (self.device, self.other):
            self._go_offline(device)
        self._rename(self.device, 0, "First")
        self._rename(self.other, 0, "Second")
        for device in (self.device, self.other):
            wait_for(device, "offline")
            self._go_online(device)
        self.other.wait("document.querySelector('[data-testid=conflict]')")
        notice = one(self.other, "conflict").text
        self.assertIn("First", notice)
        self.assertIn("Second", notice)
        self.assertEqual(self._title(self.other, 0), "First")
        click(self.other, "conflict-undo")
        self.other.wait("!document.querySelector('[data-testid=conflict]')")
        self.assertEqual(self._title(self.other, 0), "Second")
        wait_for(self.other, "synced")
        self.assertEqual(self.stored()["widgets"][0]["title"], "Second")

    def _marked(self, device: Device) -> list[str]:
        return device.run(
            "return [...document.querySelectorAll('[data-testid=widget]')].filter((widget) => "
            "widget.querySelector('[data-testid=mark]').checkVisibility()).map(({ariaLabel}) => ariaLabel)"
        )

    def test_a_conflict_names_its_widgets_and_marks_them_and_each_place_is_undone_by_itself(self) -> None:
        change = "{...state, widgets: state.widgets.map((widget) => widget.title === 'Visitors' ? {...widget, title: '%s', x: %d}"
        change += " : widget.title === 'Orders' ? {...widget, title: '%s'} : widget)}"
        self._edit_on_both(change % ("Guests", 4, "Sales"), change % ("People", 2, "Deals"))
        notice = one(self.other, "conflict")
        self.assertIn("“Guests” and “Sales” were also changed on another device", notice.text)
        marked = [f"{title} chart, also changed on another device" for title in ("Guests, Line", "Sales, Bar")]
        self.assertEqual(self._marked(self.other), marked)
        self.assertEqual(self._marked(self.device), [])

        def undo(name: str) -> None:
            [button] = [
                button for button in self.other.driver.find_elements(By.CSS_SELECTOR, "[data-testid=conflict-undo-one]")
                if button.accessible_name == name
            ]
            button.click()

        undo("Undo: title of Guests")
        self.other.wait("document.querySelectorAll('[data-testid=conflict-undo-one]').length === 2")
        visitors = "return dashboardStore.getState().widgets.find(({kind, project}) => kind === 'line' && project === 'apollo')"
        self.assertEqual([self.other.run(visitors)[key] for key in ("title", "x")], ["People", 4])
        # The keyboard goes on from where it was.
        self.assertTrue(self.other.run("return document.querySelector('[data-testid=conflict]').contains(document.activeElement)"))
        undo("Undo: place of People")
        self.other.wait("document.querySelectorAll('[data-testid=conflict-undo-one]').length === 1")
        self.assertEqual([self.other.run(visitors)[key] for key in ("title", "x")], ["People", 2])
        self.assertEqual(self._marked(self.other), marked[1:])
        # Its name leads to it.
        self.other.run("document.querySelector('[data-testid=conflict] .link').click()")
        self.assertEqual(self.other.run("return document.activeElement.ariaLabel"), marked[1])
        click(self.other, "conflict-dismiss")
        self.other.wait("!document.querySelector('[data-testid=conflict]')")
        self.assertEqual(self._marked(self.other), [])
        wait_for(self.other, "synced")
        titles = {widget["title"] for widget in self.stored()["widgets"]}
        self.assertLessEqual({"People", "Sales"}, titles)

    def test_dismissing_a_notice_hides_it_and_changes_no_status(self) -> None:
        self._enter(self.device)
        self._go_offline(self.device)
        wait_for(self.device, "offline")
        notice = one(self.device, "error")
        self.assertTrue(notice.is_displayed())
        before = self.device.run("return dashboardStore.syncError.kind")
        click(self.device, "error-dismiss")
        self.assertFalse(notice.is_displayed())
        self.assertEqual(self.device.run("return dashboardStore.syncError?.kind"), before)
        self.assertEqual(one(self.device, "sync-state").get_attribute("data-state"), "offline")
        # Nor does it come back while the same lasts: with an edit, and with another attempt that fails.
        self._rename(self.device, 0, "Made offline")
        self.device.run_async("await dashboardStore.syncToServer()")
        self.device.wait("document.querySelector('[data-testid=sync-state]').textContent.includes('1 change kept')")
        self.assertFalse(notice.is_displayed())
        self._go_online(self.device)
        self._go_offline(self.device)
        wait_for(self.device, "offline")
        self.assertTrue(notice.is_displayed())

    def test_on_a_phone_notices_cover_no_work_and_nothing_important_is_cut_off(self) -> None:
        change = "{...state, widgets: state.widgets.map((widget) => ({...widget, title: widget.title + ' %s'}))}"
        self._edit_on_both(change % "there", change % "here")
        self._go_offline(self.other)
        wait_for(self.other, "offline")
        self._rename(self.other, 0, "One of the changes that are kept")
        self.other.wait("document.querySelector('[data-testid=sync-state]').textContent.includes('kept on this device')")
        self.assertTrue(one(self.other, "error").is_displayed())
        for width in (375, 320):
            self._as_phone(self.other, width)
            notices, app, chip = (self.other.driver.find_element(By.ID, name).rect for name in ("notices", "app", "sync-state"))
            self.assertLessEqual(app["y"] + app["height"], notices["y"] + 1)
            self.assertLessEqual(chip["y"] + chip["height"], app["y"])
            self.assertLessEqual(notices["y"] + notices["height"], 741)
            # There is room to work in, and the notices can be scrolled.
            self.assertGreater(app["height"], 740 * 0.35)
            cut = self.other.run(
                "return [...document.querySelectorAll('#sync-state span, .notice p, .notice summary, .notice li span, .button, h1, "
                ".tabs span, .task span, .palette-button span')].filter((element) => element.checkVisibility() && "
                "(element.scrollWidth > element.clientWidth + 1 && element.clientWidth > 0 || "
                "element.getBoundingClientRect().right > innerWidth)).map(({textContent}) => textContent)"
            )
            self.assertEqual(cut, [])
