"""The page that `make demo` serves, as its users use it."""

from __future__ import annotations

from demo_page import DemoTest, click, one, wait_for, widgets
from selenium.webdriver import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys


class Demo(DemoTest):
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

    def test_on_a_phone_nothing_is_wider_than_the_screen(self) -> None:
        self._as_phone(self.device, 360)
        self._enter(self.device)
        self.assertLessEqual(self.device.run("return document.documentElement.scrollWidth"), 360)
        for widget in widgets(self.device):
            box = widget.rect
            self.assertGreaterEqual(box["x"], 0)
            self.assertLessEqual(box["x"] + box["width"], 360)
