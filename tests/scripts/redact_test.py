#!/usr/bin/python3
"""--redact: the same findings, and no name of a mail user in any output. usage: redact_test.py PROGRAM CAPTURE...

What the names are is told by the report without --redact. A capture is also read with the keys that lie beside it. JSON is
looked at for each, the other formats by turns.
"""
import collections
import concurrent.futures
import json
import os
import re
import subprocess
import sys
from pathlib import Path

ENVIRONMENT = dict(os.environ, TZ="UTC", LC_ALL="C")
FORMATS = re.findall(r"^FORMAT\((\w+)", (Path(__file__).resolve().parents[2] / "report/formats.def").read_text(), re.M)
WAYS = [["-v"], ["--ladder", "1"]] + [["--format", name] for name in FORMATS if name != "json"]
MAILBOX = re.compile(r"[\w.+=-]+@[\w.-]*\w")


def run(program, *argv):
    done = subprocess.run([program, *argv], capture_output=True, text=True, env=ENVIRONMENT, check=False)
    if done.returncode not in (0, 1) or done.stderr:
        raise ValueError("%s: exit status %d: %s" % (argv, done.returncode, done.stderr))
    return done.stdout


def names_in(text):
    """Mailboxes anywhere, and users who logged in."""
    names = set(MAILBOX.findall(text))
    for session in json.loads(text)["sessions"]:
        user = (session.get("auth") or {}).get("user")
        names |= {user} if user else set()
    return names


def said(text):
    return collections.Counter((f["rule"], f["severity"], f["certainty"], f["fault"], len(f["sessions"]),
                                len(f["evidence"])) for f in json.loads(text)["findings"])


def check(program, capture, keys, ways):
    options = ["-k", str(keys)] if keys else []
    before = run(program, "--format", "json", *options, capture)
    names, wrong = names_in(before), []
    after = run(program, "--redact", "--format", "json", *options, capture)
    for way in [["--format", "json"], *ways]:
        text = after if way[-1] == "json" else run(program, "--redact", *way, *options, capture)
        wrong += ["%s: %s has %s" % (capture.name, way[-1], name) for name in sorted(names)
                  if re.search(r"(?<![\w.@-])%s(?![\w@-])" % re.escape(name.lower()), text.lower())]
    for side, more in (("lost", said(before) - said(after)), ("new", said(after) - said(before))):
        wrong += ["%s: %s: %s" % (capture.name, side, what) for what in more]
    if len(after) != len(before):
        wrong.append("%s: the report has another length" % capture.name)
    return len(names), wrong


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    captures = [Path(name) for name in sys.argv[2:]]
    jobs = [(c, None) for c in captures] + [(c, c.with_suffix(".keys")) for c in captures if c.with_suffix(".keys").exists()]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda i: check(sys.argv[1], *jobs[i], [WAYS[i % len(WAYS)]]), range(len(jobs))))
    wrong = [line for _, lines in results for line in lines]
    n_names = sum(n for n, _ in results)
    if n_names == 0:
        wrong.append("no capture names a mail user")
    print("\n".join(wrong + ["redact: %d captures, %d names, %d complaints" % (len(jobs), n_names, len(wrong))]))
    return 1 if wrong else 0


sys.exit(main())
