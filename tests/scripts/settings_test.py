#!/usr/bin/python3
"""Settings (-e, --learn) on recorded captures: silent where they fit, one line for each thing that differs.

usage: settings_test.py PROGRAM

* Of each capture in which mail was delivered: what --learn writes, -e reads, and on the same capture it is silent about
  these sessions, and about all when none failed.
* One edit of that makes one difference: setting, expected and seen value, and the packet, which tshark names.
* Settings as people write them against captures of wrong set-ups.
* The examples in docs/settings are read, and complain about none of the sessions that they do not concern.
"""
import concurrent.futures
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent.parent
PCAPS = TOP / "pcaps"
ENVIRONMENT = dict(os.environ, TZ="UTC", LC_ALL="C")
GOOD = {"delivered", "partly-delivered", "unknown"}
RULES = ("expectation-failed", "source-not-allowlisted")

SYN = "tcp.flags.syn == 1 && tcp.flags.ack == 0"
MAIL, EHLO, AUTH = ('smtp.req.command == "%s"' % verb for verb in ("MAIL", "EHLO", "AUTH"))
HELLO, CHOSEN, CHAIN = ("tls.handshake.type == %d" % number for number in (1, 2, 11))

# capture, key, its new value; expected and seen as the finding has them; filter and which of its packets is the evidence
EDITS = [
    ("03b-clean-starttls12-keys", "server", "smtp.example.com", "smtp.example.com", "mx1.example.net", HELLO, 0),
    ("03b-clean-starttls12-keys", "port", "465", "465", "587", SYN + " && tcp.dstport == 587", 0),
    ("03b-clean-starttls12-keys", "tls", "implicit", "implicit", "starttls", "smtp.response.code == 220", 1),
    ("03b-clean-starttls12-keys", "tls_min", "1.3", "1.3", "TLS 1.2", CHOSEN, 0),
    ("03b-clean-starttls12-keys", "certificate_name", "smtp.example.com", "smtp.example.com",
     "mx1.example.net, mail.example.net, smtp.example.net", CHAIN, 0),
    ("03b-clean-starttls12-keys", "helo", "mail.example.com", "mail.example.com", "client.example.com", EHLO, -1),
    ("03b-clean-starttls12-keys", "auth", "[LOGIN, CRAM-MD5]", "LOGIN or CRAM-MD5", "PLAIN", AUTH, 0),
    ("03b-clean-starttls12-keys", "user", "bob", "bob", "alice", AUTH, 0),
    ("03b-clean-starttls12-keys", "sender", "example.org", "example.org", "alice@example.com", MAIL, 0),
    ("03b-clean-starttls12-keys", "sender", "bob@example.com", "bob@example.com", "alice@example.com", MAIL, 0),
    ("01-clean-plain-postfix", "server", "203.0.113.0/24", "203.0.113.0/24", "198.51.100.25", SYN, 0),
    ("01-clean-plain-postfix", "tls", "required", "required", "none, and STARTTLS is not offered", MAIL, 0),
    ("01-clean-plain-postfix", "auth", "any", "any", "none: mail without a login", MAIL, 0),
    ("04-implicit465-keys", "tls", "starttls", "starttls", "implicit", HELLO, 0),
    ("04-implicit465-keys", "auth", "PLAIN", "PLAIN", "CRAM-MD5", AUTH, 0),
]

# capture, settings, what must be found: key, expected, seen; or "allowlist"; none: silent
CASES = [
    ("40-nxdomain-host", "server: mail.example.net", [("server", "mail.example.net", None)]),
    ("22-plaintext-to-465", "{server: mx1.example.net, port: 465, tls: implicit}",
     [("tls", "implicit", "none: the client waits for a greeting in clear")]),
    ("21-clienthello-to-25-587", "{server: mx1.example.net, port: [25, 587], tls: starttls}",
     [("tls", "starttls", "implicit")]),
    ("06-port25-dropped-587-ok", "{server: mx1.example.net, port: 587}", [("port", "587", "25")]),
    ("73-obsolete-tls10-keys", "tls_min: 1.2", [("tls_min", "1.2", "TLS 1.0")]),
    ("19-version-server13-client12", "tls_min: 1.3", [("tls_min", "1.3", "no more than TLS 1.2 is offered")]),
    ("17-cert-name-mismatch-tls12", "certificate_name: mx1.example.net", [("certificate_name", "mx1.example.net", None)]),
    ("05-ipv6-delivery", "server: ['2001:db8::/32', mx1.example.net]", []),
    ("05-ipv6-delivery", "server: ['2001:db8:ffff::/48']", [("server", "2001:db8:ffff::/48", None)]),
    ("02-clean-starttls13-keys", "{certificate_name: '*.example.net', sender: '@example.com', tls: required}", []),
    # What concerns other machines, and what cannot be seen.
    ("01-clean-plain-postfix", "{client: 203.0.113.0/24, port: 587}", []),
    ("03-clean-starttls12", "{auth: PLAIN, user: alice, sender: example.org}", []),
    ("37-midstream-plaintext", "{auth: PLAIN}", []),
    ("07-port25-rst-by-middlebox", "allowlist: 203.0.113.0/24", "allowlist"),
    ("25-relay-denied", "allowlist: 203.0.113.0/24", "allowlist"),
    ("25-relay-denied", "allowlist: [203.0.113.0/24, 192.0.2.0/24]", []),
    ("01-clean-plain-postfix", "allowlist: 203.0.113.0/24", []),
    ("23-auth-failed-535", "allowlist: 203.0.113.0/24", []),
    ("16-cert-expired-tls12", "allowlist: 203.0.113.0/24", []),
]


class Failed(Exception):
    pass


def run(program, *arguments):
    return subprocess.run([program, *arguments], env=ENVIRONMENT, capture_output=True, text=True, timeout=120)


def keys_of(capture):
    keys = capture.with_suffix(".keys")
    return ["-k", keys] if keys.exists() else []


def report(program, capture, settings):
    done = run(program, *keys_of(capture), *(["-e", settings] if settings else []), "--format", "json", capture)
    if done.returncode not in (0, 1) or done.stderr:
        raise Failed("exit status %d: %s" % (done.returncode, done.stderr[:2000]))
    return json.loads(done.stdout)


def differences(document):
    return [f for f in document["findings"] if f["rule"] in RULES]


def shown(findings):
    return "; ".join("%s %s %s" % (f["rule"], f["title"], f["sessions"]) for f in findings) or "nothing"


def packets(capture, display_filter):
    """Numbers of the packets that tshark finds."""
    keys = capture.with_suffix(".keys")
    how = ["-o", "tls.keylog_file:%s" % keys] if keys.exists() else []
    done = subprocess.run(["tshark", "-r", capture, *how, "-Y", display_filter, "-T", "fields", "-e", "frame.number"],
                          env=ENVIRONMENT, capture_output=True, text=True, timeout=120)
    if done.returncode:
        raise Failed("tshark: " + done.stderr)
    return [int(word) for word in done.stdout.split()]


def learn(program, capture, settings):
    done = run(program, *keys_of(capture), "--learn", settings, capture)
    if done.returncode not in (0, 2) or done.stdout:
        raise Failed("--learn: exit status %d: %s" % (done.returncode, done.stderr[:2000]))
    return done.returncode == 0


def learnt_is_silent(program, settings, capture):
    """Of all that went well; where nothing failed, altogether. Returns whether anything was learnt."""
    if not learn(program, capture, settings):
        if "delivered" in {s["outcome"] for s in report(program, capture, None)["sessions"]}:
            raise Failed("nothing was learnt although mail was delivered")
        return False
    document = report(program, capture, settings)
    found = differences(document)
    if not {s["outcome"] for s in document["sessions"]} <= GOOD:
        delivered = {s["id"] for s in document["sessions"] if s["outcome"] == "delivered"}
        found = [f for f in found if delivered & set(f["sessions"])]
    if found:
        raise Failed("not silent about what was learnt: %s\n%s" % (shown(found), settings.read_text()))
    return True


def check_one(findings, key, expected, seen):
    if len(findings) != 1 or findings[0]["rule"] != "expectation-failed":
        raise Failed("one difference was expected: " + shown(findings))
    detail = findings[0]["detail"]
    wanted = {"expect.setting": key, "expect.expected": expected, "expect.seen": seen or detail.get("expect.seen")}
    if any(detail.get(name) != value for name, value in wanted.items()):
        raise Failed("expected %s, found %s" % (wanted, detail))
    if not all(value in findings[0]["title"] for value in wanted.values()):
        raise Failed("the title lacks a value: " + findings[0]["title"])


def edit_differs(program, settings, edit):
    name, key, value, expected, seen, display_filter, which = edit
    capture = PCAPS / (name + ".pcap")
    if not learn(program, capture, settings):
        raise Failed("nothing was learnt")
    text, n = re.subn("(?m)^%s: .*$" % key, "%s: %s" % (key, value), settings.read_text())
    if n != 1:
        raise Failed("the key was not learnt:\n" + settings.read_text())
    settings.write_text(text)
    findings = differences(report(program, capture, settings))
    check_one(findings, key, expected, seen)
    wanted = packets(capture, display_filter)[which]
    if [e["packet"] for e in findings[0]["evidence"]] != [wanted]:
        raise Failed("packet %d was expected: %s" % (wanted, findings[0]["evidence"]))


def case_is_right(program, settings, case):
    name, text, wanted = case
    settings.write_text(text + "\n")
    findings = differences(report(program, PCAPS / (name + ".pcap"), settings))
    if wanted == "allowlist":
        if {f["rule"] for f in findings} != {"source-not-allowlisted"}:
            raise Failed("source-not-allowlisted was expected: " + shown(findings))
    elif wanted:
        check_one(findings, *wanted[0])
    elif findings:
        raise Failed("silence was expected: " + shown(findings))


def example_is_read(program, _, example):
    report(program, PCAPS / "01-clean-plain-postfix.pcap", example)


def complaint(program, kind, test, argument, label):
    """(what is wrong or None, what the test returned)"""
    with tempfile.TemporaryDirectory() as folder:
        try:
            return None, test(program, Path(folder) / "settings.yaml", argument)
        except (Failed, IndexError) as failed:
            return "FAILED: %s: %s: %s" % (kind, label, failed), None


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    program = str(Path(sys.argv[1]).resolve())
    examples = sorted((TOP / "docs/settings").glob("*.yaml"))
    tests = [("learnt", learnt_is_silent, path, path.stem) for path in sorted(PCAPS.glob("**/*.pcap"))]
    tests += [("edit", edit_differs, edit, " ".join(edit[:3])) for edit in EDITS]
    tests += [("case", case_is_right, case, " ".join(case[:2])) for case in CASES]
    tests += [("example", example_is_read, path, path.stem) for path in examples]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda test: complaint(program, *test), tests))
    wrong = [text for text, _ in results if text]
    n_learnt = sum(value is True for _, value in results)
    if n_learnt < 40 or len(examples) < 5:
        wrong.append("FAILED: only %d captures were learnt from, %d examples" % (n_learnt, len(examples)))
    print("\n".join(wrong + ["settings_test: %d checks, %d captures learnt from, %d edits, %d failed" % (
        len(tests), n_learnt, len(EDITS), len(wrong))]))
    return 1 if wrong else 0


sys.exit(main())
