#!/usr/bin/python3
"""Compares the bytes that smtptrace puts in order with those of libnids alone and of tshark.

usage: streams_compare.py STREAMS_DUMP NIDS_DUMP CAPTURE...

Only directions without missing bytes are compared. libnids needs IPv4 and the handshake; for tshark the stream numbers
must agree, too. Prints one line per capture and exits 1 when something differs."""

import os
import re
import subprocess
import sys
from collections import defaultdict


def run(*command):
    environment = dict(os.environ, LC_ALL="C", TZ="UTC")
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    return done.stdout


def ours(tool, capture):
    """[(stream, sender, receiver, missing, hex)]"""
    rows = []
    for line in run(tool, capture).splitlines():
        stream, sender, receiver, missing, data = line.split(" ", 4)
        rows.append((int(stream), sender, receiver, int(missing), data))
    return rows


def nids(tool, capture):
    """{(sender, receiver): [(end, hex) of each connection between the two]}"""
    found = defaultdict(list)
    for line in run(tool, capture).splitlines():
        sender, receiver, end, data = line.split(" ", 3)
        found[sender, receiver].append((end, data))
    return found


def agrees(data, others):
    """libnids stops at a reset; smtptrace does not, because resets are forged."""
    return any(data == other or (end == "reset" and data.startswith(other)) for end, other in others)


def followed(capture, stream):
    """{sender: hex} as `tshark -z follow,tcp,raw` shows it; empty when there is no such stream."""
    text = run("tshark", "-r", capture, "-q", "-z", f"follow,tcp,raw,{stream}")
    nodes = [re.sub(r"\[?([^\]]*)\]?:(\d+)$", r"\1,\2", n) for n in re.findall(r"^Node \d: (.*)$", text, re.M)]
    data = defaultdict(str)
    for line in text.splitlines():
        if re.fullmatch(r"\t?(?:[0-9a-f]{2})+", line):
            data[nodes[line.startswith("\t")]] += line.strip()
    return {node: data[node] for node in nodes if node != ":0"}


def compare(tools, capture):
    streams_dump, nids_dump = tools
    rows = ours(streams_dump, capture)
    alone = nids(nids_dump, capture)
    counts = {"directions": 0, "libnids": 0, "tshark": 0}
    wrong = []
    cache = {}
    for stream, sender, receiver, missing, data in rows:
        counts["directions"] += 1
        if missing:
            continue
        others = alone.get((sender, receiver), [])
        if others:
            counts["libnids"] += 1
            if not agrees(data, others):
                wrong.append(f"stream {stream} from {sender}: libnids has other bytes")
        if stream not in cache:
            cache[stream] = followed(capture, stream)
        if cache[stream] and data:
            counts["tshark"] += 1
            if cache[stream].get(sender) != data:
                wrong.append(f"stream {stream} from {sender}: tshark has other bytes")
    return counts, wrong


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    status = 0
    totals = defaultdict(int)
    for capture in sys.argv[3:]:
        counts, wrong = compare(sys.argv[1:3], capture)
        for name, n in counts.items():
            totals[name] += n
        name = os.path.basename(capture)
        print(name, ", ".join(f"{n} {what}" for what, n in counts.items()), "" if not wrong else "DIFFERS")
        for line in wrong:
            status = 1
            print("  ", line)
    print("all:", ", ".join(f"{n} {what}" for what, n in totals.items()))
    if not totals["libnids"] or not totals["tshark"]:
        print("nothing was compared")
        status = 1
    sys.exit(status)


main()
