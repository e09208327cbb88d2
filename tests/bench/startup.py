#!/usr/bin/python3
"""How long smtptrace takes to start: from the call to the end of the report on a small capture.

usage: startup.py BUILD [--runs N] [--strict]

BUILD is a release build folder. Printed: median and 95th percentile of wall-clock and CPU time of the report on
pcaps/01-clean-plain-postfix.pcap (29 packets), and of --version, which loads the libraries and nothing else. With
--strict the exit status is 1 when the median CPU time of the report is above the limit: wall-clock time says more about
what else the machine does.
"""
import argparse
import os
import statistics
import subprocess
import sys
import time

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
LIMIT_MS = 20.0


def run(argv):
    """Wall-clock and CPU milliseconds of one run."""
    began = time.perf_counter()
    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    took = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit("%s: exit status %d" % (" ".join(argv), process.returncode))
    return took * 1e3, (usage.ru_utime + usage.ru_stime) * 1e3


def measure(name, argv, n):
    """Prints the figures; returns the median of the CPU time."""
    run(argv)  # files are in the page cache afterwards
    walls, cpus = zip(*(run(argv) for _ in range(n)))
    print("%-10s wall clock %6.2f ms (95 %%: %6.2f), CPU %6.2f ms (95 %%: %6.2f)" % (
        name, statistics.median(walls), sorted(walls)[n * 95 // 100], statistics.median(cpus), sorted(cpus)[n * 95 // 100]))
    return statistics.median(cpus)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("build")
    parser.add_argument("--runs", type=int, default=100)
    parser.add_argument("--strict", action="store_true")
    arguments = parser.parse_args()
    program = os.path.join(arguments.build, "smtptrace")
    measure("--version", [program, "--version"], arguments.runs)
    took = measure("report", [program, os.path.join(TOP, "pcaps/01-clean-plain-postfix.pcap")], arguments.runs)
    print("start-up %.2f ms of CPU time, limit %.0f ms: %s" % (took, LIMIT_MS, "ok" if took <= LIMIT_MS else "MISSED"))
    return 1 if arguments.strict and took > LIMIT_MS else 0


if __name__ == "__main__":
    sys.exit(main())
