#!/usr/bin/python3
"""A live run sees what the capture file of the same traffic shows, and is not root while it does.

usage: live_test.py PROGRAM        as root

Plays a scenario in network namespaces of the lab (tests/lab/, which installs Postfix and swaks into overlays of its own
through apt when they are not there yet): a delivery, a refused recipient, a port that a firewall drops, and another
delivery. Meanwhile tcpdump writes the client's interface to a file, and two smtptrace listen there: one with tcpdump's
filter, which must report the very same sessions and findings as the file, but for how long it watched; and one with its
own default filter, started as under sudo, which must report them too, but for the numbers of packets. Both must have
dropped root, all capabilities and the right to get them back.
"""
import difflib
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
LAB = os.path.join(HERE, "../lab")
sys.dont_write_bytecode = True
sys.path.insert(0, LAB)
from clients import swaks  # noqa: E402
from lab import QUIET_FILTER, Lab  # noqa: E402
from servers import postfix  # noqa: E402

SUDO_ID = 65533  # a user id that is neither root nor nobody
WATCHED = {"connect.watched"}  # a live run goes on until Ctrl-C, a file ends with its last packet
COUNTED = WATCHED | {"packet", "filter"}  # depend on which other packets were captured
DURATION = re.compile(r"\d+(\.\d+)? (m?s|min)\b")
WANTED = {"delivered": 2, "recipient-unknown": 1, "connect-no-answer": 1}  # rule: sessions that it concerns
DIFF_LINES_MAX = 40
STATUS_WANTED = {"CapInh": "0", "CapPrm": "0", "CapEff": "0", "CapAmb": "0", "NoNewPrivs": "1"}


class Listener:
    """smtptrace on the client's interface."""

    def __init__(self, lab, program, name, *options, **environment):
        self.name = name
        self.paths = [os.path.join(lab.folder, name + suffix) for suffix in (".json", ".err")]
        argv = lab.enter("c") + [program, "-i", "eth0", "--format", "json", *options]
        with open(self.paths[0], "wb") as out, open(self.paths[1], "wb") as err:
            self.process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                            env=dict(os.environ, **environment))
        lab.processes.append(self.process)
        self.wait_until_confined()

    def said(self):
        with open(self.paths[1], errors="replace") as err:
            return err.read()

    def statuses(self):
        """/proc/PID/status of each thread as a dictionary."""
        found = []
        folder = "/proc/%d/task" % self.process.pid
        for thread in os.listdir(folder):
            with open("%s/%s/status" % (folder, thread)) as status:
                found.append(dict(line.rstrip("\n").split(":\t", 1) for line in status if ":\t" in line))
        return found

    def wait_until_confined(self, timeout_s=15):
        end = time.time() + timeout_s
        while time.time() < end and self.process.poll() is None:
            if all(status["NoNewPrivs"] == "1" for status in self.statuses()):
                time.sleep(0.3)
                return
            time.sleep(0.05)
        sys.exit("live_test: %s: still privileged after %d s, or ended: %s" % (self.name, timeout_s, self.said()))

    def complaints(self, ids):
        """What is wrong with its privileges; ids: the user it must be, or None for any but root."""
        for status in self.statuses():
            for key, wanted in STATUS_WANTED.items():
                if status[key].lstrip("0") != wanted.lstrip("0"):
                    yield "%s: %s is %s, not %s" % (self.name, key, status[key], wanted)
            for key in ("Uid", "Gid", "Groups"):
                numbers = [int(n) for n in status[key].split()]
                if 0 in numbers or ids is not None and key != "Groups" and set(numbers) != {ids}:
                    yield "%s: %s is %s" % (self.name, key, status[key])

    def finish(self):
        """Ctrl-C; returns the report."""
        self.process.send_signal(signal.SIGINT)
        status = self.process.wait(20)
        if status not in (0, 1):
            sys.exit("live_test: %s: exit status %d: %s" % (self.name, status, self.said()))
        with open(self.paths[0]) as report:
            return json.load(report)


def traffic(lab):
    swaks(lab)
    swaks(lab, "--to", "nosuch@example.net")
    lab.firewall("table inet f { chain fw { type filter hook forward priority 0; tcp dport 587 drop; } }")
    swaks(lab, "--port", "587", timeout=6)
    time.sleep(4)  # less would not prove that no answer came
    swaks(lab)


def without(value, keys):
    """value without these keys, at any depth of our own output, and without durations in texts."""
    if isinstance(value, dict):
        return {key: without(inner, keys) for key, inner in value.items() if key not in keys}
    if isinstance(value, list):
        return [without(inner, keys) for inner in value]
    if isinstance(value, str):
        return DURATION.sub("T", value)
    return round(value, 5) if isinstance(value, float) else value


def comparable(report, part, ignored):
    """The lines to compare. What is said of the whole capture points at its last packet, which may be a later one live."""
    items = report[part]
    if part == "findings":
        items = [item if item["sessions"] else without(item, {"time", "packet"}) for item in items]
    return json.dumps(without(items, ignored), sort_keys=True, indent=1).split("\n")


def compare(name, live, file, ignored):
    """Prints what differs; returns the number of differences."""
    n_bad = 0
    for part in ("sessions", "findings"):
        ours, theirs = (comparable(report, part, ignored) for report in (live, file))
        if ours != theirs:
            n_bad += 1
            lines = list(difflib.unified_diff(theirs, ours, "file", "live", lineterm="", n=2))
            print("%s: %s differ from those of the file" % (name, part), *lines[:DIFF_LINES_MAX], sep="\n  ")
    return n_bad


def play(lab, program):
    """Plays the scenario; returns the reports of both listeners, of the file, and what is wrong with privileges."""
    lab.build_network("nic")
    postfix(lab, "smtpd_tls_security_level = none\n")
    same = Listener(lab, program, "same filter", "-f", QUIET_FILTER)
    own = Listener(lab, program, "own filter", SUDO_UID=str(SUDO_ID), SUDO_GID=str(SUDO_ID))
    with lab.capture():
        traffic(lab)
    problems = list(same.complaints(None)) + list(own.complaints(SUDO_ID))
    reports = same.finish(), own.finish()
    result = subprocess.run([program, "--format", "json", lab.pcap], capture_output=True, text=True)
    if result.returncode not in (0, 1):
        sys.exit("live_test: the file: exit status %d: %s" % (result.returncode, result.stderr))
    return reports, json.loads(result.stdout), problems


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    if os.geteuid() != 0:
        sys.exit("live_test: needs root: it makes network namespaces and captures in them")
    subprocess.run([os.path.join(LAB, "setup"), "postfix", "client"], check=True)
    with tempfile.TemporaryDirectory() as folder:
        lab = Lab("live", folder)
        try:
            (same, own), file, problems = play(lab, os.path.abspath(sys.argv[1]))
        finally:
            lab.close()
            lab.clean()
    for problem in problems:
        print(problem)
    n_bad = len(problems) + compare("same filter", same, file, WATCHED) + compare("own filter", own, file, COUNTED)
    found = {finding["rule"]: len(finding["sessions"]) for finding in file["findings"]}
    print("findings of the file: %s" % ", ".join("%s (%d)" % pair for pair in found.items()))
    for rule, n in WANTED.items():
        if found.get(rule) != n:
            print("the file must have %d sessions with %s" % (n, rule))
            n_bad += 1
    print("live test: %d complaints" % n_bad)
    return 1 if n_bad else 0


if __name__ == "__main__":
    sys.exit(main())
