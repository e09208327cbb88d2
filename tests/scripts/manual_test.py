#!/usr/bin/python3
"""The manual pages are right mdoc, can be read, and know what the handbook knows.

usage: manual_test.py
"""
import re
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent.parent
PAGES = ("docs/man/smtptrace.1", "docs/man/smtptrace-rules.5")
FONTS = re.compile(r".\x08")
NOT_HERE = "referenced manual not found"  # what is installed is no matter of the page
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "MANWIDTH": "200", "MANPAGER": "cat"}
TABLE = re.compile(r"^\| (`[^|]*) \|", re.M)


def lint(page):
    done = subprocess.run(["mandoc", "-Tlint", "-Wstyle", TOP / page], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True)
    return [line for line in done.stdout.splitlines() if NOT_HERE not in line]


def rendered(page):
    done = subprocess.run(["man", "--warnings", "-l", TOP / page], capture_output=True, text=True, env=ENVIRONMENT)
    return FONTS.sub("", done.stdout), done.stderr.splitlines() + ([] if done.returncode == 0 else ["cannot be read"])


def keys():
    """The keys, words of "over", operators and counters in the tables of docs/RULES.md."""
    text = (TOP / "docs/RULES.md").read_text(encoding="utf-8")
    text = text[text.index("## A rule, key by key"):text.index("## Texts")]
    words = {word for cell in TABLE.findall(text) for code in re.findall(r"`([^`]+)`", cell)
             for word in re.findall(r"^[a-z_]+", code)}
    return sorted(words)


def main():
    complaints = []
    for page in PAGES:
        text, problems = rendered(page)
        complaints += lint(page) + ["%s: %s" % (page, problem) for problem in problems]
    complaints += ["%s does not know '%s', docs/RULES.md does" % (PAGES[1], word) for word in keys()
                   if not re.search(r"\b%s\b" % word, text)]
    print("\n".join(complaints + ["manual_test: %d pages, %d words, %d complaints" % (len(PAGES), len(keys()), len(complaints))]))
    return 1 if complaints else 0


sys.exit(main())
