#!/usr/bin/python3
"""Each command of docs/COVERAGE.md prints the words that its row promises.

usage: coverage_test.py PROGRAM
"""
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent.parent
PAGE = TOP / "docs/COVERAGE.md"
ENVIRONMENT = dict(os.environ, TZ="UTC", LC_ALL="C")
CODE = re.compile(r"`([^`]+)`")
TIMEOUT_S = 60


def rows():
    """(line number, command, promised words) of all tables."""
    for number, line in enumerate(PAGE.read_text().splitlines(), 1):
        cells = [cell.strip() for cell in line.strip("|").split(" | ")]
        if line.startswith("|") and len(cells) == 3 and cells[1].startswith("`"):
            yield number, CODE.findall(cells[1])[0], CODE.findall(cells[2])


def output_of(program, command):
    """In one line, since the report breaks its own. Exit status 1 is a finding."""
    words = shlex.split(command)
    if words[:1] != ["smtptrace"]:
        return "not smtptrace"
    done = subprocess.run([program, *words[1:]], cwd=TOP, env=ENVIRONMENT, capture_output=True, text=True, timeout=TIMEOUT_S)
    return " ".join(done.stdout.split()) if done.returncode in (0, 1) else "exit status %d" % done.returncode


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    known, wrong, n = {}, [], 0
    for number, command, promised in rows():
        n += 1
        if command not in known:
            known[command] = output_of(os.path.abspath(sys.argv[1]), command)
        missing = [words for words in promised if " ".join(words.split()) not in known[command]]
        if missing or not promised:
            wrong.append("COVERAGE.md:%d: %s: does not print %s" % (number, command, ", ".join(missing) or "what is not named"))
    print("\n".join(wrong + ["coverage_test: %d rows, %d complaints" % (n, len(wrong))]))
    return 1 if wrong or n == 0 else 0


sys.exit(main())
