#!/usr/bin/python3
"""A key log that is written while the capture is read: what is held until then is opened all the same.

usage: late_keys_test.py PROGRAM CAPTURE...     with CAPTURE's keys beside it

The capture comes through a pipe, and the program has read what was sent before the log changes. In each case but the last
the report must be the one that the whole key log gives from the start.
"""
import array
import fcntl
import json
import struct
import subprocess
import sys
import tempfile
import termios
import time
from pathlib import Path

FIN_OR_RST = 5
PATIENCE_S = 20


def packets(capture):
    """The file header, and the records: classic pcap as tcpdump writes it, Ethernet."""
    data, at, records = capture.read_bytes(), 24, []
    assert data[:4] == b"\xd4\xc3\xb2\xa1" and data[20:24] == b"\1\0\0\0", capture
    while at < len(data):
        end = at + 16 + struct.unpack_from("<I", data, at + 8)[0]
        records.append(data[at:end])
        at = end
    return data[:24], records


def is_end(record):
    """A segment of IPv4 that closes its connection."""
    ip = record[16 + 14:]
    return ip[0] >> 4 == 4 and ip[9] == 6 and ip[(ip[0] & 15) * 4 + 13] & FIN_OR_RST != 0


class Reader:
    """smtptrace at the end of a pipe."""

    def __init__(self, program, keys):
        self.process = subprocess.Popen([program, "--format", "json", "-k", keys, "-"], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def give(self, data):
        """Returns when the pipe is empty again, so that what was given before is read."""
        self.process.stdin.write(data)
        self.process.stdin.flush()
        left, end = array.array("i", [1]), time.monotonic() + PATIENCE_S
        while left[0] > 0:
            if self.process.poll() is not None or time.monotonic() > end:
                raise ValueError("it does not read on")
            time.sleep(0.001)
            fcntl.ioctl(self.process.stdin, termios.FIONREAD, left)

    def report(self):
        out, err = self.process.communicate()
        if self.process.returncode not in (0, 1) or err:
            raise ValueError("exit status %d: %s" % (self.process.returncode, err.decode()))
        return json.loads(out)


def play(program, capture, at_start, at_middle, before_end):
    """The sessions of a run in which these parts of the key log are there at three moments: nothing is read yet; half of
    the packets are; all are but those that close connections."""
    header, records = packets(capture)
    last = next(i for i, record in enumerate(records) if is_end(record))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "keys"
        path.write_text(at_start)
        reader = Reader(program, path)
        reader.give(header + b"".join(records[:last // 2]))
        with path.open("a") as log:
            log.write(at_middle)
        reader.give(b"".join(records[last // 2:last]))
        with path.open("a") as log:
            log.write(before_end)
        reader.give(b"".join(records[last:]))
        return reader.report()["sessions"]


def cases(keys):
    lines = keys.splitlines(keepends=True)
    half = len(keys) // 2
    yield "after the packets", "", "", keys
    yield "in the middle", "", keys, ""
    yield "the first lines earlier", "".join(lines[::2]), "", "".join(lines[1::2])
    yield "the last lines earlier", "".join(lines[1::2]), "".join(lines[::2]), ""
    yield "in the middle of a line", keys[:half], keys[half:half + 1], keys[half + 1:]


def check(program, capture):
    keys = capture.with_suffix(".keys").read_text()
    wanted = play(program, capture, keys, "", "")
    if not any(session["tls"] and session["tls"]["decrypted"] for session in wanted):
        yield "nothing is decrypted with the keys from the start"
    for name, *parts in cases(keys):
        if play(program, capture, *parts) != wanted:
            yield "keys that come %s: other sessions" % name
    for session in play(program, capture, "", "", ""):  # they come when the program has ended
        if session["tls"] and session["tls"]["decrypted"]:
            yield "decrypted without keys"
        if session["tls"] and session["outcome"] != "unknown":
            yield "without keys the outcome is %s" % session["outcome"]


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    n_bad = 0
    for capture in map(Path, sys.argv[2:]):
        for wrong in check(sys.argv[1], capture):
            n_bad += 1
            print("%s: %s" % (capture.name, wrong))
    print("late_keys_test: %d captures, %d complaints" % (len(sys.argv) - 2, n_bad))
    sys.exit(1 if n_bad else 0)


main()
