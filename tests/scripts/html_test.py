#!/usr/bin/python3
"""Opens the HTML reports of captures in Chromium and looks at them as users do: tests/browser/report_test.mjs.

usage: html_test.py [--every N] PROGRAM CAPTURE...

Besides the captures there is one made here, in which all that a stranger can choose is markup. Needs chromium, node and
the packages that .ci/npm installs; fails without them.
"""
import argparse
import concurrent.futures
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from hostile import write_hostile  # noqa: E402

TOP = Path(__file__).resolve().parents[2]
ENVIRONMENT = dict(os.environ, TZ="UTC", LC_ALL="C")


def browser():
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        sys.exit("html_test: there is no chromium; .ci/install check installs it")
    return found


def report(program, capture, options, path):
    done = subprocess.run([program, *options, "-o", path, capture], env=ENVIRONMENT, capture_output=True, text=True)
    if done.returncode not in (0, 1) or done.stderr:
        raise SystemExit("html_test: %s: exit status %d: %s" % (capture.name, done.returncode, done.stderr))


def reports(program, captures, folder):
    """For the browser: each report with its JSON, which says what must be in it."""
    hostile, wanted, found = folder / "hostile.pcap", [], []
    write_hostile(hostile)
    for number, capture in enumerate([hostile, *map(Path, captures)]):
        keys = capture.with_suffix(".keys")
        options = ["-k", keys] if keys.exists() else []
        pages = {form: str(folder / ("%d.%s" % (number, form))) for form in ("html", "json")}
        wanted += [(program, capture, [*options, "--format", form], path) for form, path in pages.items()]
        found.append({"name": capture.name, "is_hostile": capture == hostile, **pages})
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(lambda arguments: report(*arguments), wanted))
    return found


def main():
    parser = argparse.ArgumentParser(usage="html_test.py [--every N] PROGRAM CAPTURE...")
    parser.add_argument("--every", type=int, default=1, help="only each Nth capture")
    parser.add_argument("program")
    parser.add_argument("captures", nargs="+")
    arguments = parser.parse_args()
    program = Path(arguments.program).resolve()
    if subprocess.run([TOP / ".ci/npm"]).returncode != 0:
        return 1
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        work = {"browser": browser(), "as_root": os.geteuid() == 0, "reports": reports(program, arguments.captures[:: arguments.every], folder)}
        (folder / "work.json").write_text(json.dumps(work))
        script = TOP / "tests/browser/report_test.mjs"
        return subprocess.run(["node", script, TOP / "build/npm", folder / "work.json"], env=ENVIRONMENT).returncode


sys.exit(main())
