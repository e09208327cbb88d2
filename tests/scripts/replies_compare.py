#!/usr/bin/python3
"""The reply codes of every session, and the commands under TLS, are those that tshark shows for the same connection.

usage: replies_compare.py PROGRAM [CAPTURE...]        all of pcaps/ without captures

Connections are matched by the addresses and ports of both ends; when two follow each other on the same ports, their
codes are joined in the order of time. Both ways: what only one of the two shows is a difference. Checksums are not
tested (offload), segments are put in order, and tshark takes every port for SMTP on which we report a session. Where a
key log lies beside the capture (NAME.keys), both get it; then the verbs of the commands are compared as well.

KNOWN lists the connections where tshark is wrong or blind, with the reason and how to see it; the codes that are
right are written there and must still be ours. An entry that no longer applies is a failure too.
"""
import glob
import ipaddress
import json
import os
import subprocess
import sys

PCAPS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../pcaps")
TSHARK = ["tshark", "-n", "-o", "tcp.check_checksum:FALSE", "-o", "tcp.desegment_tcp_streams:TRUE",
          "-T", "fields", "-E", "occurrence=a"]
FIELDS = ("ip.src", "ipv6.src", "tcp.srcport", "ip.dst", "ipv6.dst", "tcp.dstport")
NO_COMMANDS = {"greeting", "message", None}

# (capture, server port, client port): (codes that are right, why tshark differs)
KNOWN = {
    ("41-http-connect-proxy.pcap", 3128, 60972): (
        [220, 250, 250, 250, 354, 250, 221],
        "implicit TLS in a CONNECT tunnel: tshark takes what it decrypts there for HTTP data; -d tls.port==3128,smtp shows it"),
    ("41b-socks-proxies.pcap", 1080, 37408): (
        [220, 250, 220, 250, 250, 250, 354, 250, 221], "tshark takes what is said to a SOCKS proxy for the first lines of SMTP"),
    ("41b-socks-proxies.pcap", 1080, 37424): ([220, 250, 250, 250, 354, 250, 221], "likewise"),
    ("41b-socks-proxies.pcap", 1081, 54398): ([220, 250, 250, 250, 354, 250, 221], "likewise, and implicit TLS behind it"),
}
VERBS = {"EHLO", "HELO", "LHLO", "STAR", "AUTH", "MAIL", "RCPT", "DATA", "BDAT", "RSET", "NOOP", "VRFY", "QUIT"}


def endpoint(address, port):
    return str(ipaddress.ip_address(address)), int(port)


def key_log(capture):
    """The key log beside the capture, or None."""
    path = os.path.splitext(capture)[0] + ".keys"
    return path if os.path.exists(path) else None


def our_sessions(program, capture):
    """The program's sessions; ends when it could not read the capture."""
    keys = key_log(capture)
    argv = [program, "--format", "json"] + (["-k", keys] if keys else []) + [capture]
    result = subprocess.run(argv, capture_output=True, text=True)
    if result.returncode not in (0, 1):
        sys.exit("%s %s: exit status %d\n%s" % (program, capture, result.returncode, result.stderr[-2000:]))
    return json.loads(result.stdout)["sessions"]


def our_codes(sessions):
    """{(server, client): [code, ...]} over all sessions with replies."""
    codes = {}
    for session in sorted(sessions, key=lambda s: s["started"] or 0):
        server, client = session["server"], session["client"]
        if server["address"] and session["replies"]:
            key = endpoint(server["address"], server["port"]), endpoint(client["address"], client["port"])
            codes.setdefault(key, []).extend(reply["code"] for reply in session["replies"])
    return codes


def tshark_codes(capture, ports):
    """Likewise as tshark sees it; ports: more ports to be taken for SMTP."""
    return {key: [int(code) for code in codes] for key, codes in tshark_values(capture, ports, "smtp.response.code").items()}


def tshark_values(capture, ports, value):
    """{(from, to): [value, ...]} of a field of tshark."""
    argv = TSHARK + ["-Y", value, "-r", capture]
    if key_log(capture):
        argv += ["-o", "tls.keylog_file:" + key_log(capture)]
    for field in FIELDS + (value,):
        argv += ["-e", field]
    for port in sorted(ports):
        argv += ["-d", "tcp.port==%d,smtp" % port]
    result = subprocess.run(argv, capture_output=True, text=True)
    if result.returncode and "cut short" not in result.stderr:
        sys.exit("tshark %s: %s" % (capture, result.stderr))
    codes = {}
    for line in result.stdout.splitlines():
        v4_from, v6_from, port_from, v4_to, v6_to, port_to, found = line.split("\t")
        source = endpoint((v4_from or v6_from).split(",")[-1], port_from)
        target = endpoint((v4_to or v6_to).split(",")[-1], port_to)
        codes.setdefault((source, target), []).extend(found.split(","))
    return codes


def commands(replies):
    """The first four letters of each command that was answered, as tshark shows them; the steps of AUTH are one."""
    words = []
    for reply in replies:
        is_step = reply["to"] == "AUTH" and words[-1:] == ["AUTH"] and previous == 334
        if reply["to"] not in NO_COMMANDS and not is_step:
            words.append(reply["to"][:4])
        previous = reply["code"]
    return words


def compare_commands(name, sessions, capture, ports):
    """The verbs of sessions that were decrypted; returns how many differ."""
    theirs, n_bad = tshark_values(capture, ports, "smtp.req.command"), 0
    for session in sessions:
        if not (session["tls"] and session["tls"]["decrypted"]):
            continue
        key = tuple(endpoint(session[end]["address"], session[end]["port"]) for end in ("client", "server"))
        if (name, key[1][1], key[0][1]) in KNOWN:
            continue
        expected = [word.upper() for word in theirs.get(key, []) if word.upper() in VERBS]  # it sees some in messages
        if commands(session["replies"]) == expected + ["QUIT"]:
            expected.append("QUIT")  # tshark overlooks it in the same TLS record as the end of the message
        if commands(session["replies"]) != expected:
            n_bad += 1
            print("%s: session %d: commands\n    smtptrace %s\n    tshark    %s" % (
                name, session["id"], commands(session["replies"]), expected))
    return n_bad


def compare(program, capture):
    """Number of connections that were compared and of those that differ."""
    name = os.path.basename(capture)
    sessions = our_sessions(program, capture)
    ports = {s["server"]["port"] for s in sessions if s["server"]["port"]} - {465}  # TLS there; nothing to see
    ours, theirs = our_codes(sessions), tshark_codes(capture, ports)
    n_bad = compare_commands(name, sessions, capture, ports) if key_log(capture) else 0
    for key in sorted(set(ours) | set(theirs)):
        (server, server_port), (client, client_port) = key
        expected, seen = theirs.get(key, []), ours.get(key, [])
        right, why = KNOWN.pop((name, server_port, client_port), (expected, None))
        if seen == right and (why is None or expected != right):
            continue
        n_bad += 1
        print("%s: %s port %d <- %s port %d\n    smtptrace %s\n    tshark    %s" % (
            name, server, server_port, client, client_port, seen, expected))
        if why:
            print("    listed as known, right are %s: %s" % (right, why))
    return len(set(ours) | set(theirs)), n_bad


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    captures = sys.argv[2:] or sorted(glob.glob(os.path.join(PCAPS, "*.pcap*")))
    n = n_bad = 0
    for capture in captures:
        compared, bad = compare(sys.argv[1], capture)
        n, n_bad = n + compared, n_bad + bad
    if not sys.argv[2:]:
        for key in KNOWN:
            print("%s, server port %d, client port %d: listed as known, but not there" % key)
            n_bad += 1
    print("%d captures, %d connections with replies, %d differ" % (len(captures), n, n_bad))
    return 1 if n_bad or n == 0 else 0


if __name__ == "__main__":
    sys.exit(main())
