"""What README.md and docs/web-client.md say to write, pasted."""

import re

import device
from device import BrowserTest
from programs import TOP


def blocks(page: str) -> list[str]:
    return re.findall(r"^```js\n(.*?)^```$", (TOP / page).read_text(), re.MULTILINE | re.DOTALL)


class Readme(BrowserTest):
    def _paste(self, name: str = "readme", replaced: str = "", by: str = "") -> str:
        """Makes a page of the example, with something else in one place."""
        [example] = blocks("README.md")
        self.assertIn(replaced, example)
        (device.service.web_root / f"test/{name}.js").write_text(example.replace(replaced, by) + "\nwindow.store = store;\n")
        page = '<!doctype html><link rel="icon" href="data:,"><script type="module" src="NAME.js"></script>'
        (device.service.web_root / f"test/{name}.html").write_text(page.replace("NAME", name))
        return example

    def test_the_example_works_as_it_stands(self) -> None:
        self.assertLessEqual(len(self._paste().strip().splitlines()), 10)
        self.device.sign_in()
        for number in (1, 2):
            self.device.open("/test/readme.html", ready="window.store")
            self.device.wait(f"store.getState().widgets.length === {number}")
            self.device.wait_synced()
        self.assertEqual([w["kind"] for w in self.stored()["widgets"]], ["clock", "clock"])
        self.other.start()
        self.assertEqual(len(self.other.state["widgets"]), 2)

    def test_the_example_crosses_neither_workspaces_nor_users(self) -> None:
        self.device.start()
        self.device.edit("{...state, widgets: [{id: 'of alice, in main'}]}")
        self.device.wait_synced()
        # The web server forwards main.
        self._paste("readme-team", "'main'", "'team'")
        self.device.open("/test/readme-team.html", ready="window.store")
        self.device.wait("store.syncError?.type?.endsWith(':other-workspace')")
        self.assertEqual(len(self.device.state["widgets"]), 1)
        self.assertNotIn("of alice", self.device.run("return JSON.stringify(store.getState())"))
        self._paste()
        self.device.open("/test/readme.html", ready="window.store")
        self.device.wait("store.getState().widgets.length === 2")
        self.device.wait_synced()
        self.device.sign_in("bob")
        self.device.edit("{...state, widgets: [...state.widgets, {id: 'of alice, while bob is signed in'}]}")
        self.device.wait("store.syncError?.type?.endsWith(':other-user')")
        self.assertEqual(device.service.redis("keys", "*"), "hyvve:dashboard:state:alice:main")
        self.assertEqual(len(self.stored()["widgets"]), 2)

    def test_each_example_of_the_page_about_the_client_works(self) -> None:
        first, *others = blocks("docs/web-client.md")
        self.assertEqual([first], blocks("README.md"))
        self.assertEqual(len(others), 2)
        self.device.sign_in()
        for number, example in enumerate(others):
            name = f"client-{number}"
            self._paste(name, "store.subscribe", "await store.ready;\nstore.subscribe")
            file = device.service.web_root / f"test/{name}.js"
            file.write_text(f"{file.read_text()}\n{example}\nwindow.isDone = true;\n")
            self.device.open(f"/test/{name}.html", ready="window.isDone")
