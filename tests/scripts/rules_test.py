#!/usr/bin/python3
"""Each rule fires where it must and is silent on what looks alike: the pairs in tests/rules/ (see its README.md).

usage: rules_test.py PROGRAM [FOLDER|FILE...]      all of tests/rules/ without arguments; then every rule must have a pair
"""
import concurrent.futures
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import jsonschema

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import expectations  # noqa: E402
import packets  # noqa: E402
import wire_script  # noqa: E402

TOP = Path(__file__).resolve().parent.parent.parent
RULES, PCAPS = TOP / "tests/rules", TOP / "pcaps"
ENVIRONMENT = dict(os.environ, TZ="UTC", LC_ALL="C")
TIMEOUT_S = 60
VALIDATOR = jsonschema.Draft202012Validator(json.loads((TOP / "docs/schema.json").read_text()))
ID = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def run(program, script, folder):
    """The program's report on what the script makes of the wire."""
    for name, text in script.files.items():
        (folder / name).write_text(text)
    (folder / "pcaps").symlink_to(PCAPS)
    capture = PCAPS / script.capture if script.capture else folder / "made.pcap"
    if not script.capture:
        packets.write_pcap(capture, script.wire.packets, script.snaplen)
    command = [program, "--format", "json", *script.options, capture]
    done = subprocess.run(command, cwd=folder, env=ENVIRONMENT, capture_output=True, timeout=TIMEOUT_S)
    if done.returncode not in (0, 1) or done.stderr:
        raise expectations.Unmet("exit status %d: %s" % (done.returncode, done.stderr.decode(errors="replace")[:2000]))
    return expectations.Report(done.stdout.decode("ascii"), done.returncode)


def implied(path):
    """What the names of file and folder promise."""
    return ("fires " if path.name.startswith("fires") else "silent ") + path.parent.name


def complaints(program, path):
    """What is wrong with one file, as lines."""
    before, after = wire_script.split(path.read_text(encoding="utf-8"))
    label = path.relative_to(RULES.parent) if RULES in path.parents else path
    lines = [(0, implied(path))] + [(number, line) for number, line in after if re.match(r"\s*[^#\s]", line)]
    try:
        script = wire_script.Script().play(before)
        if not script.capture and not script.wire.packets:
            return ["%s: makes no packet" % label]
        with tempfile.TemporaryDirectory() as folder:
            report = run(program, script, Path(folder))
        report.consistent()
        VALIDATOR.validate(report.document)
    except jsonschema.ValidationError as problem:
        return ["%s: the report does not fit docs/schema.json: %s: %s" % (label, problem.json_path, problem.message[:300])]
    except (wire_script.ScriptError, expectations.Unmet, subprocess.TimeoutExpired, OSError, ValueError) as problem:
        return ["%s: %s" % (label, problem)]
    wrong = []
    for number, line in lines:
        try:
            expectations.check(report, path.parent.name, line)
        except expectations.Unmet as unmet:
            wrong.append("%s:%d: %s: %s" % (label, number, line.strip(), unmet))
        except (ValueError, KeyError, IndexError, TypeError) as problem:
            wrong.append("%s:%d: cannot be understood: %s (%r)" % (label, number, line.strip(), problem))
    return wrong


def catalogue(program):
    """Ids of the rules that are built in."""
    done = subprocess.run([program, "rules"], env=ENVIRONMENT, capture_output=True, text=True, timeout=TIMEOUT_S)
    words = (line.split()[0] for line in done.stdout.splitlines() if line and not line[0].isspace())
    ids = [word for word in words if ID.fullmatch(word)]
    if done.returncode or not ids:
        sys.exit("rules_test: '%s rules' lists no rules: %s" % (program, done.stderr))
    return ids


def missing(program):
    """Rules without a pair, and pairs without a rule."""
    ids = catalogue(program)
    folders = sorted(path.name for path in RULES.iterdir() if path.is_dir())
    for name in sorted(set(ids) - set(folders)):
        yield "%s: the rule has no folder in tests/rules" % name
    for name in folders:
        if name not in ids:
            yield "%s: there is no such rule" % name
        for kind in ("fires", "silent"):
            if not list((RULES / name).glob(kind + "*.txt")):
                yield "%s: has no %s*.txt" % (name, kind)
        for path in sorted((RULES / name).iterdir()):
            if not re.fullmatch(r"(fires|silent)(-[a-z0-9-]+)?\.txt", path.name):
                yield "%s/%s: is neither fires*.txt nor silent*.txt" % (name, path.name)


def files_of(argument):
    path = Path(argument).resolve()
    return sorted(path.rglob("*.txt")) if path.is_dir() else [path]


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    program = str(Path(sys.argv[1]).resolve())
    arguments = sys.argv[2:]
    files = [path for argument in arguments or [RULES] for path in files_of(argument)]
    wrong = [] if arguments else list(missing(program))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for lines in pool.map(lambda path: complaints(program, path), files):
            wrong += lines
    print("\n".join(wrong + ["rules_test: %d files, %d complaints" % (len(files), len(wrong))]))
    return 1 if wrong or not files else 0


sys.exit(main())
