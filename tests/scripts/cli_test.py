#!/usr/bin/python3
"""The command line as a user meets it: exit status, one line of error, options, streams.

usage: cli_test.py PROGRAM CAPTURE_BAD CAPTURE_GOOD     a capture in which mail fails, and one in which it is delivered
"""
import base64
import json
import os
import pty
import select
import subprocess
import sys
import tempfile
from pathlib import Path

ENVIRONMENT = dict(os.environ, TZ="UTC", LC_ALL="C", TERM="xterm")
ENVIRONMENT.pop("NO_COLOR", None)


class Checks:
    def __init__(self, program, bad, good):
        self.program, self.bad, self.good, self.n, self.n_failed = program, bad, good, 0, 0

    def run(self, *arguments, data=None, **how):
        return subprocess.run([self.program, *arguments], input=data, stdout=how.pop("stdout", subprocess.PIPE),
                              stderr=subprocess.PIPE, env=dict(ENVIRONMENT, **how.pop("env", {})), timeout=60, **how)

    def expect(self, what, is_fine, done=None):
        self.n += 1
        if is_fine:
            return
        self.n_failed += 1
        print("FAILED: " + what)
        if done:
            print("  status %d, error %r, output %r" % (done.returncode, done.stderr[:300], (done.stdout or b"")[:300]))

    def refuses(self, what, text, *arguments, **how):
        """Exit status 2, and exactly one line that begins with the program's name and contains text."""
        done = self.run(*arguments, **how)
        error = done.stderr.decode(errors="replace")
        is_fine = done.returncode == 2 and error.count("\n") == 1 and error.startswith("smtptrace: ") and text in error
        self.expect(what, is_fine, done)


def check_status(t):
    t.expect("a failed mail is status 1", t.run(t.bad).returncode == 1)
    t.expect("a delivered mail is status 0", t.run(t.good).returncode == 0)
    t.expect("several files are fine", t.run(t.bad, t.good).returncode == 1)
    t.refuses("no file", "nothing to read")
    t.refuses("a missing file", "/nonexistent", "/nonexistent")
    t.refuses("a directory", "/tmp", "/tmp")
    t.refuses("a file that is no capture", "options.def", str(Path(__file__).resolve().parents[2] / "cli/options.def"))
    t.refuses("an empty file", "/dev/null", "/dev/null")
    t.refuses("a bad filter", "", "-f", "no such filter", t.good)
    t.refuses("a missing device", "nosuchdevice0", "-i", "nosuchdevice0")
    t.refuses("a bad condition", "", "-Y", "no.such.fact == 1", t.good)
    t.refuses("a missing rule file", "/nonexistent.yaml", "-R", "/nonexistent.yaml", t.good)
    t.refuses("an unknown rule", "no-such-rule", "rules", "no-such-rule")
    t.refuses("an unknown field", "no.such.field", "fields", "no.such.field")
    t.refuses("a trace that cannot be written", "/nonexistent/", "--trace", "/nonexistent/trace", t.good)
    t.refuses("a full disk", "No space left", t.good, stdout=open("/dev/full", "wb"))
    t.refuses("a temporary folder that is not there", "TMPDIR", "--format", "json", t.good, env={"TMPDIR": "/nonexistent"})


def check_pages(t):
    for arguments in (["--help"], ["--version"], ["rules"], ["fields"], ["fields", "smtp.reply"], ["rules", "auth-failed"],
                      ["explain", "auth-failed"]):
        done = t.run(*arguments)
        t.expect(" ".join(arguments) + " prints", done.returncode == 0 and done.stdout and not done.stderr, done)
    t.refuses("help into a full disk", "No space left", "--help", stdout=open("/dev/full", "wb"))


def check_streams(t):
    plain = t.run("--format", "json", t.bad).stdout
    data = Path(t.bad).read_bytes()
    piped = t.run("--format", "json", "-", data=data)
    same = json.loads(plain), json.loads(piped.stdout)
    t.expect("standard input gives the same findings", same[0]["findings"] == same[1]["findings"], piped)
    cut = t.run("-", data=data[:-7])
    t.expect("a cut capture is analysed", cut.returncode in (0, 1) and not cut.stderr, cut)
    t.refuses("a capture cut in its head", "", "-", data=data[:10])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report"
        path.write_text("old " * 100000)
        done = t.run("--format", "json", "-o", path, t.bad)
        t.expect("-o holds the report and nothing else", path.read_bytes() == plain and not done.stdout, done)
        copy = Path(folder) / "copy.pcap"
        copy.write_bytes(data)
        t.refuses("-o onto the capture", "overwrite", "-o", copy, copy)
        t.expect("the capture is as before", copy.read_bytes() == data)
    read_end, write_end = os.pipe()
    os.close(read_end)
    t.refuses("a closed pipe", "Broken pipe", "-v", t.bad, stdout=write_end)
    os.close(write_end)


def check_options(t):
    whole = json.loads(t.run("--format", "json", t.bad).stdout)
    few = json.loads(t.run("--format", "json", "-c", "4", t.bad).stdout)
    t.expect("-c counts packets", few["capture"]["packets"] == 4)
    port = whole["sessions"][0]["server"]["port"]
    some = json.loads(t.run("--format", "json", "-Y", "server.port == %d" % port, t.bad).stdout)
    none = json.loads(t.run("--format", "json", "-Y", "server.port == 1", t.bad).stdout)
    wanted = [s for s in whole["sessions"] if s["server"]["port"] == port]
    t.expect("-Y keeps what matches", [s["id"] for s in some["sessions"]] == [s["id"] for s in wanted])
    t.expect("-Y drops the rest", none["sessions"] == [] and not [f for f in none["findings"] if f["sessions"]])
    quiet, text, verbose = (len(t.run(*way, t.bad).stdout) for way in (["-q"], [], ["-v"]))
    t.expect("-q says less, -v says more", quiet < text < verbose)
    lines = t.run("-v", t.bad).stdout.decode().splitlines()
    t.expect("80 columns without a terminal", max(map(len, lines)) <= 80)
    for way, is_coloured in ((["--color=always"], True), ([], False)):
        t.expect("colour %s" % way, (b"\x1b[" in t.run(*way, t.bad).stdout) == is_coloured)


RULE = """- id: own-rule
  over: session
  when: server.port == 25
  certainty: proven
  severity: info
  fault: server
  title: A session on port 25
  means: A test.
  not_proven: Anything.
  remedy: None.
"""
LATER = (["-e", "settings"], ["--show-secrets"], ["--redact"], ["--follow"])


def check_rules(t):
    with tempfile.TemporaryDirectory() as folder:
        good, bad = Path(folder) / "good.yaml", Path(folder) / "bad.yaml"
        good.write_text(RULE)
        for what, path in (("a file", good), ("a folder", folder)):
            done = t.run("--format", "json", "-R", path, t.good)
            found = [finding["rule"] for finding in json.loads(done.stdout or b'{"findings": []}')["findings"]]
            t.expect("-R adds the rules of " + what, "own-rule" in found and len(found) > 1, done)
        bad.write_text(RULE.replace("server.port == 25", "server.prot == 25"))
        t.refuses("a rule with an unknown fact", "bad.yaml:3:", "-R", bad, t.good)
        done = t.run("rules", "--check", good)
        t.expect("rules --check of a good file", done.returncode == 0 and not done.stderr, done)
        t.refuses("rules --check of a bad file", "bad.yaml:3:", "rules", "--check", bad)


def check_settings(t):
    with tempfile.TemporaryDirectory() as folder:
        settings, learnt = Path(folder) / "settings.yaml", Path(folder) / "learnt.yaml"
        settings.write_text("server: mx1.example.net\nprot: 25\n")
        t.refuses("settings with an unknown key", "settings.yaml:2:1: unknown key prot; did you mean port?", "-e", settings, t.good)
        settings.write_text("user: alice\npassword: canary\n")
        t.refuses("settings with a password", "settings.yaml:2:1: password: secrets are neither", "-e", settings, t.good)
        t.refuses("missing settings", "/nonexistent.yaml", "-e", "/nonexistent.yaml", t.good)
        t.refuses("settings without an end", "larger than", "-e", "/dev/zero", t.good)
        t.refuses("two settings files", "only one -e", "-e", settings, "-e", settings, t.good)
        t.refuses("-e and --learn", "either -e or --learn", "-e", settings, "--learn", learnt, t.good)
        t.refuses("-o and --learn", "nothing for -o", "-o", settings, "--learn", learnt, t.good)
        t.refuses("--learn over the capture", "would overwrite", "--learn", t.good, t.good)
        t.refuses("--learn into a full disk", "No space left", "--learn", "/dev/full", t.good)
        t.refuses("--learn of no session", "nothing to learn", "--learn", learnt, "-Y", "server.port == 1", t.good)
        learnt.write_text("x" * 100000)
        done = t.run("--learn", learnt, t.good)
        t.expect("--learn writes a file and nothing else", done.returncode == 0 and not done.stdout + done.stderr, done)
        t.expect("and empties it first", "xx" not in learnt.read_text() and "server: " in learnt.read_text())
        done = t.run("--learn", "-", t.good)
        t.expect("--learn - is standard output", done.returncode == 0 and done.stdout == learnt.read_bytes(), done)
        t.expect("what was learnt is silent", t.run("-e", learnt, t.good).stdout == t.run(t.good).stdout)


def check_key_logs(t):
    with tempfile.TemporaryDirectory() as folder:
        good, bad = Path(folder) / "good.keys", Path(folder) / "bad.keys"
        good.write_text("# made by hand\nCLIENT_RANDOM %064x %096x\n" % (1, 2))
        bad.write_text("-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\n")
        done = t.run("-k", good, "-k", good, t.good)
        t.expect("-k with keys of something else", done.returncode == 0 and not done.stderr, done)
        t.refuses("a key log that is none", "is no key log", "-k", good, "-k", bad, t.good)
        t.refuses("a key log that is not there", "nosuch.keys", "-k", Path(folder) / "nosuch.keys", t.good)


def check_trust(t):
    """A chain to a private root is trusted where --trust names it, and by nobody else."""
    top = Path(__file__).resolve().parents[1]

    def trusted(how, *options):
        done = t.run("--format", "json", "-Y", 'tls.certificate.trusted == "%s"' % how, *options, capture)
        return len(json.loads(done.stdout)["sessions"])

    with tempfile.TemporaryDirectory() as folder:
        capture, root = Path(folder) / "private.pcap", Path(folder) / "root.pem"
        subprocess.run([top / "scripts/wire_script.py", top / "rules/certificate-untrusted/fires.txt", capture], check=True)
        der = (top / "rules-certificates/root.der").read_bytes()
        root.write_text("-----BEGIN CERTIFICATE-----\n%s-----END CERTIFICATE-----\n" % base64.encodebytes(der).decode())
        t.expect("--trust with the root of the chain", trusted("yes", "--trust", root) == 1)
        t.expect("the system does not know a private root", trusted("no") == 1)
        t.expect("--trust none judges no chain", trusted("yes", "--trust", "none") + trusted("no", "--trust", "none") == 0)
        t.refuses("issuers that are not there", "nosuch.pem", "--trust", Path(folder) / "nosuch.pem", t.good)
        t.refuses("issuers that are none", "no certificates", "--trust", capture, t.good)


def check_writing(t):
    """-w, with a pipe, too: its packets cannot be read again."""
    with tempfile.TemporaryDirectory() as folder:
        from_file, from_pipe = Path(folder) / "file.pcapng", Path(folder) / "pipe.pcapng"
        done = t.run("-q", "-w", from_file, t.bad)
        t.expect("-w writes a file", done.returncode == 1 and not done.stderr and from_file.stat().st_size > 1000, done)
        done = subprocess.run([t.program, "-q", "-w", from_pipe, "-"], stdin=open(t.bad, "rb"), capture_output=True,
                              env=ENVIRONMENT, check=False)
        t.expect("-w with standard input", from_pipe.read_bytes() == from_file.read_bytes(), done)
        copy = Path(folder) / "capture.pcap"
        copy.write_bytes(Path(t.bad).read_bytes())
        t.refuses("-w over the capture", "would overwrite the capture", "-w", copy, copy)
        t.expect("the capture is as it was", copy.read_bytes() == Path(t.bad).read_bytes())
        t.refuses("-w where nothing can be written", "cannot write to", "-w", "/nonexistent/file", t.bad)


def check_input(t):
    document = json.loads(t.run("--format", "json", "-f", "udp", t.bad).stdout)
    t.expect("-f lets only what matches in", document["sessions"] == [] and document["capture"]["packets"] > 0)
    t.refuses("an unknown option", "--no-such-option", "--no-such-option", t.good)
    t.refuses("an unknown format", "nosuch", "--format", "nosuch", t.good)
    t.refuses("a port that is none", "70000", "-p", "70000", t.good)
    done = t.run("-D")
    t.expect("-D lists the loopback interface", done.returncode == 0 and b"lo" in done.stdout, done)
    for arguments in LATER:
        done = t.run(*arguments, t.good)
        is_known = done.returncode in (0, 1) or done.stderr.count(b"\n") == 1
        t.expect("%s works, or says in one line that it does not yet" % arguments[0], is_known, done)


def on_terminal(t, arguments, **env):
    """What the program writes when its output is a terminal."""
    ours, theirs = pty.openpty()
    child = subprocess.Popen([t.program, *arguments], stdout=theirs, stderr=theirs, env=dict(ENVIRONMENT, **env))
    os.close(theirs)
    text = b""
    while select.select([ours], [], [], 30)[0]:
        try:
            piece = os.read(ours, 65536)
        except OSError:
            break
        if not piece:
            break
        text += piece
    child.wait()
    os.close(ours)
    return text


def check_terminal(t):
    t.expect("colour on a terminal", b"\x1b[" in on_terminal(t, [t.bad]))
    t.expect("NO_COLOR is honoured", b"\x1b[" not in on_terminal(t, [t.bad], NO_COLOR="1"))
    t.expect("no colour on a dumb terminal", b"\x1b[" not in on_terminal(t, [t.bad], TERM="dumb"))


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    t = Checks(*(str(Path(argument).resolve()) for argument in sys.argv[1:]))
    for check in (check_status, check_pages, check_streams, check_options, check_rules, check_settings, check_key_logs, check_trust,
                  check_writing, check_input, check_terminal):
        check(t)
    print("cli_test: %d checks, %d failed" % (t.n, t.n_failed))
    return 1 if t.n_failed else 0


sys.exit(main())
