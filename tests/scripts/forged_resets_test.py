#!/usr/bin/python3
"""Forged resets of plausible attackers, and genuine ones, in sessions that were recorded: who is said to have sent them?

usage: forged_resets_test.py PROGRAM [--seed N] [--forged N] [--genuine N] [--folder FOLDER] [--verbose]

Each case is a recorded session of its own, between addresses of its own, into which a reset is put; both ends react as
Linux does. Cases whose packets contradict the reset must be found, with the end it was sent to; those of which nothing
does must be called unclear (or the session went well all the same); of a genuine reset no device may be accused.
--folder keeps the captures, --verbose lists what went wrong.
"""
import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

from forged_resets import forged_case, genuine_case, is_encrypted
from packets import write_pcap
from recorded import is_undisturbed, sessions_of

PCAPS = Path(__file__).resolve().parent.parent.parent / "pcaps"
ENVIRONMENT = dict(os.environ, TZ="UTC", LC_ALL="C")
CASES_PER_CAPTURE = 20
BETWEEN_CASES_S = 60
PROGRAMS_AT_ONCE = 2
FOUND_SHARE = 0.95
START = 1700000000.0


def base_sessions():
    """Whole sessions in which a message was sent, or that went on under TLS."""
    for path in sorted([*PCAPS.glob("*.pcap"), *PCAPS.glob("clean/*.pcap")]):
        truth = json.loads((path.parent / (path.stem + ".truth.json")).read_text())
        if not {"interference"} & set(truth["expect_not"]):
            continue
        for packets in sessions_of(path):
            if any(packet.payload.endswith(b"\nQUIT\r\n") for packet in packets if packet.side == "C"):
                continue  # sent along with what comes before it: from then on a reset counts as one after QUIT
            says = b"".join(packet.payload for packet in packets if packet.side == "S")
            if is_undisturbed(packets) and (b"\r\n354" in says and b"\r\n221" in says or is_encrypted(packets)):
                yield packets


def addresses(number, is_v6):
    if is_v6:
        return {"C": "2001:db8:c::%x" % (number + 16), "S": "2001:db8:5::%x" % (number + 16)}
    return {"C": "192.0.2.%d" % (number + 10), "S": "198.51.100.%d" % (number + 10)}


def write_captures(cases, folder):
    """Several cases after each other in each file; returns the files with their cases."""
    for first in range(0, len(cases), CASES_PER_CAPTURE):
        part, packets = cases[first:first + CASES_PER_CAPTURE], []
        for n, case in enumerate(part):
            case.addresses = addresses(n, case.packets[0].is_v6)
            shift = START + n * BETWEEN_CASES_S - case.packets[0].time
            packets += [packet.moved(packet.time + shift, case.addresses) for packet in case.packets]
        path = Path(folder) / ("resets-%03d.pcap" % (first // CASES_PER_CAPTURE))
        write_pcap(path, [(packet.time, packet.data) for packet in packets])
        yield path, part


def reports(program, captures):
    """The reports of all captures, some programs at a time."""
    waiting, running = list(captures), []
    while waiting or running:
        while waiting and len(running) < PROGRAMS_AT_ONCE:
            path, cases = waiting.pop(0)
            out = tempfile.TemporaryFile()
            argv = [program, "--format", "json", str(path)]
            running.append((subprocess.Popen(argv, stdout=out, env=ENVIRONMENT), out, cases))
        process, out, cases = running.pop(0)
        if process.wait() not in (0, 1):
            sys.exit("forged_resets_test: the program failed with exit status %d" % process.returncode)
        out.seek(0)
        yield json.load(out), cases


def judge(report, case):
    """Puts what is said of the case into it: findings as {rule: finding}, and the outcome."""
    own = next(s for s in report["sessions"] if s["server"]["address"] == case.addresses["S"])
    case.outcome = own["outcome"]
    case.said = {finding["rule"]: finding for finding in report["findings"] if own["id"] in finding["sessions"]}
    injected = case.said.get("reset-injected")
    case.is_found = injected is not None and injected["certainty"] in ("likely", "proven")
    case.is_unclear = "reset-origin-unknown" in case.said and not case.is_found
    case.is_right_end = case.is_found and injected["detail"].get("tcp.reset.to") == case.to
    blamed = {f["fault"] for f in case.said.values()
              if f["severity"] == "error" and f["certainty"] != "possible" and f["caused_by"] is None}
    case.is_blamed = bool(blamed & ({"path"} if case.is_genuine else {"client", "server", "provider"}))
    case.is_blamed = case.is_blamed or (case.is_genuine and case.is_found)


def is_good(case):
    if case.is_genuine:
        return not case.is_blamed
    if case.contradictions:
        return case.is_right_end
    is_silent_well = case.is_harmless or case.is_encrypted or case.outcome == "no-mail"  # nothing is said to be wrong
    return not case.is_blamed and (case.is_unclear or case.is_found or is_silent_well)


def print_table(cases):
    line = "%-58s %5s %8s %8s %8s %8s %6s %6s"
    print(line % ("kind", "cases", "injected", "origin", "by the", "accused", "to", "to"))
    print(line % ("", "", "(likely)", "unknown", "named", "wrongly", "right", "wrong"))
    rows = defaultdict(list)
    for case in cases:
        rows[case.kind].append(case)
    for kind, row in sorted(rows.items()):
        found = [case for case in row if case.is_found]
        right = sum(case.is_right_end for case in found)
        shown = (right, len(found) - right) if not row[0].is_genuine else ("-", "-")
        print(line % (kind, len(row), len(found), sum(case.is_unclear for case in row),
                      sum(bool({"reset-by-client", "reset-by-server"} & set(case.said)) and not case.is_found
                          for case in row), sum(case.is_blamed for case in row), *shown))


def complaints(cases):
    rows = defaultdict(list)
    for case in cases:
        is_shown = "something contradicts" if case.contradictions else "nothing contradicts"
        rows[case.kind if case.is_genuine else case.kind.split(":")[0] + ": " + is_shown].append(is_good(case))
    for kind, row in sorted(rows.items()):
        needed = 1 if kind.startswith("genuine") else FOUND_SHARE
        print("%-58s %5d of %d are judged as they should" % (kind, sum(row), len(row)))
        n_missed = len(row) - sum(row)  # one of fewer than twenty says nothing about a share of 95 %
        if n_missed > (1 - needed) * len(row) and (needed == 1 or n_missed > 1):
            yield kind


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--forged", type=int, default=500)
    parser.add_argument("--genuine", type=int, default=160)
    parser.add_argument("--folder")
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args()
    chance, bases = random.Random(options.seed), list(base_sessions())
    cases = [forged_case(chance.choice(bases), chance) for _ in range(options.forged)]
    cases += [genuine_case(chance.choice(bases), chance) for _ in range(options.genuine)]
    with tempfile.TemporaryDirectory() as scratch:
        for report, part in reports(options.program, write_captures(cases, options.folder or scratch)):
            for case in part:
                judge(report, case)
    print_table(cases)
    wrong = list(complaints(cases))
    for n, case in enumerate(cases):
        if options.verbose and not is_good(case):
            print("resets-%03d.pcap %s %s | %s | %s" % (n // CASES_PER_CAPTURE, case.addresses["S"], case.kind, case.how, {
                rule: "%s%s" % (f["certainty"], " to " + str(f["detail"].get("tcp.reset.to")) if rule == "reset-injected"
                                else "") for rule, f in case.said.items()}), case.outcome)
    count = Counter("genuine" if case.is_genuine else "forged" for case in cases)
    print("forged_resets_test: %d recorded sessions, %d forged resets, %d genuine ones, %d complaints" % (
        len(bases), count["forged"], count["genuine"], len(wrong)))
    return 1 if wrong or not bases else 0


if __name__ == "__main__":
    sys.exit(main())
