"""Saves and reads states over HTTPS on this host's loopback until its input ends; prints how often each status came.

A web server may close a kept connection just when a request is sent on it. Like a browser, this sends it again then, on
another connection, and counts "stale" beside the status.
"""

import base64
import collections
import http.client
import json
import random
import ssl
import sys
import threading

USERS = {"alice": "wonderland", "bob": "builder"}
WRITERS = 4
REQUESTS_A_CONNECTION = 20

ended = threading.Event()
statuses = collections.Counter()
lock = threading.Lock()


def connect():
    # From one of the many addresses of loopback: limits on requests go by address, and by session (see below).
    source = f"127.{random.randint(1, 254)}.{random.randint(1, 254)}.{random.randint(1, 254)}"
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return http.client.HTTPSConnection("127.0.0.1", 443, timeout=30, source_address=(source, 0), context=context)


def write(number):
    user = sorted(USERS)[number % len(USERS)]
    token = base64.b64encode(f"{user}:{USERS[user]}".encode()).decode()
    headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}
    connection, sent = connect(), 0
    version = 0
    while not ended.is_set():
        version += 1
        if version % 2:
            request = ("POST", "/api/dashboard/state", json.dumps({"version": version, "state": {"by": number}}), headers)
        else:
            request = ("GET", "/api/dashboard/state", None, headers)
        headers["Cookie"] = f"session={random.getrandbits(64)}"
        answers = []
        while not answers or answers[-1] == "stale":
            if sent == REQUESTS_A_CONNECTION or answers:
                connection.close()
                connection, sent = connect(), 0
            try:
                connection.request(*request)
                answer = connection.getresponse()
                body = answer.read()
                answers.append(str(answer.status))
                if answer.status >= 500 and statuses[str(answer.status)] < 3:
                    # So that whoever looks into it knows who has answered, and what.
                    print(request[0], answer.status, body.decode(errors="replace")[:200], file=sys.stderr)
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError, ssl.SSLEOFError) as error:
                answers.append("stale" if sent > 0 else repr(error))
            except (OSError, http.client.HTTPException) as error:
                answers.append(repr(error))
            sent += 1
        with lock:
            statuses.update(answers)
        if not answers[-1].isdigit():
            connection.close()
            connection, sent = connect(), 0
    connection.close()


threads = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
for thread in threads:
    thread.start()
print("started", flush=True)
sys.stdin.read()
ended.set()
for thread in threads:
    thread.join()
print(json.dumps(statuses))
