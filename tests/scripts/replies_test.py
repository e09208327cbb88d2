#!/usr/bin/python3
"""Every reply of a table, spoken by a server of its kind, through the whole program: is the finding the right one?

usage: replies_test.py PROGRAM provider|unseen|look-alikes TABLE

provider: each row must give exactly the row's finding and name its cause; one failure fails the test.
unseen:   prints the share that is right (the expected id or an acceptable one) and fails below 90 per cent, or
          when any refusal is swallowed.
look-alikes: each row must give its finding (* = any, for replies that refuse nothing) and none of those in its
          column never; one failure fails the test.
"""
import concurrent.futures
import csv
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from connections import DEFAULTS, Connection, Wire  # noqa: E402
from packets import write_pcap  # noqa: E402

UNSEEN_SHARE = 0.9  # of the replies that nobody looked at when the tables were made
PORTS = {"auth": 587}
MAIL, RCPT = "MAIL FROM:<alice@example.com>", "RCPT TO:<bob@example.net>"
COMMANDS = [("helo", "EHLO client.example.com"), ("auth", None), ("mail", MAIL), ("rcpt", RCPT), ("data", "DATA"),
            ("data-end", "From: alice@example.com\nTo: bob@example.net\nSubject: sample\n\nbody\n.")]


def answer(phase, name):
    """What a server says when it has nothing against it."""
    return {"helo": "250-%s\n250-PIPELINING\n250-SIZE 35882577\n250-STARTTLS\n250-AUTH LOGIN PLAIN\n250 8BITMIME" % name,
            "auth": "235 2.7.0 Accepted", "data": "354 go ahead", "data-end": "250 2.0.0 Ok: queued as 4F2A",
            "quit": "221 2.0.0 Bye"}.get(phase, "250 2.1.0 Ok")


class Dialogue:
    """A connection whose sides speak lines."""

    def __init__(self, wire, port, name):
        wire.look_up(DEFAULTS, "A", name, [DEFAULTS["server"]])
        self.connection = Connection(wire, port=port)
        self.connection.connect()

    def client(self, text):
        self.connection.send("C", (text.replace("\n", "\r\n") + "\r\n").encode("latin-1"))

    def server(self, text):
        self.connection.send("S", (text.replace("\n", "\r\n") + "\r\n").encode("latin-1"))

    def part(self, reply):
        """The good-bye, after the reply in question: a server that says 421 hangs up."""
        if reply.startswith("421"):
            self.connection.close("S")
            return
        self.client("QUIT")
        self.server("221 2.0.0 Bye")
        self.connection.close("C")


def speak(wire, row):
    """The dialogue up to the reply of the row, and the good-bye."""
    name = row["server_name"] if row["server_name"] != "-" else "mx.example.net"
    greeting = row["greeting"] if row["greeting"] != "-" else "220 %s ESMTP" % name
    phase, reply = row["phase"], row["reply"].replace("\\n", "\n")
    said = Dialogue(wire, PORTS.get(phase, 25), name)
    said.server(reply if phase == "greeting" else greeting.replace("\\n", "\n"))
    for step, command in COMMANDS if phase != "greeting" else ():
        if step == "auth" and phase != "auth":
            continue
        said.client("AUTH XOAUTH2 dGVzdA==" if step == "auth" else command)
        if step == phase:
            said.server(reply)
            break
        said.server(answer(step, name))
        if step == "helo" and phase == "starttls":
            said.client("STARTTLS")
            said.server(reply)
            break
    if phase in ("quit", "any"):
        said.client("NOOP" if phase == "any" else "QUIT")
        said.server(reply)
    said.part(reply)


def diagnose(program, row):
    wire = Wire()
    speak(wire, row)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "reply.pcap")
        write_pcap(path, wire.packets)
        run = subprocess.run([program, "--format", "json", path], capture_output=True, text=True)
    if run.returncode not in (0, 1):
        raise SystemExit("exit %d: %s" % (run.returncode, run.stderr))
    return json.loads(run.stdout)


def causes(finding):
    detail = finding["detail"].get("smtp.reply.cause")
    return detail if isinstance(detail, list) else [detail]


def check_provider(row, report):
    """None when the main diagnosis is the row's finding and names its cause, else what came instead."""
    hits = [f for f in report["findings"] if f["rule"] == row["finding"]]
    if not hits:
        return "no %s, but %s" % (row["finding"], [f["rule"] for f in report["findings"]])
    if row["cause_id"] not in causes(hits[0]):
        return "%s names cause %s" % (row["finding"], causes(hits[0]))
    if report["findings"][0]["rule"] != row["finding"]:
        return "main diagnosis is %s" % report["findings"][0]["rule"]
    return None


def check_unseen(row, report):
    good = [row["finding"]] + [a for a in row["acceptable"].split("|") if a != "-"]
    main = report["findings"][0]["rule"] if report["findings"] else "nothing"
    return None if main in good else "expected %s, got %s" % ("|".join(good), main)


def check_look_alike(row, report):
    found = [finding["rule"] for finding in report["findings"]]
    wrong = [rule for rule in row["never"].split("|") if rule in found]
    if wrong:
        return "takes it for %s" % ", ".join(wrong)
    return None if row["finding"] == "*" else check_unseen(row, report)


CHECKS = {"provider": check_provider, "unseen": check_unseen, "look-alikes": check_look_alike}


def judge(program, kind, row):
    """What is wrong with the report on a row or None, and whether a refusal was passed over."""
    report = diagnose(program, row)
    problem = CHECKS[kind](row, report)
    is_loud = any(finding["severity"] != "info" for finding in report["findings"])
    is_swallowed = row["reply"][0] in "45" and not is_loud
    return problem or ("swallowed" if is_swallowed else None), is_swallowed


def main():
    if len(sys.argv) != 4 or sys.argv[2] not in CHECKS:
        sys.exit(__doc__)
    program, kind, table = sys.argv[1:]
    with open(table, newline="") as source:
        rows = list(csv.DictReader(source, delimiter="\t", quoting=csv.QUOTE_NONE))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        verdicts = list(pool.map(lambda row: judge(program, kind, row), rows))
    wrong = [(number, row, problem) for number, (row, (problem, _)) in enumerate(zip(rows, verdicts), 1) if problem]
    for number, row, problem in wrong:
        label = "%s, %s" % ((row["provider"], row["cause_id"]) if kind == "provider" else (row["software"], row["finding"]))
        print("row %d (%s): %s\n    %s" % (number, label, problem, row["reply"][:150]))
    n_swallowed, right = sum(swallowed for _, swallowed in verdicts), len(rows) - len(wrong)
    print("%s: %d of %d right (%.1f %%), %d swallowed" % (kind, right, len(rows), 100.0 * right / max(1, len(rows)), n_swallowed))
    is_bad = bool(wrong) if kind != "unseen" else right < UNSEEN_SHARE * len(rows) or n_swallowed > 0
    return 1 if is_bad or not rows else 0


sys.exit(main())
