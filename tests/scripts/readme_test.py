#!/usr/bin/python3
"""What README.md shows as output is what the program writes: every indented block that begins with "$ smtptrace ...".

usage: readme_test.py PROGRAM [--update]        --update writes the output into README.md
"""
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent.parent
README = TOP / "README.md"
ENVIRONMENT = dict(os.environ, TZ="UTC", LC_ALL="C")
INDENT = "    "
BLOCK = re.compile(r"^    \$ (smtptrace .*)\n(?:(?:    .*)?\n)*?(?=\S)", re.M)


def block(program, command):
    """The command and its output as README.md shows them."""
    argv = [program, *shlex.split(command)[1:]]
    done = subprocess.run(argv, cwd=TOP, env=ENVIRONMENT, capture_output=True, text=True)
    if done.returncode not in (0, 1):
        sys.exit("readme_test: %s: exit status %d: %s" % (command, done.returncode, done.stderr))
    lines = ["$ " + command, *done.stdout.rstrip("\n").split("\n")]
    return "".join((INDENT + line).rstrip() + "\n" for line in lines) + "\n"


def main():
    if len(sys.argv) not in (2, 3) or sys.argv[2:] not in ([], ["--update"]):
        sys.exit(__doc__)
    program = str(Path(sys.argv[1]).resolve())
    text = README.read_text(encoding="utf-8")
    now = BLOCK.sub(lambda found: block(program, found.group(1)), text)
    n_blocks = len(BLOCK.findall(text))
    if sys.argv[2:]:
        README.write_text(now, encoding="utf-8")
        now = text
    if now != text:
        print("README.md shows output that the program does not write any more: readme_test.py PROGRAM --update")
    print("readme_test: %d blocks, %d complaints" % (n_blocks, now != text))
    return 1 if now != text or n_blocks == 0 else 0


sys.exit(main())
