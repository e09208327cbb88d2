#!/usr/bin/python3
"""The examples of the handbook work as its pages say: files from code blocks, commands and output from consoles.

usage: docs_example_test.py PROGRAM [--update]        --update writes the output into the pages

Each catalogue of rules/catalogue/ has a page docs/findings/NAME.md that names all of its rules.

A block "```yaml NAME" or "```tsv NAME" is a file; in a block "```console", "$ smtptrace ..." is run where these files and
pcaps/ are, and what follows is all that it writes.
"""
import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent.parent
PAGES = [TOP / "docs/RULES.md", TOP / "docs/SETTINGS.md", TOP / "docs/READING.md", *sorted(TOP.glob("docs/findings/*.md"))]
ENVIRONMENT = dict(os.environ, TZ="UTC", LC_ALL="C")
FILE = re.compile(r"^```(?:yaml|tsv) (\S+)\n(.*?)^```$", re.M | re.S)
CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.M | re.S)
ID = re.compile(r"^- id: *([a-z0-9-]+) *$", re.M)
TIMEOUT_S = 60


def output_of(program, folder, command):
    words = shlex.split(command)
    if words[:1] != ["smtptrace"]:
        sys.exit("docs_example_test: not smtptrace: " + command)
    done = subprocess.run([program, *words[1:]], cwd=folder, env=ENVIRONMENT, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=TIMEOUT_S)
    return done.stdout.decode("ascii")


def played(program, folder, console):
    """The console with what its commands write now."""
    commands = [line[2:] for line in console.splitlines() if line.startswith("$ ")]
    return "".join("$ %s\n%s" % (command, output_of(program, folder, command)) for command in commands)


def check(program, page, is_update):
    """The number of files, consoles, and complaints of one page."""
    text = page.read_text(encoding="utf-8")
    files, consoles = FILE.findall(text), CONSOLE.findall(text)
    with tempfile.TemporaryDirectory() as folder:
        for name, content in files:
            (Path(folder) / name).write_text(content, encoding="utf-8")
        (Path(folder) / "pcaps").symlink_to(TOP / "pcaps")
        now = CONSOLE.sub(lambda found: "```console\n" + played(program, folder, found.group(1)) + "```", text)
    if is_update:
        page.write_text(now, encoding="utf-8")
        text = now
    if now != text:
        for was, found in zip(consoles, CONSOLE.findall(now)):
            print("" if was == found else "%s says\n%s\nbut it is\n%s" % (page.relative_to(TOP), was, found))
        print("docs_example_test.py PROGRAM --update writes what it is; read it, then")
    return len(files), len(consoles), int(now != text or not consoles)


def check_families():
    """Complaints about pages that do not name the rules of their catalogue."""
    pages = {path.stem: path.read_text(encoding="utf-8") for path in TOP.glob("docs/findings/*.md")}
    n_bad = 0
    for path in sorted((TOP / "rules/catalogue").glob("*.yaml")):
        for rule in ID.findall(path.read_text(encoding="utf-8")):
            if "`%s`" % rule not in pages.get(path.stem, ""):
                print("docs/findings/%s.md does not name %s" % (path.stem, rule))
                n_bad += 1
    return n_bad


def main():
    if len(sys.argv) not in (2, 3) or sys.argv[2:] not in ([], ["--update"]):
        sys.exit(__doc__)
    program = str(Path(sys.argv[1]).resolve())
    sums = [sum(numbers) for numbers in zip(*(check(program, page, bool(sys.argv[2:])) for page in PAGES))]
    sums[2] += check_families()
    print("docs_example_test: %d files, %d consoles, %d complaints" % tuple(sums))
    return 1 if sums[2] else 0


sys.exit(main())
