#!/usr/bin/python3
"""Looks for passwords and message bodies in everything that smtptrace writes.

usage: canary.py PROGRAM [CAPTURE...]

First with dialogues made here, in which a known secret is sent in every way that SMTP has, cut into segments at odd
places, with and without the 334 of the server, with bytes missing before it; then with what the given captures contain
(tshark takes it out of them).
"""
import base64
import os
import random
import re
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

ENVIRONMENT = dict(os.environ, TZ="UTC", LC_ALL="C")
SECRET = "canary-Pa55-w0rd"
BODY = "canary line of the message body"
CLIENT, SERVER = bytes([192, 0, 2, 10]), bytes([198, 51, 100, 25])
WAYS = (["-v"], ["-q"], [], ["--format", "json"], ["--format", "ndjson"], ["--color", "always"])
SHORT = 8  # a secret shorter than this may be an ordinary word of the report; its base64 is looked for all the same


def b64(text):
    return base64.b64encode(text.encode()).decode()


HELLO = ["S: 220 mx.example.net ESMTP", "C: EHLO client.example.com", "S: 250-mx.example.net", "S: 250 AUTH PLAIN LOGIN"]
PLAIN = b64("\0alice\0" + SECRET)
OAUTH = b64("user=alice\1auth=Bearer " + SECRET + "\1\1")
DIALOGUES = {
    "plain-at-once": ["C: AUTH PLAIN " + PLAIN, "S: 535 5.7.8 no"],
    "plain-after-334": ["C: AUTH PLAIN", "S: 334 ", "C: " + PLAIN, "S: 235 2.7.0 yes"],
    "plain-lower-case": ["C: auth plain " + PLAIN, "S: 535 5.7.8 no"],
    "plain-many-blanks": ["C: AUTH  PLAIN   " + PLAIN, "S: 535 5.7.8 no"],
    "plain-with-tab": ["C: AUTH\tPLAIN\t" + PLAIN, "S: 535 5.7.8 no"],
    "plain-not-base64": ["C: AUTH PLAIN alice " + SECRET, "S: 501 5.5.2 cannot decode"],
    "login": ["C: AUTH LOGIN", "S: 334 VXNlcm5hbWU6", "C: " + b64("alice"), "S: 334 UGFzc3dvcmQ6", "C: " + b64(SECRET),
              "S: 535 5.7.8 no"],
    "login-user-at-once": ["C: AUTH LOGIN " + b64("alice"), "S: 334 UGFzc3dvcmQ6", "C: " + b64(SECRET), "S: 535 no"],
    "login-in-clear": ["C: AUTH LOGIN", "S: 334 Username:", "C: alice", "S: 334 Password:", "C: " + SECRET, "S: 535 no"],
    "login-without-waiting": ["C: AUTH LOGIN", "C: " + b64("alice"), "C: " + b64(SECRET), "S: 334 VXNlcm5hbWU6",
                              "S: 334 UGFzc3dvcmQ6", "S: 535 5.7.8 no"],
    "login-after-refusal": ["C: AUTH LOGIN", "S: 504 5.5.4 no", "C: " + b64("alice"), "S: 500 what", "C: " + b64(SECRET),
                            "S: 500 what"],
    "xoauth2": ["C: AUTH XOAUTH2 " + OAUTH, "S: 334 eyJzdGF0dXMiOiI0MDAifQ==", "C: ", "S: 535 5.7.8 no"],
    "unknown-mechanism": ["C: AUTH X-NEW " + PLAIN, "S: 504 5.5.4 no"],
    "masked-command": ["C: XXXX PLAIN " + PLAIN, "S: 500 5.5.1 what"],
    "replies-not-seen": ["C: AUTH LOGIN", "C: " + b64("alice"), "C: " + b64(SECRET)],
    "body": ["C: MAIL FROM:<a@example.com>", "S: 250 ok", "C: RCPT TO:<b@example.net>", "S: 250 ok", "C: DATA", "S: 354 go",
             "C: Subject: canary", "C: ", "C: " + BODY, "C: AUTH PLAIN " + PLAIN, "C: .", "S: 250 ok queued as 1"],
    "body-bdat": ["C: MAIL FROM:<a@example.com>", "S: 250 ok", "C: RCPT TO:<b@example.net>", "S: 250 ok",
                  "C: BDAT %d LAST" % (len(BODY) + 4), "C: ", "C: " + BODY, "S: 250 ok"],
    "body-without-354": ["C: MAIL FROM:<a@example.com>", "C: RCPT TO:<b@example.net>", "C: DATA", "C: ", "C: " + BODY, "C: ."],
}


class Connection:
    """One TCP connection as a pcap file."""

    def __init__(self, file, seed):
        self.file, self.random, self.now = file, random.Random(seed), 1700000000.0
        self.next = {"C": 1000, "S": 5000}
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 101))

    def segment(self, side, flags, data=b"", is_lost=False):
        other = "S" if side == "C" else "C"
        ports = (40000, 25) if side == "C" else (25, 40000)
        tcp = struct.pack("!HHIIBBHHH", *ports, self.next[side], self.next[other] if flags & 16 else 0, 80, flags, 65535, 0, 0)
        ends = (CLIENT, SERVER) if side == "C" else (SERVER, CLIENT)
        ip = struct.pack("!BBHHHBBH", 69, 0, 40 + len(data), 1, 0, 64, 6, 0) + ends[0] + ends[1]
        packet = ip + tcp + data
        self.now += 0.01
        if not is_lost:
            whole = int(self.now)
            self.file.write(struct.pack("<IIII", whole, int((self.now - whole) * 1e6), len(packet), len(packet)) + packet)
        self.next[side] += len(data) + (1 if flags & 3 else 0)

    def talk(self, lines, is_whole, lost=None):
        self.segment("C", 2)
        self.segment("S", 18)
        self.segment("C", 16)
        for number, line in enumerate(lines):
            data = line[3:].encode() + b"\r\n"
            while data:
                cut = len(data) if is_whole else self.random.randint(1, len(data))
                self.segment(line[0], 24, data[:cut], number == lost)
                data = data[cut:]
            self.segment("S" if line[0] == "C" else "C", 16)
        self.segment("C", 17)
        self.segment("S", 17)


def forms(secret):
    """The ways in which a secret may turn up: itself, and as base64 wherever it stood within three bytes."""
    raw = secret.encode()
    found = {secret, raw.hex()}
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + raw)
        found.add(encoded[4 if shift else 0 : -4].decode())  # the ends mix with what stands beside it
    return {form for form in found if len(form) >= SHORT}


def outputs(program, capture, folder):
    trace = folder / "trace"
    for way in WAYS:
        trace.write_text("")
        done = subprocess.run([program, *way, "--trace", trace, capture], capture_output=True, env=ENVIRONMENT)
        if done.returncode not in (0, 1):
            raise SystemExit("canary: %s: exit status %d: %s" % (capture, done.returncode, done.stderr.decode()))
        for name, text in (("output", done.stdout), ("error", done.stderr), ("trace", trace.read_bytes())):
            yield "%s of %s" % (name, " ".join(way) or "text"), text.decode(errors="replace")


def search(program, capture, secrets, folder, label):
    n_bad = 0
    wanted = set().union(*(forms(secret) for secret in secrets)) if secrets else set()
    for where, text in outputs(program, capture, folder):
        unwrapped = re.sub(r"\s+", "", text)
        for form in sorted(wanted):
            if form in text or re.sub(r"\s+", "", form) in unwrapped:
                print("%s: '%s' in %s" % (label, form, where))
                n_bad += 1
    return n_bad


def made_here(program, folder):
    n_bad = n = 0
    for name, lines in DIALOGUES.items():
        lines = HELLO + lines
        # whole lines, three random cuts, and each line of the exchange lost in turn
        variants = [(True, None)] + [(False, None)] * 3 + [(True, lost) for lost in range(len(HELLO), len(lines))]
        for seed, (is_whole, lost) in enumerate(variants):
            path = folder / "made.pcap"
            with open(path, "wb") as file:
                Connection(file, seed).talk(lines, is_whole, lost)
            label = "%s%s" % (name, " with line %d lost" % lost if lost is not None else "")
            n_bad += search(program, path, [SECRET, PLAIN, OAUTH, b64(SECRET), BODY], folder, label)
            n += 1
    return n, n_bad


def client_lines(capture):
    """Lines of both sides in the order of the capture, per stream."""
    command = ["tshark", "-r", capture, "-Y", "tcp.len > 0", "-T", "fields", "-e", "tcp.stream", "-e", "tcp.dstport", "-e",
               "tcp.payload"]
    listing = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    streams = {}
    for line in listing.splitlines():
        stream, port, payload = line.split("\t")
        streams.setdefault(stream, []).append((port in ("25", "465", "587", "2525"), bytes.fromhex(payload.replace(":", ""))))
    for pieces in streams.values():
        for is_client, data in pieces:
            for text in data.split(b"\r\n"):
                yield is_client, text.decode("latin-1")


def secrets_in(capture):
    """What clients sent after AUTH or a 334, and the lines of bodies."""
    found = set()
    is_asked = is_body = is_blank_seen = False
    for is_client, text in client_lines(capture):
        if not is_client:
            is_asked = text.startswith("334") or (is_asked and not text)
            if text.startswith("354"):
                is_body, is_blank_seen = True, False
            continue
        auth = re.match(r"(?i)AUTH\s+\S+\s+(\S+)", text)
        if auth or (is_asked and text):
            found |= pieces_of(auth.group(1) if auth else text)
            is_asked = False
        if is_body and text == ".":
            is_body = False
        if is_body and is_blank_seen and len(text) >= 2 * SHORT:
            found.add(text)
        is_blank_seen = is_blank_seen or text == ""
    return found


def pieces_of(encoded):
    """The line itself, and the password in it; a user name is no secret."""
    try:
        parts = base64.b64decode(encoded, validate=True).decode("latin-1").split("\0")
    except ValueError:
        return {encoded}
    if len(parts) == 1 and parts[0].startswith("alice"):
        return set()
    return {encoded, parts[-1]}


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    program = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as name:
        n, n_bad = made_here(program, Path(name))
        n_secrets = 0
        for capture in sys.argv[2:]:
            secrets = secrets_in(capture)
            n_secrets += len(secrets)
            n_bad += search(program, capture, secrets, Path(name), capture)
    print("canary: %d dialogues, %d captures with %d secrets, %d complaints" % (n, len(sys.argv) - 2, n_secrets, n_bad))
    return 1 if n_bad else 0


sys.exit(main())
