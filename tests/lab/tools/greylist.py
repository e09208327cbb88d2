#!/usr/bin/python3
"""A Postfix policy service: a sender, client and recipient must wait 5 s after their first attempt."""
import os
import sys
import time

FOLDER, WAIT_S = "/tmp/grey", 5
DEFER = "DEFER_IF_PERMIT Greylisted, please try again in 5 seconds"


def decide(request):
    triplet = "".join(request.get(key, "") for key in ("client_address", "sender", "recipient")).replace("/", "_")
    path = os.path.join(FOLDER, triplet)
    if not os.path.exists(path):
        with open(path, "w") as out:
            out.write(str(time.time()))
        return DEFER
    with open(path) as first:
        return DEFER if time.time() - float(first.read()) < WAIT_S else "DUNNO"


os.makedirs(FOLDER, exist_ok=True)
request = {}
for line in sys.stdin:
    key, _, value = line.strip().partition("=")
    if key:
        request[key] = value
        continue
    print("action=%s\n" % decide(request), flush=True)
    request = {}
