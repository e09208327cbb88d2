#!/usr/bin/python3
"""No device is accused where none interfered: all captures of a folder, made by tests/lab/clean_corpus.

usage: clean_corpus_test.py PROGRAM FOLDER [--at-least N]

Fails when a finding of certainty likely or proven says that somebody on the path has to act, or when fewer than N
attempts were seen. packet-loss is no accusation: these wires do lose packets.
"""
import argparse
import json
import os
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ENVIRONMENT = dict(os.environ, TZ="UTC", LC_ALL="C")
PROGRAMS_AT_ONCE = 2
TRUE_ALL_THE_SAME = {"packet-loss"}


def report_on(program, path):
    done = subprocess.run([program, "--format", "json", str(path)], env=ENVIRONMENT, capture_output=True, text=True)
    if done.returncode not in (0, 1):
        sys.exit("clean_corpus_test: %s: exit status %d: %s" % (path.name, done.returncode, done.stderr))
    return json.loads(done.stdout)


def accusations(report):
    for finding in report["findings"]:
        if finding["fault"] == "path" and finding["certainty"] != "possible" and finding["rule"] not in TRUE_ALL_THE_SAME:
            yield finding


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--at-least", type=int, default=1)
    options = parser.parse_args()
    paths = sorted(options.folder.glob("*.pcap"))
    n_sessions, n_bad, said, outcomes = 0, 0, Counter(), Counter()
    with ThreadPoolExecutor(PROGRAMS_AT_ONCE) as pool:
        for path, report in zip(paths, pool.map(lambda path: report_on(options.program, path), paths)):
            n_sessions += len(report["sessions"])
            outcomes.update(session["outcome"] for session in report["sessions"])
            for finding in report["findings"]:
                said[finding["rule"]] += len(finding["sessions"])
            for finding in accusations(report):
                n_bad += 1
                print("%s: %s (%s), attempts %s, packets %s" % (
                    path.name, finding["rule"], finding["certainty"], finding["sessions"],
                    [line["packet"] for line in finding["evidence"]]))
    print("outcomes: " + ", ".join("%s %d" % pair for pair in outcomes.most_common()))
    print("findings: " + ", ".join("%s %d" % pair for pair in said.most_common()))
    print("clean_corpus_test: %d captures, %d attempts, %d accusations of the path" % (len(paths), n_sessions, n_bad))
    return 1 if n_bad or n_sessions < options.at_least else 0


sys.exit(main())
