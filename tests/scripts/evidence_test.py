#!/usr/bin/python3
"""Evidence files (-w): tshark opens them, comments stand at the packets that findings name, and smtptrace finds the same
in them; the display filters of findings find their packets. usage: evidence_test.py PROGRAM CAPTURE...

Packets have other numbers in the written file. Each comment ends in the number that its packet had before, and time
stamps are kept, so a packet is recognised by its time.
"""
import collections
import concurrent.futures
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ENVIRONMENT = dict(os.environ, TZ="UTC", LC_ALL="C")
MARK = "[smtptrace] the capture goes on until here"
OTHER_STREAMS = {"41b-socks-proxies.pcap"}  # tshark counts the connections inside SOCKS, too
OF_THE_WHOLE = {"capture-truncated"}  # counts the packets of the capture
COMMENT = re.compile(r"\[smtptrace (info|warning|error) (\w+)\] ([a-z0-9-]+): (.*) \(packet (\d+)\)$", re.S)
SEVERE = ("error", "warning")


def report(program, *argv):
    done = subprocess.run([program, "--format", "json", *argv], capture_output=True, text=True, env=ENVIRONMENT)
    if done.returncode not in (0, 1) or done.stderr:
        raise ValueError("exit status %d: %s" % (done.returncode, done.stderr))
    return json.loads(done.stdout)


def tshark(path, *argv):
    done = subprocess.run(["tshark", "-n", "-r", path, *argv], capture_output=True, text=True, env=ENVIRONMENT)
    if done.returncode != 0:
        raise ValueError("tshark %s: %s" % (" ".join(argv), done.stderr.strip()))
    return done.stdout


def severe(findings):
    return [f for f in findings if f["severity"] in SEVERE and f["rule"] not in OF_THE_WHOLE]


def said(findings):
    """What is said, without what differs between a capture and a part of it: numbers of packets and sessions."""
    for f in severe(findings):
        evidence = sorted((e["text"], "%.6f" % e["time"]) for e in f["evidence"])
        yield (f["rule"], f["severity"], f["certainty"], f["fault"], len(f["sessions"]), f["title"],
               json.dumps(evidence))


def differences(name, before, after):
    """Lines about findings that are on one side only. Where nothing is wrong, nothing is written."""
    if not severe(before["findings"]):
        if after["capture"]["packets"] > 0:
            yield "%s: packets were written, but nothing is wrong" % name
        return
    old, new = (collections.Counter(said(r["findings"])) for r in (before, after))
    for side, more in (("lost", old - new), ("new", new - old)):
        for what in more.elements():
            yield "%s: %s: %s" % (name, side, " | ".join(map(str, what)))


def comments_in(path):
    """(time, text) of each comment, as tshark reads them."""
    lines = tshark(path, "-Y", "frame.comment", "-T", "fields", "-E", "occurrence=a", "-E", "aggregator=\x1f",
                   "-e", "frame.time_epoch", "-e", "frame.comment")
    for line in lines.splitlines():
        time, _, texts = line.partition("\t")
        for text in texts.split("\x1f"):
            yield "%.6f" % float(time), text


def check_comments(name, before, path):
    wanted = {("%.6f" % e["time"], f["severity"], f["certainty"], f["rule"], e["packet"])
              for f in severe(before["findings"]) for e in f["evidence"]}
    seen = set()
    for time, text in comments_in(path):
        found = COMMENT.match(text)
        if text.startswith(MARK):
            continue
        if not found:
            yield "%s: a comment in another form: %s" % (name, text)
        elif found.group(1) in SEVERE and found.group(3) not in OF_THE_WHOLE:
            seen.add((time, *found.group(1, 2, 3), int(found.group(5))))
    for what, more in (("lacks", wanted - seen), ("has besides", seen - wanted)):
        for comment in sorted(more):
            yield "%s: the file %s a comment at %s" % (name, what, comment)


def check_filters(name, before, capture):
    """Each filter is accepted and finds all packets that the finding shows."""
    found = {}
    for f in before["findings"]:
        text = f["filter"]
        if not text:
            if f["evidence"]:
                yield "%s: %s has no filter" % (name, f["rule"])
            continue
        if text not in found:
            found[text] = set(map(int, tshark(capture, "-Y", text, "-T", "fields", "-e", "frame.number").split()))
        if name in OTHER_STREAMS:
            continue
        missing = {e["packet"] for e in f["evidence"]} - found[text]
        if missing:
            yield "%s: %s: the filter %s does not find the packets %s" % (name, f["rule"], text, sorted(missing))


def check(program, capture):
    name, wrong = capture.name, []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "evidence.pcapng"
        before = report(program, "-w", path, capture)
        after = report(program, path)
        wrong += differences(name, before, after)
        wrong += check_comments(name, before, path)
        wrong += check_filters(name, before, capture)
    return wrong


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        wrong = [line for lines in pool.map(lambda c: check(sys.argv[1], Path(c)), sys.argv[2:]) for line in lines]
    print("\n".join(wrong + ["evidence: %d captures, %d complaints" % (len(sys.argv) - 2, len(wrong))]))
    return 1 if wrong else 0


sys.exit(main())
