#!/usr/bin/python3
"""Validates what smtptrace says about each capture against the JSON Schema, with an independent validator.

usage: schema_check.py PROGRAM SCHEMA CAPTURE...
"""
import json
import os
import subprocess
import sys

import jsonschema

ENVIRONMENT = dict(os.environ, TZ="UTC", LC_ALL="C")
LINE_KEYS = {"capture": "capture", "verdict": "verdict"}
LINE_LISTS = {"finding": "findings", "session": "sessions"}


def run(program, form, capture):
    done = subprocess.run([program, "--format", form, capture], capture_output=True, env=ENVIRONMENT)
    if done.returncode not in (0, 1):
        raise ValueError("exit status %d: %s" % (done.returncode, done.stderr.decode(errors="replace").strip()))
    if done.stderr:
        raise ValueError("wrote to standard error: %r" % done.stderr[:200])
    return done.stdout.decode("ascii")


def no_duplicates(pairs):
    keys = [key for key, _ in pairs]
    if len(keys) != len(set(keys)):
        raise ValueError("a key comes twice in %s" % keys)
    return dict(pairs)


def no_constants(name):
    raise ValueError("%s is no JSON number" % name)


def parse(text):
    return json.loads(text, object_pairs_hook=no_duplicates, parse_constant=no_constants)


def from_lines(text):
    """The document that the lines of ndjson stand for."""
    document = {"findings": [], "sessions": []}
    for line in text.splitlines():
        record = parse(line)
        kind = record.pop("type")
        if kind == "schema":
            document["schema"] = record["schema"]
        elif kind in LINE_KEYS:
            document[LINE_KEYS[kind]] = record
        else:
            document[LINE_LISTS[kind]].append(record)
    return document


def links(document):
    """What a schema cannot say: numbers that refer to something, both ways."""
    sessions = {session["id"]: session for session in document["sessions"]}
    findings = {finding["id"]: finding for finding in document["findings"]}
    if len(sessions) != len(document["sessions"]) or len(findings) != len(document["findings"]):
        yield "an id comes twice"
    for finding in document["findings"]:
        if finding["caused_by"] is not None and finding["caused_by"] not in findings:
            yield "finding %d is caused by a finding that is not there" % finding["id"]
        for number in finding["sessions"]:
            if finding["id"] not in sessions.get(number, {"findings": []})["findings"]:
                yield "finding %d names session %d, which does not name it" % (finding["id"], number)
        for evidence in finding["evidence"]:
            if evidence["packet"] is not None and evidence["packet"] > document["capture"]["packets"]:
                yield "finding %d has evidence in a packet that is not in the capture" % finding["id"]
    for session in document["sessions"]:
        for number in session["findings"]:
            if session["id"] not in findings.get(number, {"sessions": []})["sessions"]:
                yield "session %d names finding %d, which does not name it" % (session["id"], number)


def complaints(program, validator, capture):
    try:
        document = parse(run(program, "json", capture))
        lines = from_lines(run(program, "ndjson", capture))
    except ValueError as problem:
        yield str(problem)
        return
    for error in validator.iter_errors(document):
        yield "%s: %s" % ("/".join(str(part) for part in error.absolute_path), error.message[:300])
    if not [error for error in validator.iter_errors(document)]:
        yield from links(document)
    if lines != document:
        yield "ndjson says something else than json"


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    with open(sys.argv[2], encoding="utf-8") as file:
        schema = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    n_bad = 0
    for capture in sys.argv[3:]:
        for complaint in complaints(sys.argv[1], validator, capture):
            print("%s: %s" % (capture, complaint))
            n_bad += 1
    print("schema_check: %d captures, %d complaints" % (len(sys.argv) - 3, n_bad))
    return 1 if n_bad else 0


sys.exit(main())
