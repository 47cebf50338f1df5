"""Asks for many users' states at once while faults go on, and looks whether any answer is another user's.

    check_replies.py [--mode single|sentinel|cluster] [--requests N] [--seed SEED]

Every save has a version that no other has, and every state names its user: whatever an answer shows tells for whom it was.
`--requests` is how many have to be answered.
"""

from __future__ import annotations

import argparse
import itertools
import json
import random
import sys
import threading
from collections import Counter

import network
from clients import FILLER, Direct, NotSent
from fastcgi import Answer
from make_histories import MODES
from stand import WORKERS, Stand

CLIENTS = 12
USERS = 200


class Clients:
    """All of them, until there are enough answers."""

    def __init__(self, stand: Stand, seed: str, requests: int) -> None:
        self._stand, self._seed, self._requests = stand, seed, requests
        self._versions = itertools.count(1)
        self._user_of: dict[int, str] = {}
        self._begun = itertools.count()
        self.statuses: Counter[int] = Counter()
        self.wrong: list[str] = []
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._run, args=(number,), daemon=True) for number in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    @property
    def is_going_on(self) -> bool:
        return any(thread.is_alive() for thread in self._threads)

    @property
    def answered(self) -> int:
        return sum(self.statuses[status] for status in (200, 404))

    def _run(self, number: int) -> None:
        drawn = random.Random(f"{self._seed} client {number}")
        way = Direct(self._stand.socket(f"worker-{WORKERS[number % len(WORKERS)]}"))
        while self.answered < self._requests and not self.wrong:
            user = f"h{drawn.randrange(USERS)}"
            self._stand.users.add(user)
            try:
                self._one(way, user, drawn)
            except (NotSent, OSError):
                threading.Event().wait(0.02)
            except Exception as error:  # noqa: BLE001  told at the end, as a failure
                self.wrong.append(f"{user}: {error!r}")
        way.close()

    def _one(self, way: Direct, user: str, drawn: random.Random) -> None:
        method, body, version = "GET", "", 0
        if drawn.random() < 0.4:
            version = next(self._versions)
            self._user_of[version] = user
            filler = FILLER if drawn.random() < 0.2 else ""
            method, body = "POST", json.dumps({"version": version, "state": {"by": user, "filler": filler}})
        answer = way.ask(method, body, user, {"prefer": "return=representation"} if body else {})
        with self._lock:
            self.statuses[answer.status] += 1
        if answer.status == 200:
            self._look(answer, user, version)
        elif answer.status == 503:
            threading.Event().wait(0.01)
        elif answer.status != 404:
            self.wrong.append(f"{user}: {answer}")

    def _look(self, answer: Answer, user: str, version: int) -> None:
        content = answer.json
        if version and content["success"] and content["serverVersion"] != version:
            self.wrong.append(f"{user} saved {version} and was answered {content}")
        documents = [content] if not version else [content["current"]] if "current" in content else []
        shown = [document["state"]["by"] for document in documents]
        seen = [document["version"] for document in documents]
        seen += [content["serverVersion"]] if version else []
        shown += [self._user_of[number] for number in seen]
        if set(shown) - {user}:
            self.wrong.append(f"{user} was answered {answer}")


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--seed", default=str(random.SystemRandom().randrange(10**9)))
    arguments.add_argument("--requests", type=int, default=8_000)
    arguments.add_argument("--mode", choices=list(MODES), default="single")
    options = arguments.parse_args()
    make_stand, make_faults = MODES[options.mode]
    if make_stand.replaces_masters and network.can_enter():
        network.enter(sys.argv)
    with make_stand(options.seed, with_nginx=False) as stand:
        clients = Clients(stand, options.seed, options.requests)
        faults = make_faults(stand, options.seed)
        while clients.is_going_on:
            faults.one()
    for line in clients.wrong[:20]:
        print(line)
    told = ", ".join(f"{name} {count}" for name, count in faults.counts.most_common())
    print(f"{options.mode}: {clients.answered} answers, {len(clients.wrong)} wrong; 503: {clients.statuses[503]}; {told}")
    return 1 if clients.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
