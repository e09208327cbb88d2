#!/usr/bin/python3
"""Rule files with one mistake each, tests/rules-broken/: the program names file, line and column in exactly one line.

usage: broken_rules_test.py PROGRAM CAPTURE [FILE...]      all files without arguments

What is expected behind "FILE:" stands in the first line, "# expected: ...", or in FILE.expected where the format knows
no comments.
"""
import os
import re
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "rules-broken"
ENVIRONMENT = dict(os.environ, TZ="UTC", LC_ALL="C")
MARK = b"# expected: "
TIMEOUT_S = 30
PLACE = {".yaml": re.compile(r"\d+:\d+: "), ".tsv": re.compile(r"\d+: ")}


def expected(path):
    first = path.read_bytes().split(b"\n", 1)[0]
    if first.startswith(MARK):
        return first[len(MARK):].decode("ascii")
    return Path(str(path) + ".expected").read_text(encoding="ascii").rstrip("\n")


def complaints(program, capture, path):
    wanted = expected(path)
    if not PLACE[path.suffix].match(wanted):
        yield "what is expected names no line and column: " + wanted
    line = "smtptrace: %s:%s\n" % (path.name, wanted)
    for arguments in (["rules", "--check", path.name], ["-R", path.name, capture], ["rules", "-R", path.name]):
        done = subprocess.run([program, *arguments], cwd=FOLDER, env=ENVIRONMENT, capture_output=True, timeout=TIMEOUT_S)
        said = done.stderr.decode("ascii", errors="backslashreplace")
        if said != line:
            yield "%s: expected %s  but it says  %s" % (arguments[0], line, said)
        if done.returncode != 2 or done.stdout:
            yield "%s: exit status %d, %d bytes of output" % (arguments[0], done.returncode, len(done.stdout))


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    program, capture = (str(Path(argument).resolve()) for argument in sys.argv[1:3])
    paths = [Path(argument).resolve() for argument in sys.argv[3:]]
    paths = paths or sorted(path for path in FOLDER.iterdir() if path.suffix in PLACE)
    n_bad = 0
    for path in paths:
        for complaint in complaints(program, capture, path):
            print("%s: %s" % (path.name, complaint))
            n_bad += 1
    print("broken_rules_test: %d files, %d complaints" % (len(paths), n_bad))
    return 1 if n_bad or not paths else 0


sys.exit(main())
