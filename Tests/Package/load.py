"""Saves and reads states over HTTPS on this host's loopback until its input ends; prints how often each status came."""

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
    # From one of the many addresses of loopback: limits on requests go by address.
    source = f"127.{random.randint(1, 254)}.{random.randint(1, 254)}.{random.randint(1, 254)}"
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return http.client.HTTPSConnection("127.0.0.1", 443, timeout=30, source_address=(source, 0), context=context)


def write(number):
    user = sorted(USERS)[number % len(USERS)]
    token = base64.b64encode(f"{user}:{USERS[user]}".encode()).decode()
    headers = {"Authorization": f"Basic {token}", "Content-Type": "application/json"}
    version = 0
    while not ended.is_set():
        connection = connect()
        for _ in range(REQUESTS_A_CONNECTION):
            version += 1
            try:
                if version % 2:
                    body = json.dumps({"version": version, "state": {"by": number}})
                    connection.request("POST", "/api/dashboard/state", body, headers)
                else:
                    connection.request("GET", "/api/dashboard/state", headers=headers)
                answer = connection.getresponse()
                answer.read()
                status = str(answer.status)
            except OSError as error:
                status = repr(error)
            except http.client.HTTPException as error:
                status = repr(error)
            with lock:
                statuses[status] += 1
            if not status.isdigit():
                break
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
