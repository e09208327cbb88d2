#!/usr/bin/python3
"""The commands of docs/QUICKSTART.md do what the page says: they are run on a host of the lab, with a mail server behind it.

usage: quickstart_test.py [--update]        as root; --update writes the output into the page

build/release is used again when it is there. Times, numbers of packets and ports differ each time and are not compared.
"""
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent.parent
PAGE, LAB = TOP / "docs/QUICKSTART.md", TOP / "tests/lab"
sys.dont_write_bytecode = True
sys.path.insert(0, str(LAB))
from lab import Lab  # noqa: E402
from programs import client_program  # noqa: E402
from servers import postfix  # noqa: E402

CONSOLE = re.compile(r"^```console\n(.*?)^```$", re.M | re.S)
MARK = "@@ next command"
CHANGING = [(re.compile(pattern), text) for pattern, text in (
    (r"\d{4}-\d\d-\d\d", "DATE"), (r"\d\d:\d\d:\d\d(\.\d+)?", "TIME"), (r"packets? \d+", "packet N"),
    (r"\b\d+ packets", "N packets"), (r"queued as \w+", "queued as ID"), (r"[ \n]+", " "),
    (r"DATE TIME UTC to DATE TIME UTC", "DATE TIME UTC"))]


def swaks_in(folder):
    """swaks of the lab's overlay, as if it were installed."""
    program, environment = client_program("swaks")
    assigned = " ".join("%s='%s'" % pair for pair in environment.items())
    path = Path(folder) / "swaks"
    path.write_text('#!/bin/sh\nexec env %s %s --ehlo client.example.com "$@"\n' % (assigned, program))
    path.chmod(0o755)


def played(lab, commands, home):
    """What each command writes, in one shell."""
    script = "".join("echo '%s'\n%s\n" % (MARK, command) for command in commands)
    env = dict(os.environ, HOME=home, PATH="%s:%s" % (home, os.environ["PATH"]), LC_ALL="C", TZ="UTC")
    done = subprocess.run(lab.in_host("c", ["bash", "-c", script]), cwd=TOP, env=env, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=600)
    return [text.lstrip("\n") for text in done.stdout.split(MARK)[1:]]


def comparable(text):
    for pattern, replacement in CHANGING:
        text = pattern.sub(replacement, text)
    return text


def filled(text, outputs):
    """The page with these outputs, one for each command."""
    rest = iter(outputs)

    def one(console):
        commands = [line for line in console.group(1).splitlines() if line.startswith("$ ")]
        return "```console\n" + "".join("%s\n%s" % (command, next(rest)) for command in commands) + "```"

    return CONSOLE.sub(one, text)


def main():
    if sys.argv[1:] not in ([], ["--update"]):
        sys.exit(__doc__)
    if os.geteuid() != 0:
        sys.exit("quickstart_test: needs root: it makes network namespaces and captures in them")
    subprocess.run([LAB / "setup", "postfix", "client"], check=True)
    text = PAGE.read_text(encoding="utf-8")
    commands = [line[2:] for block in CONSOLE.findall(text) for line in block.splitlines() if line.startswith("$ ")]
    with tempfile.TemporaryDirectory() as home, tempfile.TemporaryDirectory() as folder:
        lab = Lab("quickstart", folder)
        try:
            lab.build_network("nic")
            postfix(lab, "smtpd_tls_security_level = none\n")
            swaks_in(home)
            outputs = played(lab, commands, home)
        finally:
            lab.close()
            lab.clean()
    if len(outputs) != len(commands):
        sys.exit("quickstart_test: the shell ended early: %s" % outputs)
    now = filled(text, outputs)
    if sys.argv[1:]:
        PAGE.write_text(now, encoding="utf-8")
        text = now
    is_bad = comparable(now) != comparable(text)
    if is_bad:
        print("docs/QUICKSTART.md says something else than its commands write:\n" + now)
    print("quickstart_test: %d commands, %d complaints" % (len(commands), is_bad))
    return 1 if is_bad or not commands else 0


sys.exit(main())
