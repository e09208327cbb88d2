"""Plays scenarios and checks what they recorded; see README.md."""
import glob
import os
import re
import signal
import sys
import time
import traceback

import scenarios  # noqa: F401  (registers them)
import truth
from lab import Lab
from network import LabError
from registry import SCENARIOS

USAGE = "usage: run NAME|EXPRESSION|all FOLDER | run list | run verify FOLDER | run index FOLDER"


def on_time_limit(*_):
    raise LabError("scenario ran over its time limit")


def play(name, lab):
    """Runs the scenario; returns what went wrong with the lab itself, or None."""
    signal.signal(signal.SIGALRM, on_time_limit)
    signal.alarm(SCENARIOS[name].limit_s)
    try:
        SCENARIOS[name].play(lab)
        return None
    except (Exception, KeyboardInterrupt) as error:  # the lab is taken down in any case
        if os.environ.get("LAB_DEBUG"):
            traceback.print_exc()
        return "".join(traceback.format_exception_only(type(error), error)).strip()[:700]
    finally:
        signal.alarm(0)


def finish_truth(lab, error):
    """Completes the truth with what the run left behind and writes it; returns its path."""
    keys = os.path.exists(lab.keys) and os.path.getsize(lab.keys) > 0
    if os.path.exists(lab.keys) and not keys:
        os.unlink(lab.keys)
    n_bytes = os.path.getsize(lab.pcap) if os.path.exists(lab.pcap) else 0
    lab.truth["files"] = {"pcap": os.path.basename(lab.pcap), "keys": os.path.basename(lab.keys) if keys else None,
                          "bytes": n_bytes}
    lab.truth["wire_checks"] = lab.checks
    if error:
        lab.truth["error"] = error
    path = os.path.join(lab.folder, lab.name + ".truth.json")
    truth.save(lab.truth, path)
    return path


def print_bad_checks(checks):
    for check in checks:
        if not check["ok"]:
            print("     check: %s %s %d, got %d %s" % (
                check["filter"], check["op"], check["n"], check["got"], check.get("error", "")), flush=True)


def record(name, folder):
    """Plays and verifies one scenario; returns whether the capture is as promised."""
    started = time.time()
    lab = Lab(name, folder, SCENARIOS[name].title)
    error = play(name, lab)
    lab.close()
    path = finish_truth(lab, error)
    is_recorded = not error and os.path.exists(lab.pcap)
    n_bad, checked = truth.verify(path) if is_recorded else (1, lab.truth)
    print("%-34s %-4s %5.1fs %7d B  %s" % (
        name, "FAIL" if n_bad else "ok", time.time() - started, checked["files"]["bytes"], error or ""), flush=True)
    if is_recorded:
        print_bad_checks(checked["wire_checks"])
    lab.clean()
    return n_bad == 0


def verify_all(folder):
    n_bad = 0
    for path in sorted(glob.glob(folder + "/*.truth.json")):
        bad, checked = truth.verify(path)
        n_bad += bad
        if bad:
            print("FAIL", checked["scenario"])
            print_bad_checks(checked["wire_checks"])
    print("%d checks failed" % n_bad if n_bad else "all verified")
    return n_bad == 0


def print_index(folder):
    """The table of pcaps/README.md: what each capture shows, how it was made, what is expected."""
    print("| capture | shows | how it was made | expected | must not be said |")
    print("|---|---|---|---|---|")
    for path in sorted(glob.glob(folder + "/*.truth.json")):
        t = truth.load(path)
        name = t["scenario"] + (" (keys)" if t["files"]["keys"] else "")
        cells = [name, t["title"], "; ".join(t["did"]), ", ".join(t["expect"]), ", ".join(t["expect_not"])]
        print("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return True


def main(arguments):
    if arguments == ["list"]:
        for name, known in SCENARIOS.items():
            print("%-34s %s" % (name, known.title))
        return True
    if len(arguments) != 2:
        sys.exit(USAGE)
    what, folder = arguments
    if what == "verify":
        return verify_all(folder)
    if what == "index":
        return print_index(folder)
    names = [name for name in sorted(SCENARIOS) if what in ("all", name) or re.fullmatch(what, name)]
    if not names:
        sys.exit("no such scenario: " + what)
    return all([record(name, folder) for name in names])


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1:]) else 1)
