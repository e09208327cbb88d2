#!/usr/bin/python3
"""How large the HTML report of many attempts is, how long it takes to write, and how soon a browser shows it.

usage: html.py BUILD [--sessions N] [--strict]

BUILD is a release build folder. A capture of N attempts (10,000), a tenth of them refused, is made in a temporary folder.
Printed: size of the report, CPU time and peak memory of smtptrace, and of headless Chromium the time to the first paint, to
the end of loading, and of one search through all attempts. With --strict the exit status is 1 when a limit is missed.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
SIZE_MAX_MB, PAINT_MAX_MS = 30, 2000
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def measure_writing(build, capture, report):
    process = subprocess.Popen([build / "smtptrace", "--format", "html", "-o", report, capture], stdin=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        sys.exit("html.py: smtptrace ended with status %d" % os.waitstatus_to_exitcode(status))
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def measure_reading(report):
    browser = next((path for name in BROWSERS if (path := subprocess.run(["which", name], capture_output=True,
                                                                           text=True).stdout.strip())), None)
    if not browser or subprocess.run([TOP / ".ci/npm"]).returncode != 0:
        sys.exit("html.py: needs chromium, node and npm")
    command = ["node", TOP / "tests/browser/paint.mjs", TOP / "build/npm", browser, report]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("build", type=Path)
    parser.add_argument("--sessions", type=int, default=10000)
    parser.add_argument("--strict", action="store_true")
    arguments = parser.parse_args()
    build = arguments.build.resolve()
    with tempfile.TemporaryDirectory() as folder:
        capture, report = Path(folder) / "many.pcap", Path(folder) / "many.html"
        subprocess.run([build / "tests/bench/bench_generate", "--sessions", str(arguments.sessions), "--packets",
                        str(30 * arguments.sessions), capture], check=True, stdout=subprocess.DEVNULL)
        cpu, memory = measure_writing(build, capture, report)
        size = report.stat().st_size / 1e6
        seen = measure_reading(report)
    print("attempts             %d" % arguments.sessions)
    print("size of the report   %.1f MB" % size)
    print("smtptrace            %.2f s CPU, %.0f MiB" % (cpu, memory))
    print("first paint          %.0f ms" % seen["paint"])
    print("loaded               %.0f ms" % seen["loaded"])
    print("search               %.0f ms, %d attempts shown" % (seen["search"], seen["found"]))
    return 1 if arguments.strict and (size > SIZE_MAX_MB or seen["paint"] > PAINT_MAX_MS) else 0


sys.exit(main())
