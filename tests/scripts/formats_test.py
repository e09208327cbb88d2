#!/usr/bin/python3
"""Reads the CSV and Markdown of each capture with programs of others (Python's csv, cmark), and compares with the JSON.
Also of a capture made here, in which all that a stranger can choose is markup or a formula. --ladder and --sessions, too.

usage: formats_test.py PROGRAM CAPTURE...
"""
import concurrent.futures
import csv
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as ElementTree
from pathlib import Path

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from hostile import write_hostile  # noqa: E402

ENVIRONMENT = dict(os.environ, TZ="UTC", LC_ALL="C")
FORMULA = re.compile(r"\s*[=+@\t\r-]")
MARKDOWN = "{http://commonmark.org/xml/1.0}"
FOREIGN_NODES = ("html_block", "html_inline", "image", "link")
TICKET_MAX = 16000  # characters of a report for a ticket
WIDTH = 80


def run(program, options, capture):
    done = subprocess.run([program, *options, capture], env=ENVIRONMENT, capture_output=True)
    if done.returncode not in (0, 1) or done.stderr:
        raise ValueError("%s: exit status %d: %s" % (options, done.returncode, done.stderr.decode(errors="replace")))
    return done.stdout.decode("ascii")


def csv_complaints(text, facts):
    rows = list(csv.DictReader(io.StringIO(text), strict=True))
    if len(rows) != len(facts["sessions"]):
        yield "csv: %d rows for %d attempts" % (len(rows), len(facts["sessions"]))
    rules = {finding["id"]: finding["rule"] for finding in facts["findings"]}
    for row, session in zip(rows, facts["sessions"]):
        if None in row or None in row.values():
            yield "csv: attempt %s has another number of cells than the header" % row["attempt"]
        wanted = {"attempt": str(session["id"]), "phase": session["phase"], "outcome": session["outcome"],
                  "client": session["client"]["address"] or "", "server": session["server"]["address"] or "",
                  "findings": " ".join(map(str, session["findings"])),
                  "finding": rules[session["findings"][0]] if session["findings"] else ""}
        for key, value in wanted.items():
            if row[key] != value:
                yield "csv: attempt %s: %s is %r, in JSON %r" % (row["attempt"], key, row[key], value)
        for key, value in row.items():
            if FORMULA.match(value or ""):
                yield "csv: attempt %s: %s begins like a formula: %r" % (row["attempt"], key, value)


def text_of(node):
    return "".join(part.text or "" for part in node.iter() if part.tag in (MARKDOWN + "text", MARKDOWN + "code"))


def markdown_complaints(text, facts):
    tree = subprocess.run(["cmark", "-t", "xml"], input=text, capture_output=True, text=True, check=True).stdout
    root = ElementTree.fromstring(tree.split("\n", 2)[2])  # without the lines for XML and DOCTYPE
    for name in FOREIGN_NODES:
        for node in root.iter(MARKDOWN + name):
            yield "markdown: %s: %s" % (name, text_of(node)[:80] or node.attrib)
    headings = [text_of(node) for node in root.iter(MARKDOWN + "heading")]
    first = facts["findings"][0]["title"] if facts["findings"] else None
    if first and (not headings or headings[0] != first):
        yield "markdown: the first heading is %r, not the main diagnosis" % headings[:1]
    if first and not all(piece in text_of(root) for piece in (facts["findings"][0]["remedy"], "To act: ")):
        yield "markdown: the remedy is not there word for word"
    if len(text) > TICKET_MAX:
        yield "markdown: %d characters are too long for a ticket" % len(text)
    if re.search(r"(?<![`\w])@\w|https?://(?![^`]*`)", re.sub(r"(`+).*?\1", "", text)):
        yield "markdown: a mention or a link outside of code"


def text_complaints(program, capture, keys, facts):
    """--sessions has a line per attempt; --ladder each packet that the session's findings name, with a mark."""
    listing = run(program, ["--sessions", *keys], capture)
    numbers = [int(n) for n in re.findall(r"^ +(\d+)  \S", listing, re.M)]
    if numbers != [session["id"] for session in facts["sessions"]]:
        yield "--sessions lists %s" % numbers
    for session in facts["sessions"][:3]:
        ladder = run(program, ["--ladder", str(session["id"]), *keys], capture)
        packets = [int(n) for n in re.findall(r"^ +(\d+) +[+-]\d", ladder, re.M)]
        if packets != sorted(packets):
            yield "--ladder %d is not in the order of packets" % session["id"]
        for reply in session["replies"][:20]:
            if reply["packet"] not in packets:
                yield "--ladder %d lacks packet %s" % (session["id"], reply["packet"])
        if any(len(line) > WIDTH for line in (listing + ladder).splitlines()):
            yield "a line of --ladder or --sessions is wider than %d" % WIDTH


def complaints(program, capture):
    keys = ["-k", capture.with_suffix(".keys")] if capture.with_suffix(".keys").exists() else []
    try:
        facts = json.loads(run(program, ["--format", "json", *keys], capture))
        return [*csv_complaints(run(program, ["--format", "csv", *keys], capture), facts),
                *markdown_complaints(run(program, ["--format", "markdown", *keys], capture), facts),
                *text_complaints(program, capture, keys, facts)]
    except (ValueError, csv.Error, ElementTree.ParseError) as problem:
        return [str(problem)]


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    program = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        hostile = Path(folder) / "hostile.pcap"
        write_hostile(hostile)
        captures = [hostile, *map(Path, sys.argv[2:])]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            found = list(pool.map(lambda capture: complaints(program, capture), captures))
    for capture, lines in zip(captures, found):
        for line in lines:
            print("%s: %s" % (capture.name, line))
    n_bad = sum(map(len, found))
    print("formats_test: %d captures, %d complaints" % (len(captures), n_bad))
    return 1 if n_bad else 0


sys.exit(main())
