"""The page that `make demo` serves, as its users use it."""

from __future__ import annotations

from device import BrowserTest, Device
from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement


def one(device: Device, test_id: str) -> WebElement:
    return device.driver.find_element(By.CSS_SELECTOR, f'[data-testid="{test_id}"]')


def click(device: Device, test_id: str) -> None:
    device.run("arguments[0].scrollIntoView({block: 'center'})", one(device, test_id))
    one(device, test_id).click()


def widgets(device: Device) -> list[WebElement]:
    return device.driver.find_elements(By.CSS_SELECTOR, '[data-testid="widget"]')


def wait_for(device: Device, state: str) -> None:
    device.wait(f"document.querySelector('[data-testid=sync-state]').dataset.state === '{state}'", f"sync state {state}")


class Demo(BrowserTest):
    def _enter(self, device: Device, user: str = "alice", query: str = "") -> None:
        device.open(f"/{query}", ready="'ready' in document.body.dataset")
        if device.run("return document.getElementById('app').hidden"):
            click(device, f"sign-in-{user}")
        device.wait("!document.getElementById('app').hidden && window.dashboardStore?.lastSyncedAt")
        wait_for(device, "synced")

    def _rename(self, device: Device, number: int, title: str) -> None:
        field = widgets(device)[number].find_element(By.CSS_SELECTOR, "[data-testid=widget-title]")
        field.click()
        field.send_keys(Keys.CONTROL, "a")
        field.send_keys(title, Keys.ENTER)

    def _title(self, device: Device, number: int) -> str:
        field = widgets(device)[number].find_element(By.CSS_SELECTOR, "[data-testid=widget-title]")
        return field.get_property("value")

    def test_a_widget_is_added_renamed_and_removed_and_another_device_follows(self) -> None:
        self._enter(self.device)
        before = len(widgets(self.device))
        click(self.device, "add-note")
        self.device.wait(f"document.querySelectorAll('[data-testid=widget]').length === {before + 1}")
        self._rename(self.device, 0, "Renamed")
        wait_for(self.device, "synced")
        self._enter(self.other)
        self.assertEqual(len(widgets(self.other)), before + 1)
        self.assertEqual(self._title(self.other, 0), "Renamed")
        widgets(self.other)[0].find_element(By.CSS_SELECTOR, "[data-testid=remove]").click()
        self.other.wait(f"document.querySelectorAll('[data-testid=widget]').length === {before}")
        wait_for(self.other, "synced")
        click(self.device, "sync-now")
        self.device.run_async("await dashboardStore.restoreFromServer()")
        self.device.wait(f"document.querySelectorAll('[data-testid=widget]').length === {before}")

    def test_a_widget_is_dragged_and_resized_with_the_pointer(self) -> None:
        self._enter(self.device)
        first, second = widgets(self.device)[:2]
        name = first.get_attribute("data-id")

        def place(key: str) -> int:
            return self.device.run(
                "return dashboardStore.getState().widgets.find(({id}) => id === arguments[0])[arguments[1]]", name, key
            )

        x, width = place("x"), place("w")
        bar = first.find_element(By.CSS_SELECTOR, ".grip")
        ActionChains(self.device.driver).click_and_hold(bar).move_by_offset(40, 0).move_to_element(second).release().perform()
        self.assertGreater(place("x"), x)
        corner = self.device.driver.find_element(By.CSS_SELECTOR, f'[data-id="{name}"] .resize')
        ActionChains(self.device.driver).click_and_hold(corner).move_by_offset(50, 0).move_by_offset(200, 0).release().perform()
        self.assertGreater(place("w"), width)
        wait_for(self.device, "synced")

    def test_everything_can_be_done_with_the_keyboard(self) -> None:
        self.device.open("/", ready="'ready' in document.body.dataset")
        body = self.device.driver.switch_to

        def tab_to(condition: str) -> None:
            for _ in range(80):
                body.active_element.send_keys(Keys.TAB)
                if self.device.run(f"return document.activeElement.matches('{condition}')"):
                    return
            self.fail(f"Tab does not reach {condition}")

        tab_to("[data-testid=sign-in-alice]")
        body.active_element.send_keys(Keys.ENTER)
        self.device.wait("window.dashboardStore?.lastSyncedAt")
        before = len(widgets(self.device))
        self.device.run("document.activeElement.blur(); scrollTo(0, 0)")
        tab_to("[data-testid=add-number]")
        body.active_element.send_keys(Keys.ENTER)
        self.device.wait(f"document.querySelectorAll('[data-testid=widget]').length === {before + 1}")
        # The new one has the focus.
        self.assertEqual(body.active_element.get_attribute("data-testid"), "widget")
        name = body.active_element.get_attribute("data-id")
        place = "dashboardStore.getState().widgets.find(({id}) => id === '%s')" % name
        start = self.device.run(f"return {place}")
        body.active_element.send_keys(Keys.ARROW_RIGHT)
        self.device.wait(f"{place}.x > {start['x']}")
        body.active_element.send_keys(Keys.SHIFT, Keys.ARROW_RIGHT)
        self.device.wait(f"{place}.w > {start['w']}")
        self.device.wait("document.querySelector('[aria-live]').textContent !== ''")
        body.active_element.send_keys(Keys.DELETE)
        self.device.wait(f"document.querySelectorAll('[data-testid=widget]').length === {before}")

    def test_work_goes_on_while_the_server_is_offline(self) -> None:
        self._enter(self.device)
        click(self.device, "offline-switch")
        self.device.wait("document.cookie.includes('sample_offline')")
        self._rename(self.device, 0, "Made offline")
        wait_for(self.device, "offline")
        self.device.open("/", ready="'ready' in document.body.dataset")
        # The sign-in is away as well, so the page cannot know yet whose it is; nothing is lost by that.
        self.device.run_async("await fetch('/demo/online', {method: 'POST'})")
        self._enter(self.device)
        self.assertEqual(self._title(self.device, 0), "Made offline")
        self.wait_stored(lambda state: state["widgets"][0]["title"] == "Made offline", "the edit")

    def _go_offline(self, device: Device) -> None:
        click(device, "offline-switch")
        device.wait("document.cookie.includes('sample_offline')")

    def _go_online(self, device: Device) -> None:
        click(device, "offline-switch")
        device.wait("!document.cookie.includes('sample_offline')")
        wait_for(device, "synced")

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

    def test_the_other_user_has_a_dashboard_of_their_own(self) -> None:
        self._enter(self.device)
        self._rename(self.device, 0, "Private to Alice")
        click(self.device, "sign-out")
        self.device.wait("document.getElementById('app').hidden")
        self.assertNotIn("Private to Alice", self.device.run("return JSON.stringify({...localStorage})"))
        self._enter(self.device, "bob")
        self.assertNotIn("Private to Alice", [self._title(self.device, n) for n in range(len(widgets(self.device)))])
        self.assertEqual(self.stored("alice")["widgets"][0]["title"], "Private to Alice")

    def test_projects_are_switched_and_the_switch_follows_to_the_next_device(self) -> None:
        self._enter(self.device)
        self.device.run("document.querySelector('[data-testid=project][value=gemini]').click()")
        wait_for(self.device, "synced")
        self._enter(self.other)
        self.assertTrue(self.other.run("return document.querySelector('[data-testid=project][value=gemini]').checked"))

    def test_each_field_is_named_after_its_widget_which_is_one_stop_of_the_keyboard(self) -> None:
        self._enter(self.device)
        for widget in widgets(self.device):
            field = widget.find_element(By.CSS_SELECTOR, "[data-testid=widget-title]")
            self.assertEqual(field.accessible_name, f"Title of {field.get_property('value')}")
            self.assertEqual(widget.accessible_name.split(",")[0], field.get_property("value"))
        self._rename(self.device, 0, "Renamed")
        field = widgets(self.device)[0].find_element(By.CSS_SELECTOR, "[data-testid=widget-title]")
        self.assertEqual(field.accessible_name, "Title of Renamed")

        self.device.run("document.activeElement.blur(); document.querySelector('.skip').focus()")
        stops = []
        for _ in range(80):
            stops.append(self.device.run("return document.activeElement.closest('.widget')?.dataset.id ?? ''"))
            self.device.driver.switch_to.active_element.send_keys(Keys.TAB)
            if self.device.run("return document.activeElement.matches('.skip, body')"):
                break
        # A list that is longer than its widget is one more, to be scrolled.
        lists = len(self.device.driver.find_elements(By.CSS_SELECTOR, "[data-kind=list]"))
        inside = [stop for stop in stops if stop]
        self.assertEqual(len(set(inside)), len(widgets(self.device)))
        self.assertLessEqual(len(inside), len(widgets(self.device)) + lists)
        self.assertLessEqual(len(stops), 30)

    def test_a_note_is_written_with_the_keyboard(self) -> None:
        self._enter(self.device)
        self.device.run("document.querySelector('[data-kind=note]').focus()")
        body = self.device.driver.switch_to
        body.active_element.send_keys(Keys.ENTER)
        self.assertEqual(body.active_element.get_attribute("data-testid"), "note-text")
        body.active_element.send_keys("Written", Keys.ESCAPE)
        self.assertEqual(body.active_element.get_attribute("data-testid"), "widget")
        body.active_element.send_keys(Keys.F2)
        self.assertEqual(body.active_element.get_attribute("data-testid"), "widget-title")
        body.active_element.send_keys("Named", Keys.ENTER)
        self.wait_stored(
            lambda state: [(w["title"], w["text"]) for w in state["widgets"] if w["kind"] == "note"][0] == ("Named", "Written"),
            "the note",
        )

    def _as_phone(self, device: Device, width: int) -> None:
        metrics = {"width": width, "height": 740, "deviceScaleFactor": 2, "mobile": True}
        device.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)

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

    def test_on_a_phone_nothing_is_wider_than_the_screen(self) -> None:
        self._as_phone(self.device, 360)
        self._enter(self.device)
        self.assertLessEqual(self.device.run("return document.documentElement.scrollWidth"), 360)
        for widget in widgets(self.device):
            box = widget.rect
            self.assertGreaterEqual(box["x"], 0)
            self.assertLessEqual(box["x"] + box["width"], 360)
