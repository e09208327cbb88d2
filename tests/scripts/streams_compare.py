#!/usr/bin/python3
"""Compares the bytes that smtptrace puts in order with those of libnids alone and of tshark.

usage: streams_compare.py STREAMS_DUMP NIDS_DUMP CAPTURE...

Only directions without missing bytes are compared. libnids needs IPv4 and the handshake, and it must have no connection
that smtptrace has not; for tshark the stream numbers and their count must agree, too. Prints one line per capture with
the directions that had bytes, and exits 1 when something differs or when too few of them were compared."""

import os
import re
import subprocess
import sys
from collections import defaultdict


SHARE_MIN = 0.8  # of the directions without missing bytes; the others are IPv6, cooked, or without a handshake


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


def conversation(text):
    """{sender: hex} of one conversation as `tshark -z follow,tcp,raw` shows it; empty when there is no such stream."""
    nodes = [re.sub(r"\[?([^\]]*)\]?:(\d+)$", r"\1,\2", n) for n in re.findall(r"^Node \d: (.*)$", text, re.M)]
    data = defaultdict(str)
    for line in text.splitlines():
        if re.fullmatch(r"\t?(?:[0-9a-f]{2})+", line):
            data[nodes[line.startswith("\t")]] += line.strip()
    return {node: data[node] for node in nodes if node != ":0"}


def followed(capture, n_streams):
    """How many streams tshark counts, and {stream: conversation} of the first n_streams."""
    options = [o for stream in range(n_streams) for o in ("-z", f"follow,tcp,raw,{stream}")]
    fields = ("-T", "fields", "-E", "occurrence=l", "-e", "tcp.stream")  # the last: not what ICMP quotes
    # its dissector of SOCKS keeps what it follows from the others
    numbers, *texts = run("tshark", "--disable-protocol", "socks", "-r", capture, *fields, *options).split("Filter: tcp.stream eq ")
    numbers = {word for word in numbers.split() if word.isdigit()}
    numbered = [text.split("\n", 1) for text in texts]  # the number in front is no data, though it may look like hex
    return len(numbers), {int(number): conversation(text) for number, text in numbered}


def compare(tools, capture):
    streams_dump, nids_dump = tools
    rows = ours(streams_dump, capture)
    alone = nids(nids_dump, capture)
    n_streams = len({row[0] for row in rows})
    counts = {"directions": 0, "libnids": 0, "tshark": 0}
    wrong = []
    n_shark, shark = followed(capture, n_streams)
    if n_streams != n_shark:
        wrong.append(f"{n_streams} connections, and tshark has {n_shark}")
    for sender, receiver in set(alone) - {row[1:3] for row in rows}:
        wrong.append(f"libnids alone has a connection from {sender} to {receiver}")
    for stream, sender, receiver, missing, data in rows:
        if missing:
            continue
        counts["directions"] += bool(data)
        others = alone.get((sender, receiver), [])
        counts["libnids"] += bool(others and data)
        if others and not agrees(data, others):
            wrong.append(f"stream {stream} from {sender}: libnids has other bytes")
        counts["tshark"] += bool(stream in shark and data)
        if data and shark.get(stream, {}).get(sender) != data:
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
    if totals["libnids"] < SHARE_MIN * totals["directions"] or totals["tshark"] < totals["directions"] or not totals["directions"]:
        print("too little was compared")
        status = 1
    sys.exit(status)


main()
