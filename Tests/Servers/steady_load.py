"""Saves and reads on kept connections, as many as one process can keep going, and what became of them, as JSON.

    python3 steady_load.py PORT REQUESTS SEED

Plain HTTP to a port of this machine. Saves and reads are drawn one to one. A server may close a connection that it
keeps just when a request is sent on it: like a browser, this sends the request again then, and counts "stale".
"""

from __future__ import annotations

import base64
import collections
import json
import random
import select
import socket
import sys

USERS = {"alice": "wonderland", "bob": "builder"}
DOCUMENTS = [(user, workspace) for user in USERS for workspace in ("main", "team")]
CONNECTIONS = 8
PATIENCE = 60  # seconds; only ends a run that would hang


class Documents:
    """What is known of the documents, which several connections write."""

    def __init__(self) -> None:
        self.next = dict.fromkeys(DOCUMENTS, 1)
        self.saved = dict.fromkeys(DOCUMENTS, 0)  # the highest version that was acknowledged


class Tally:
    def __init__(self) -> None:
        self.saves: collections.Counter[str] = collections.Counter()
        self.reads: collections.Counter[str] = collections.Counter()
        self.stale = 0
        self.lost: list[str] = []


class Client:
    """One connection, with one request under way."""

    def __init__(self, port: int, document: tuple[str, str], documents: Documents, tally: Tally) -> None:
        self.port, self.document, self.documents, self.tally = port, document, documents, tally
        user, workspace = document
        token = base64.b64encode(f"{user}:{USERS[user]}".encode()).decode()
        self.fields = f"Host: dashboard.example.org\r\nAuthorization: Basic {token}\r\nX-Workspace: {workspace}\r\n"
        self.connect()

    def connect(self) -> None:
        self.socket = socket.create_connection(("127.0.0.1", self.port), PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.answered = 0
        self.received = b""

    def begin(self, is_save: bool) -> None:
        self.is_save = is_save
        self.known = self.documents.saved[self.document]
        if is_save:
            self.version = self.documents.next[self.document]
            self.documents.next[self.document] += 1
            body = f'{{"version":{self.version},"state":{{"v":{self.version}}}}}'
            head = f"POST /api/dashboard/state HTTP/1.1\r\n{self.fields}Content-Type: application/json\r\n"
            self.request = f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode()
        else:
            self.request = f"GET /api/dashboard/state HTTP/1.1\r\n{self.fields}\r\n".encode()
        self.send()

    def send(self) -> None:
        try:
            self.socket.sendall(self.request)
        except OSError:
            self.again()

    def again(self) -> None:
        """The connection ended with the request unanswered."""
        self.socket.close()
        was_used = self.answered > 0
        self.connect()
        if was_used:
            self.tally.stale += 1
            self.send()
        else:
            self.count("no answer")

    def count(self, outcome: str) -> None:
        (self.tally.saves if self.is_save else self.tally.reads)[outcome] += 1
        self.request = b""

    def receive(self) -> bool:
        """Takes what has come; whether the request is done."""
        try:
            data = self.socket.recv(1 << 16)
        except OSError:
            data = b""
        if not data:
            self.again()
            return not self.request
        self.received += data
        head, mark, rest = self.received.partition(b"\r\n\r\n")
        if not mark:
            return False
        fields = head.lower()
        at = fields.index(b"content-length:") if b"content-length:" in fields else -1
        length = int(fields[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if b"transfer-encoding: chunked" in fields:
            if not rest.endswith(b"0\r\n\r\n"):
                return False
            rest = b"".join(rest.split(b"\r\n")[1:-3:2])  # JSON holds no line ends
            length = len(rest)
        if len(rest) < length:
            return False
        self.received = b""
        self.answered += 1
        self.judge(head[9:12].decode(), rest[:length])
        if b"connection: close" in fields:
            self.socket.close()
            self.connect()
        return True

    def judge(self, status: str, body: bytes) -> None:
        if status[0] in "45" and status != "404":
            kind = json.loads(body).get("type", "") if body[:1] == b"{" else "not a problem"
            return self.count(f"{status} {kind.rsplit(':', 1)[-1]}")
        self.count(status)
        if self.is_save:
            if b'"success":true' in body:
                saved = self.documents.saved
                saved[self.document] = max(saved[self.document], self.version)
        else:
            found = json.loads(body)["version"] if status == "200" else 0
            if found < self.known:
                self.tally.lost.append(f"{self.known} became {found}")
        return None


def run(port: int, requests: int, seed: int) -> Tally:
    draw = random.Random(seed)
    tally, documents = Tally(), Documents()
    poll = select.poll()
    clients: dict[int, Client] = {}

    def watch(client: Client) -> None:
        clients[client.socket.fileno()] = client
        poll.register(client.socket, select.POLLIN)

    for number in range(CONNECTIONS):
        client = Client(port, DOCUMENTS[number % len(DOCUMENTS)], documents, tally)
        client.begin(draw.random() < 0.5)
        watch(client)
    left = requests - CONNECTIONS
    while clients:
        ready = poll.poll(PATIENCE * 1000)
        if not ready:
            raise TimeoutError(f"{len(clients)} requests were not answered: {dict(tally.saves)}, {dict(tally.reads)}")
        for descriptor, _ in ready:
            client = clients.pop(descriptor)
            poll.unregister(descriptor)  # it may get another connection
            if client.receive():
                if left <= 0:
                    continue
                left -= 1
                client.begin(draw.random() < 0.5)
            watch(client)
    return tally


if __name__ == "__main__":
    print(json.dumps(vars(run(*(int(argument) for argument in sys.argv[1:4])))))
