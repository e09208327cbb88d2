#!/usr/bin/python3
"""Compares the report of every capture in pcaps/ with the one in tests/golden/, in text and in JSON, without keys also in
Markdown and CSV; of two captures (OF_FEW) also the HTML report and a ladder.

usage: golden.py [--program PROGRAM] [--update NAME...|all] [NAME...]

NAME is a capture without folder and extension. --update rewrites its goldens: read the diff before you commit it.
PROGRAM is build/release/smtptrace, or build/dev/smtptrace if that is newer.
"""
import argparse
import difflib
import os
import re
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent.parent
PCAPS, GOLDEN = TOP / "pcaps", TOP / "tests/golden"
ENDINGS = (".pcap", ".pcapng", ".pcap.gz", ".pcapng.gz", ".pcap.zst", ".pcapng.zst")
FORMATS = {"txt": ["--format", "text"], "json": ["--format", "json"]}
WITH_KEYS = {"keys." + ending: options for ending, options in FORMATS.items()}
WITHOUT_KEYS = {"md": ["--format", "markdown"], "csv": ["--format", "csv"]}
OF_FEW = {"html": ["--format", "html"], "ladder.txt": ["--ladder", "1"], "sessions.txt": ["--sessions"]}
FEW = ("07-port25-rst-by-middlebox", "16-cert-expired-tls12")
ENVIRONMENT = dict(os.environ, TZ="UTC", LC_ALL="C")
DIFF_LINES_MAX = 60
ASSETS = re.compile(r"(<(style|script)>).*?(</\2>)", re.S)  # of report/html/; the hashes in the policy stand for them


def newest_program():
    found = [path for path in (TOP / "build/release/smtptrace", TOP / "build/dev/smtptrace") if path.exists()]
    if not found:
        sys.exit("golden: no program in build/release or build/dev; build it, or give --program")
    return max(found, key=lambda path: path.stat().st_mtime)


def captures():
    """Name to file name, for every capture."""
    found = {}
    for path in sorted(PCAPS.iterdir()):
        for ending in ENDINGS:
            if path.name.endswith(ending):
                found[path.name[: -len(ending)]] = path.name
    return found


def reports(name):
    """Ending of the golden to options; more where a key log lies beside the capture."""
    keys = PCAPS / (name + ".keys")
    plain = FORMATS | WITHOUT_KEYS | (OF_FEW if name in FEW else {})
    if not keys.exists():
        return plain
    return plain | {ending: options + ["-k", keys.name] for ending, options in WITH_KEYS.items()}


def report(program, options, capture):
    """Run in pcaps/, so that the report names the file without a path."""
    done = subprocess.run([program, *options, capture], cwd=PCAPS, env=ENVIRONMENT, capture_output=True)
    if done.returncode not in (0, 1) or done.stderr:
        return "exit status %d\n%s" % (done.returncode, done.stderr.decode(errors="replace"))
    text = done.stdout.decode("ascii")
    return ASSETS.sub(r"\1\3", text) if "html" in options else text


def difference(golden, now, label):
    wanted = golden.read_text(encoding="ascii") if golden.exists() else ""
    if wanted == now:
        return []
    lines = list(difflib.unified_diff(wanted.splitlines(), now.splitlines(), "golden", "now", lineterm="", n=2))
    if len(lines) > DIFF_LINES_MAX:
        lines = lines[:DIFF_LINES_MAX] + ["... %d more lines" % (len(lines) - DIFF_LINES_MAX)]
    return ["%s: %s" % (label, "differs" if golden.exists() else "has no golden yet")] + lines


def orphans(names):
    for path in sorted(GOLDEN.glob("*")):
        name, _, ending = path.name.partition(".")
        if name not in names or ending not in reports(name):
            yield path


def compare(program, names, found):
    n_bad = 0
    for name in names:
        for ending, options in reports(name).items():
            lines = difference(GOLDEN / (name + "." + ending), report(program, options, found[name]), name + "." + ending)
            n_bad += bool(lines)
            print("\n".join(lines + [""]) if lines else "", end="")
    for path in orphans(found):
        print("%s: belongs to no capture" % path.name)
        n_bad += 1
    print("golden: %d captures, %d complaints" % (len(names), n_bad))
    return 1 if n_bad else 0


def update(program, names, found):
    GOLDEN.mkdir(exist_ok=True)
    for name in names:
        for ending, options in reports(name).items():
            (GOLDEN / (name + "." + ending)).write_text(report(program, options, found[name]), encoding="ascii")
    print("golden: %d captures rewritten; now read git diff tests/golden" % len(names))
    return 0


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--program", type=Path)
    parser.add_argument("--update", action="store_true")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    found = captures()
    names = sorted(found) if options.names in ([], ["all"]) else options.names
    unknown = [name for name in names if name not in found]
    if unknown:
        sys.exit("golden: no capture is called %s" % ", ".join(unknown))
    if not found:
        sys.exit("golden: there are no captures in pcaps/")
    if options.update and not options.names:
        sys.exit("golden: --update wants names, or all")
    program = (options.program or newest_program()).resolve()
    return (update if options.update else compare)(program, names, found)


sys.exit(main())
