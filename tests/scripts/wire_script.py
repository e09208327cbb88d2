#!/usr/bin/python3
"""Turns a wire script, the readable form of a capture (see tests/rules/README.md), into a capture.

usage: wire_script.py SCRIPT CAPTURE.pcap       what stands behind a line "--" is left to others
"""
import base64
import re
import shlex
import sys
from pathlib import Path

import packets
from connections import DEFAULTS, Connection, How, Wire

CERTIFICATES = Path(__file__).resolve().parent.parent / "rules-certificates"
FLAGS = {"FIN": packets.FIN, "SYN": packets.SYN, "RST": packets.RST, "PSH": packets.PSH, "ACK": packets.ACK}
FATES = {  # how it differs from a segment that is recorded and arrives
    "lost": {"is_recorded": False},
    "unacked": {"is_delivered": False},
    "vanished": {"is_recorded": False, "is_delivered": False},
    "twice": {"n_copies": 2},
    "reversed": {"is_reversed": True},
    "bare": {"timestamps": False},
}
RECORDED = {"all": {"C", "S", "other"}, "nothing": set(), "C": {"C", "other"}, "S": {"S", "other"}}
SAID = re.compile(r"([CS])((?: [a-z]+(?:=\S+)?)*)([:>])(?: (.*))?$")
MACRO = re.compile(rb"<(repeat \d+|hex|base64|client-hello|server-hello|certificate|dns-query|dns-answer|server-done|finished|tls|alert)(?: ([^>]*))?>")
ESCAPE = re.compile(rb"\\(?:x([0-9a-fA-F]{2})|(.))", re.S)
ESCAPES = {b"r": b"\r", b"n": b"\n", b"t": b"\t", b"0": b"\0", b"\\": b"\\"}


class ScriptError(ValueError):
    """The script cannot be understood; says where."""


def unescape(data):
    def one(found):
        if found.group(1):
            return bytes.fromhex(found.group(1).decode())
        if found.group(2) not in ESCAPES:
            raise ValueError("no such escape: \\%s" % found.group(2).decode())
        return ESCAPES[found.group(2)]

    return ESCAPE.sub(one, data)


def expand(name, argument):
    """What <name argument> stands for."""
    if name.startswith(b"repeat "):
        return unescape(argument) * int(name[7:])
    if name == b"base64":
        return base64.b64encode(unescape(argument))
    if name == b"hex":
        return bytes.fromhex(argument.decode())
    if name == b"client-hello":
        return packets.client_hello(*argument.decode().split())
    if name == b"server-hello":
        return packets.server_hello(*argument.decode().split())
    if name == b"certificate":
        return packets.certificate([(CERTIFICATES / (n + ".der")).read_bytes() for n in argument.decode().split()])
    if name in (b"dns-query", b"dns-answer"):
        kind, host, *value = argument.decode().split(" ", 2)
        message = packets.dns_answer(77, kind, host, value) if name == b"dns-answer" else packets.dns_query(77, kind, host)
        return len(message).to_bytes(2, "big") + message
    if name == b"server-done":
        return packets.tls_handshake(14, b"")
    if name == b"finished":
        return packets.finished()
    if name == b"tls":
        return packets.tls_record(23, b"\xee" * int(argument))
    return packets.tls_record(21, bytes(int(n) for n in argument.split()))


def to_bytes(text, is_line):
    """The bytes that a line of the script says; a <repeat> that is the whole line repeats the line."""
    data, end = text.encode(), b"\r\n" if is_line else b""
    whole = MACRO.fullmatch(data)
    if whole and whole.group(1).startswith(b"repeat ") and is_line:
        return expand(whole.group(1), whole.group(2) + rb"\r\n")
    out, at = [], 0
    for found in MACRO.finditer(data):
        out += [unescape(data[at:found.start()]), expand(found.group(1), found.group(2) or b"")]
        at = found.end()
    return b"".join(out + [unescape(data[at:])]) + end


def setting(key, value):
    """A value of a connection: number, word, address, yes or no, as its default is."""
    if key not in DEFAULTS:
        raise ValueError("a connection has no '%s', but %s" % (key, ", ".join(DEFAULTS)))
    if value in ("yes", "no"):
        return value == "yes"
    if key in ("rtt",):
        return float(value)
    return int(value, 0) if re.fullmatch(r"0x[0-9a-f]+|\d+", value) else value


def settings(words):
    return {key: setting(key, value) for key, value in (pair(word) for word in words)}


def pair(word):
    key, equals, value = word.partition("=")
    if not equals:
        raise ValueError("'%s' is no KEY=VALUE" % word)
    return key, value


def relative(text, due):
    """+N and -N count from what is due, N is absolute."""
    return due + int(text) if text[0] in "+-" else int(text, 0)


class Script:
    """Plays the lines of a script; afterwards wire.packets holds the capture."""

    def __init__(self):
        self.wire = Wire()
        self.defaults, self.connections, self.current = {}, {}, None
        self.snaplen, self.capture, self.options, self.files = packets.SNAPLEN, None, [], {}
        self.said = None  # (side, modifiers, bytes) that the next line may add to

    def connection(self):
        if self.current is None:
            self.do_connection([])
        return self.connections[self.current]

    def play(self, lines):
        """lines: (number, text)"""
        for number, text in lines:
            try:
                self.play_line(text.rstrip("\n"))
            except (ValueError, KeyError, TypeError, IndexError) as problem:
                raise ScriptError("line %d: %s: %s" % (number, text.strip(), problem)) from problem
        self.flush()
        return self

    def play_line(self, text):
        found = SAID.match(text)
        if text.startswith("#"):
            return
        if text.startswith("| "):
            self.files[list(self.files)[-1]] += text[2:] + "\n"
        elif found:
            self.say(*found.groups())
        else:
            self.flush()
            words = shlex.split(text)
            if words and words[0] in ("C", "S"):
                self.do_segment(words[0], words[1], words[1:])
            elif words:
                action = getattr(self, "do_" + words[0], None)
                if not action:
                    raise ValueError("no such statement")
                action(words[1:])

    def say(self, side, modifiers, mark, text):
        data = to_bytes(text or "", mark == ":")
        if self.said and self.said[:2] == (side, modifiers):
            data = self.said[2] + data
        else:
            self.flush()
        self.said = (side, modifiers, data)

    def flush(self):
        if not self.said:
            return
        (side, modifiers, data), self.said = self.said, None
        how, numbers = self.modifiers(side, modifiers.split())
        if numbers:
            self.connection().segment(side, packets.PSH | packets.ACK, data, how=how, **numbers)
        else:
            self.connection().send(side, data, how)

    def modifiers(self, side, words):
        """A How, and {"seq", "ack"} where they are said."""
        how, numbers = {}, {}
        me = self.connection().sides[side]
        for word in words:
            if word in FATES:
                how.update(FATES[word])
                continue
            key, value = pair(word)
            if key in ("seq", "ack"):
                numbers[key] = relative(value, me.next if key == "seq" else me.expected)
            elif key in ("ttl", "id", "win", "mss"):
                how[key] = int(value, 0)
            else:
                raise ValueError("no such modifier: " + word)
        return How(**how), numbers

    def do_segment(self, side, verb, words):
        connection = self.connection()
        flags = [word for word in words if word in FLAGS]
        value = sum(FLAGS[flag] for flag in flags)
        others = ["bare"] if value & packets.RST else []
        how, numbers = self.modifiers(side, others + [word for word in words if word not in FLAGS and word != verb])
        if verb in ("aborts", "rejects", "again"):
            action = {"aborts": connection.abort, "rejects": connection.reject, "again": connection.emit}[verb]
            action(side, how)
        elif verb == "closes":
            connection.close(side)
        elif not flags:
            raise ValueError("no such segment")
        elif value & packets.SYN and not value & (packets.RST | packets.FIN):
            connection.syn(side, how, **numbers)
        elif value == packets.FIN | packets.ACK and not numbers:
            connection.send_fin(side, how)
        else:
            connection.segment(side, value, how=how, **numbers)

    def do_defaults(self, words):
        self.defaults.update(settings(words))

    def do_connection(self, words):
        name = words.pop(0) if words and "=" not in words[0] else "connection %d" % (len(self.connections) + 1)
        if name in self.connections:
            raise ValueError("there is one of that name already")
        self.connections[name] = Connection(self.wire, **dict(self.defaults, **settings(words)))
        self.current = name

    def do_on(self, words):
        self.connections[words[0]]
        self.current = words[0]

    def do_connect(self, words):
        self.connection().connect(*words)

    def do_established(self, words):
        self.connection().start_established(*words)

    def do_wait(self, words):
        self.wire.now += float(words[0])

    def do_record(self, words):
        self.wire.recorded = RECORDED[words[0]]

    def do_snaplen(self, words):
        self.snaplen = int(words[0])

    def do_capture(self, words):
        self.capture = words[0]

    def do_options(self, words):
        self.options += words

    def do_file(self, words):
        self.files[words[0]] = ""

    def do_noise(self, words):
        """Traffic that has nothing to do with mail: time of day."""
        self.wire.other_traffic(dict(DEFAULTS, **self.defaults), *words)

    def do_dns(self, words):
        made = dict(DEFAULTS, **self.defaults)
        while "=" in words[0]:
            key, value = pair(words.pop(0))
            made[{"from": "asker", "to": "resolver", "after": "after"}[key]] = value
        kind, name, answer = words[0], words[1], " ".join(words[3:])
        if words[2] != "->" or not answer:
            raise ValueError("write: dns TYPE NAME -> ANSWER")
        if answer == "silence":
            self.wire.look_up(made, kind, name, is_answered=False)
        elif answer == "referral":
            self.wire.look_up(made, kind, name, is_referral=True)
        elif answer == "truncated":
            self.wire.look_up(made, kind, name, is_truncated=True)
        elif answer in packets.DNS_CODES:
            self.wire.look_up(made, kind, name, code=answer)
        else:
            self.wire.look_up(made, kind, name, [] if answer == "nothing" else answer.split(", "))

    def do_icmp(self, words):
        """icmp TYPE/CODE from ADDRESS about C|S"""
        if words[1] != "from" or words[3] != "about":
            raise ValueError("write: icmp TYPE/CODE from ADDRESS about C")
        kind, code = (int(n) for n in words[0].split("/"))
        more = {key: int(value) for key, value in (pair(word) for word in words[5:])}
        self.connection().icmp(words[4], words[2], kind, code, **more)


def split(text):
    """The script and what follows "--", as lists of (number, line)."""
    lines = list(enumerate(text.split("\n"), 1))
    ends = [index for index, (_, line) in enumerate(lines) if line.rstrip() == "--"]
    if not ends:
        return lines, []
    return lines[:ends[0]], lines[ends[0] + 1:]


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as source:
        try:
            script = Script().play(split(source.read())[0])
        except ScriptError as problem:
            sys.exit("%s: %s" % (sys.argv[1], problem))
    packets.write_pcap(sys.argv[2], script.wire.packets, script.snaplen)


if __name__ == "__main__":
    main()
