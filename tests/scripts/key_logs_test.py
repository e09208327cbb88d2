#!/usr/bin/python3
"""Key logs of captures: it does not matter how they come (one file, two files, inside a pcapng file, before or after other
keys), and no secret comes out again. usage: key_logs_test.py PROGRAM CAPTURE...     with CAPTURE's keys beside it"""
import json
import subprocess
import sys
import tempfile
from pathlib import Path

OTHERS = "".join("CLIENT_RANDOM %064x %096x\n" % (n, n) for n in range(1, 1000))


def run(program, *argv):
    done = subprocess.run([program, *argv], capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1) or done.stderr:
        sys.exit("%s: exit status %d: %s" % (argv, done.returncode, done.stderr))
    return done.stdout


def sessions(program, *argv):
    return json.loads(run(program, "--format", "json", *argv))["sessions"]


def ways(capture, keys, folder):
    """What it is called, and the arguments."""
    lines = keys.read_text().splitlines(keepends=True)
    halves = [folder / "first.keys", folder / "second.keys"]
    halves[0].write_text("".join(lines[::2]))
    halves[1].write_text("".join(lines[1::2]))
    yield "two files", ["-k", halves[0], "-k", halves[1], capture]
    among = folder / "among.keys"
    among.write_text(OTHERS + "nonsense\n" + "".join(lines).rstrip("\n"))
    yield "among others, the last line without an end", ["-k", among, capture]
    for name, log, more in (("inside the capture", keys, []), ("half inside", halves[0], ["-k", halves[1]])):
        inside = folder / (name + ".pcapng")
        subprocess.run(["editcap", "--inject-secrets", "tls,%s" % log, capture, inside], check=True)
        yield name, [*more, inside]


def check(program, capture):
    keys = capture.with_suffix(".keys")
    wanted = sessions(program, "-k", keys, capture)
    is_read = any(s["tls"] and (s["tls"]["decrypted"] or s["tls"]["version"] == "TLS 1.3" and s["tls"]["certificates"])
                  for s in wanted)  # the certificates of TLS 1.3 are hidden without keys
    wrong = [] if is_read else ["nothing is decrypted"]
    with tempfile.TemporaryDirectory() as folder:
        for name, argv in ways(capture, keys, Path(folder)):
            if sessions(program, *argv) != wanted:
                wrong.append(name + ": other sessions")
        trace = Path(folder) / "trace"
        said = run(program, "-v", "-k", keys, "--trace", trace, capture) + json.dumps(wanted) + trace.read_text()
    secrets = [words[2] for words in map(str.split, keys.read_text().splitlines()) if len(words) == 3]
    wrong += ["a secret is in the output" for secret in secrets if secret[:16] in said.lower()]
    return ["%s: %s" % (capture.name, what) for what in wrong]


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    wrong = [line for capture in sys.argv[2:] for line in check(sys.argv[1], Path(capture))]
    print("\n".join(wrong), end="\n" if wrong else "")
    print("key_logs_test: %d captures, %d failed" % (len(sys.argv) - 2, len(wrong)))
    sys.exit(1 if wrong else 0)


main()
