#!/usr/bin/python3
"""Looks for passwords and message bodies in everything that smtptrace writes.

usage: canary.py PROGRAM [CAPTURE...]

First with dialogues made here, in which a known secret is sent in every way that SMTP has, cut into segments at odd
places, with and without the 334 of the server, with bytes missing before it; then with what the given captures contain
(tshark takes it out of them), also under TLS where a key log lies beside them (NAME.keys).
"""
import base64
import concurrent.futures
import itertools
import os
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from connections import Connection, How, Wire  # noqa: E402
from packets import write_pcap  # noqa: E402

ENVIRONMENT = dict(os.environ, TZ="UTC", LC_ALL="C")
SECRET = "canary-Pa55-w0rd"
BODY = "canary line of the message body"
FORMATS = re.findall(r"^FORMAT\((\w+)\)", (Path(__file__).resolve().parents[2] / "report/formats.def").read_text(), re.M)
FULL_WAYS = [["-v"], ["--format", "json"]]  # the other formats print parts of the same records
ALL_WAYS = [["-v"], ["-q"], ["--color", "always"]] + [["--format", name] for name in FORMATS]
ALL_WAYS_EVERY = 4  # captures
SERVER_PORTS = ("25", "465", "587", "2525", "1080", "1081", "3128")  # of mail servers and proxies
STREAMS_MAX = 6  # of a capture with keys; those in pcaps/ have fewer
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
TUNNEL = ["C: CONNECT mx.example.net:25 HTTP/1.1", "C: Proxy-Authorization: Basic " + b64("alice:" + SECRET), "C: "]
PROXIES = {  # before the server speaks; C> and S> are bytes without CRLF
    "http-proxy": TUNNEL + ["S: HTTP/1.1 200 Connection established", "S: "] + HELLO,
    "http-proxy-407": TUNNEL + ["S: HTTP/1.1 407 Proxy Authentication Required", "S: "] + TUNNEL + ["S: HTTP/1.1 403 no", "S: "],
    "http-proxy-user": ["C: CONNECT alice:%s@mx.example.net:25 HTTP/1.1" % SECRET, "C: ", "S: HTTP/1.1 200 ok", "S: "] + HELLO,
    "http-proxy-silent": TUNNEL,
    "socks5": ["C> \x05\x02\x00\x02", "S> \x05\x02", "C> \x01\x05alice%c%s" % (len(SECRET), SECRET), "S> \x01\x00",
               "C> \x05\x01\x00\x03\x0emx.example.net\x00\x19", "S> \x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"] + HELLO,
    "socks5-refused": ["C> \x05\x01\x02", "S> \x05\x02", "C> \x01\x05alice%c%s" % (len(SECRET), SECRET), "S> \x01\x01"],
    "socks4": ["C> \x04\x01\x00\x19\x00\x00\x00\x01%s\x00mx.example.net\x00" % SECRET,
               "S> \x00\x5a\x00\x00\x00\x00\x00\x00"] + HELLO,
}


def talk(path, lines, seed=None, lost=None):
    """A capture of the dialogue. seed: cut the lines at odd places; lost: a line that the capture does not hold."""
    chance, wire = random.Random(seed), Wire()
    connection = Connection(wire)
    connection.connect()
    for number, line in enumerate(lines):
        data = line[3:].encode("latin-1") + (b"\r\n" if line[1] == ":" else b"")
        size = chance.randint(1, len(data)) if seed is not None else None
        connection.send(line[0], data, How(is_recorded=number != lost, mss=size))
    connection.close("C")
    write_pcap(path, wire.packets)


def forms(secret):
    """The ways in which a secret may turn up: itself, and as base64 wherever it stood within three bytes."""
    raw = secret.encode()
    found = {secret, raw.hex()}
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + raw)
        found.add(encoded[4 if shift else 0 : -4].decode())  # the ends mix with what stands beside it
    return {form for form in found if len(form) >= SHORT}


def outputs(program, capture, folder, ways):
    trace = folder / "trace"
    for way in ways:
        trace.write_text("")
        done = subprocess.run([program, *way, "--trace", trace, capture], capture_output=True, env=ENVIRONMENT)
        if done.returncode not in (0, 1):
            raise SystemExit("canary: %s: exit status %d: %s" % (capture, done.returncode, done.stderr.decode()))
        for name, text in (("output", done.stdout), ("error", done.stderr), ("trace", trace.read_bytes())):
            yield "%s of %s" % (name, " ".join(map(str, way)) or "text"), text.decode(errors="replace")


def search(program, capture, secrets, folder, label, ways):
    """What was found where it must not be, as lines."""
    found = []
    wanted = set().union(*(forms(secret) for secret in secrets)) if secrets else set()
    for where, text in outputs(program, capture, folder, ways):
        unwrapped = re.sub(r"\s+", "", text)
        for form in sorted(wanted):
            if form in text or re.sub(r"\s+", "", form) in unwrapped:
                found.append("%s: '%s' in %s" % (label, form, where))
    return found


def made_here(program, variant):
    """One variant of a dialogue: (name, lines, seed, number of the line that is lost)."""
    name, lines, seed, lost = variant
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made.pcap"
        talk(path, lines, seed, lost)
        label = name + (" cut by %d" % seed if seed is not None else "") + (" without line %d" % lost if lost is not None else "")
        ways = ALL_WAYS if seed is None and lost is None else FULL_WAYS
        return search(program, path, [SECRET, PLAIN, OAUTH, b64(SECRET), BODY], Path(folder), label, ways)


def variants():
    """Each dialogue whole, cut in three ways, and without each line of the exchange in turn."""
    whole = {name: HELLO + lines for name, lines in DIALOGUES.items()}
    for name, lines in {**whole, **PROXIES}.items():
        yield name, lines, None, None
        yield from ((name, lines, seed, None) for seed in range(3))
        yield from ((name, lines, None, lost) for lost in range(0 if name in PROXIES else len(HELLO), len(lines)))


def recorded(program, capture, ways):
    """What is found of the secrets in a capture, and how many it holds."""
    secrets = secrets_in(capture)
    with tempfile.TemporaryDirectory() as folder:
        keys = ["-k", key_log(capture)] if key_log(capture) else []
        return search(program, capture, secrets, Path(folder), capture, [way + keys for way in ways]), len(secrets)


def key_log(capture):
    path = Path(capture).with_suffix(".keys")
    return path if path.exists() else None


def decrypted_lines(capture):
    """Likewise, of what is under TLS."""
    command = ["tshark", "-r", capture, "-o", "tls.keylog_file:%s" % key_log(capture), "-q"]
    for stream in range(STREAMS_MAX):
        yield False, None
        listing = subprocess.run(command + ["-z", "follow,tls,raw,%d" % stream], capture_output=True, text=True, check=True).stdout
        first = re.search(r"^Node 0: .*:(\d+)$", listing, re.M)
        for line in re.findall(r"^\t?[0-9a-f]+$", listing, re.M):
            is_client = line.startswith("\t") == (first.group(1) in SERVER_PORTS)
            for text in bytes.fromhex(line.strip()).split(b"\r\n"):
                yield is_client, text.decode("latin-1")


def client_lines(capture):
    """Lines of both sides in the order of the capture, per stream; None where a stream begins."""
    command = ["tshark", "-r", capture, "-Y", "tcp.len > 0", "-T", "fields", "-e", "tcp.stream", "-e", "tcp.dstport", "-e",
               "tcp.payload"]
    listing = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    streams = {}
    for line in listing.splitlines():
        stream, port, payload = line.split("\t")
        streams.setdefault(stream, []).append((port in SERVER_PORTS, bytes.fromhex(payload.split(",")[0].replace(":", ""))))
    for pieces in streams.values():
        yield False, None
        for is_client, data in pieces:
            for text in data.split(b"\r\n"):
                yield is_client, text.decode("latin-1")


def secrets_in(capture):
    """What clients sent after AUTH or a 334, and the lines of bodies."""
    found = set()
    is_asked = is_body = is_blank_seen = False
    lines = itertools.chain(client_lines(capture), decrypted_lines(capture) if key_log(capture) else ())
    for is_client, text in lines:
        if text is None:
            is_asked = is_body = is_blank_seen = False
            continue
        proxy = re.match(r"(?i)Proxy-Authorization:\s*\S+\s+(\S+)", text)
        if proxy:
            found |= {proxy.group(1), base64.b64decode(proxy.group(1)).decode("latin-1").split(":")[-1]}
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
    program, captures = Path(sys.argv[1]).resolve(), sys.argv[2:]
    dialogues = list(variants())
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda variant: (made_here(program, variant), 0), dialogues))
        ways = [ALL_WAYS if i % ALL_WAYS_EVERY == 0 else FULL_WAYS for i in range(len(captures))]
        results += pool.map(lambda capture, how: recorded(program, capture, how), captures, ways)
    found = [line for lines, _ in results for line in lines]
    n_secrets = sum(n for _, n in results)
    print("\n".join(found))
    print("canary: %d dialogues, %d captures with %d secrets, %d complaints" % (
        len(dialogues), len(captures), n_secrets, len(found)))
    return 1 if found or captures and not n_secrets else 0


sys.exit(main())
