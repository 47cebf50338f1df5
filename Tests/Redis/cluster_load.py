"""Users who save, read and delete states of their own all the time, and hold every answer against what they know."""

from __future__ import annotations

import json
import random
import threading
import time
from collections import Counter

from fastcgi import Answer
from programs import wait_until
from workbench import Workbench, document

SIZES = (10, 5000)  # the larger is sent ahead of the script that decides


class Users:
    """One thread a user. Only that user writes the state, so it is known but for what was answered `outcome-unknown`."""

    def __init__(self, bench: Workbench, names: list[str], pause: float = 0.002) -> None:
        self.wrong: list[str] = []
        self.statuses: Counter[str] = Counter()
        self.last: dict[str, float] = {}  # when each was last answered 2xx or 404
        self._bench, self._pause = bench, pause
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(name,), daemon=True) for name in names]
        for thread in self._threads:
            thread.start()

    def _run(self, user: str) -> None:
        # What may be stored: a version, or None.
        may: set[int | None] = {None}
        version = 0
        dice = random.Random(user)
        with self._bench.connect() as connection:
            while not self._stop.is_set():
                what = dice.random()
                if what < 0.45:
                    version += 1
                    pad = "x" * dice.choice(SIZES)
                    condition = {"if_match": "*"} if what < 0.1 and None not in may else {}
                    body = document(version, {"user": user, "n": version, "pad": pad})
                    answer = connection.ask("POST", body, user=user, **condition)
                    may = self._written(user, answer, may, version)
                elif what < 0.5:
                    condition = {"if_match": "*"} if what < 0.475 and None not in may else {}
                    answer = connection.ask("DELETE", user=user, **condition)
                    may = self._written(user, answer, may, None)
                else:
                    answer = connection.ask("GET", user=user)
                    may = self._read(user, answer, may)
                self.statuses[f"{answer.status} {answer.problem}".strip()] += 1
                if answer.status < 500:
                    self.last[user] = time.monotonic()
                time.sleep(self._pause)

    def _written(self, user: str, answer: Answer, may: set[int | None], to: int | None) -> set[int | None]:
        if answer.status == 503 and answer.problem == "outcome-unknown":
            return may | {to}
        if answer.status == 503 and answer.problem == "storage-unavailable":
            return may
        if answer.status != 200:
            self.wrong.append(f"{user}: a write of {to} over {may}: {answer}")
        elif to is None:
            if (answer.json["success"] and may == {None}) or (not answer.json["success"] and None not in may):
                self.wrong.append(f"{user}: a delete of {may}: {answer}")
        elif not answer.json["success"] or answer.json["serverVersion"] != to:
            self.wrong.append(f"{user}: a save of {to} over {may}: {answer}")
        elif ("conflictResolution" in answer.json) == (may == {None}) and len(may) == 1:
            self.wrong.append(f"{user}: a save of {to} over {may}: {answer}")
        return {to}

    def _read(self, user: str, answer: Answer, may: set[int | None]) -> set[int | None]:
        if answer.status == 503 and answer.problem == "storage-unavailable":
            return may
        found: int | None = None
        if answer.status == 200:
            found = answer.json["version"]
            state = answer.json["state"]
            if (state["user"], state["n"]) != (user, found):
                self.wrong.append(f"{user}: the document of another: {json.dumps(answer.json)[:200]}")
        elif answer.status != 404:
            self.wrong.append(f"{user}: a read: {answer}")
        if found not in may:
            self.wrong.append(f"{user}: read {found}, and only {may} can be there")
        return {found}

    def await_more(self, count: int) -> None:
        """So many answers from now on."""
        before = sum(self.statuses.values())
        wait_until(lambda: sum(self.statuses.values()) >= before + count or self.wrong, "answers", 30)

    def stop(self) -> Counter[str]:
        self._stop.set()
        for thread in self._threads:
            thread.join(60)
        return self.statuses
