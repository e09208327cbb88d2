"""Every reply of a table, spoken by a server of its kind, through the whole program: is the finding the right one?

usage: replies_test.py PROGRAM provider|unseen TABLE [--show]

provider: each row must give exactly the row's finding and name its cause; one failure fails the test.
unseen:   prints the share that is right (the expected id or an acceptable one) and fails below 90 per cent, or
          when any refusal is swallowed.
"""
import csv
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import dialogue  # noqa: E402

PORTS = {"auth": 587}
MAIL, RCPT = "MAIL FROM:<alice@example.com>", "RCPT TO:<bob@example.net>"
COMMANDS = [("helo", "EHLO client.example.com"), ("auth", None), ("mail", MAIL), ("rcpt", RCPT), ("data", "DATA"),
            ("data-end", "From: alice@example.com\nTo: bob@example.net\nSubject: sample\n\nbody\n.")]


def answer(phase, name):
    """What a server says when it has nothing against it."""
    return {"helo": "250-%s\n250-PIPELINING\n250-SIZE 35882577\n250-STARTTLS\n250-AUTH LOGIN PLAIN\n250 8BITMIME" % name,
            "auth": "235 2.7.0 Accepted", "data": "354 go ahead", "data-end": "250 2.0.0 Ok: queued as 4F2A",
            "quit": "221 2.0.0 Bye"}.get(phase, "250 2.1.0 Ok")


def is_final(reply):
    """Does the server hang up after it?"""
    return reply.startswith("421")


def speak(capture, row):
    """The dialogue up to the reply of the row, and the client's good-bye."""
    name = row["server_name"] if row["server_name"] != "-" else "mx.example.net"
    greeting = row["greeting"] if row["greeting"] != "-" else "220 %s ESMTP" % name
    phase, reply = row["phase"], row["reply"].replace("\\n", "\n")
    session = capture.session(server=("198.51.100.25", PORTS.get(phase, 25)), name=name)
    if phase == "greeting":
        session.server(reply)
        session.client("QUIT")
        session.close()
        return
    session.server(greeting.replace("\\n", "\n"))
    for step, command in COMMANDS:
        if step == "auth" and phase != "auth":
            continue
        session.client("AUTH XOAUTH2 dGVzdA==" if step == "auth" else command)
        if step == phase:
            session.server(reply)
            break
        session.server(answer(step, name))
        if step == "helo" and phase == "starttls":
            session.client("STARTTLS")
            session.server(reply)
            break
    if phase in ("quit", "any"):
        session.client("NOOP" if phase == "any" else "QUIT")
        session.server(reply)
    if is_final(reply):
        session.close("s")
        return
    session.client("QUIT")
    session.server("221 2.0.0 Bye")
    session.close()


def diagnose(program, row, folder):
    capture = dialogue.Capture()
    speak(capture, row)
    path = os.path.join(folder, "reply.pcap")
    capture.write(path)
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


def main():
    program, kind, table = sys.argv[1:4]
    with open(table, newline="") as source:
        rows = list(csv.DictReader(source, delimiter="\t", quoting=csv.QUOTE_NONE))
    wrong = swallowed = 0
    with tempfile.TemporaryDirectory() as folder:
        for number, row in enumerate(rows, 1):
            report = diagnose(program, row, folder)
            problem = (check_provider if kind == "provider" else check_unseen)(row, report)
            refused = row["reply"][0] in "45"
            loud = [f for f in report["findings"] if f["severity"] != "info"]
            if refused and not loud:
                swallowed += 1
                problem = problem or "swallowed"
            if problem:
                wrong += 1
                print("row %d (%s, %s): %s\n    %s" % (number, row.get("provider", row.get("software")), row["cause_id"] if kind == "provider" else row["finding"], problem, row["reply"][:150]))
    right = len(rows) - wrong
    print("%s: %d of %d right (%.1f %%), %d swallowed" % (kind, right, len(rows), 100.0 * right / max(1, len(rows)), swallowed))
    bad = wrong if kind == "provider" else right < 0.9 * len(rows) or swallowed
    sys.exit(1 if bad or not rows else 0)


main()
