#!/usr/bin/python3
"""Checks provider-samples.tsv: every knowledge row has a sample that it explains, and no earlier row takes it away."""

import argparse
import os
import re
import sys

import replies

COLUMNS = ["row", "provider", "server_name", "greeting", "phase", "reply", "cause_id", "finding"]


def check_row(sample, row, ids):
    faults = []
    reply = replies.Reply(sample["reply"])
    faults += reply.faults
    if sample["provider"] != row["provider"] or sample["cause_id"] != row["cause_id"]:
        faults.append("provider or cause differ from the table row")
    if reply.code and not reply.code_fits(row):
        faults.append("code %s is not in %s" % (reply.code, row["code"]))
    if not reply.enhanced_fits(row):
        faults.append("enhanced code %s is not in %s" % (reply.enhanced, row["enhanced"]))
    if not row["pattern"].search(reply.text):
        faults.append("text does not match /%s/: %s" % (row["regex"], reply.text))
    if sample["phase"] not in replies.PHASES:
        faults.append("unknown phase %s" % sample["phase"])
    if (sample["phase"] == "greeting") != (sample["greeting"] == "-"):
        faults.append("a reply in phase greeting has no other greeting, all others have one")
    if sample["greeting"] != "-" and not re.match(r"^220 \S", sample["greeting"]):
        faults.append("greeting is not a 220 line")
    if sample["finding"] not in ids:
        faults.append("finding %s is not in FINDINGS.md" % sample["finding"])
    return faults


def earlier_of_provider(sample, row, rows, mode):
    reply = replies.Reply(sample["reply"])
    return [other for other in rows if other["number"] < row["number"] and other["provider"] == row["provider"] and reply.fits(other, mode)]


def winner(sample, rows, mode):
    reply = replies.Reply(sample["reply"])
    for row in replies.tiers(rows, sample["provider"]):
        if reply.fits(row, mode):
            return row
    return None


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--table", default=replies.table_path())
    parser.add_argument("--findings", default=os.path.join(replies.SHARED, "FINDINGS.md"))
    parser.add_argument("--samples", default=os.path.join(replies.HERE, "provider-samples.tsv"))
    arguments = parser.parse_args()
    rows = replies.read_knowledge(arguments.table)
    ids = replies.finding_ids(arguments.findings)
    samples = replies.read_tsv(arguments.samples, COLUMNS)
    bad = 0
    if [sample["row"] for sample in samples] != [str(row["number"]) for row in rows]:
        print("FAULT: %d samples do not cover the %d rows in order" % (len(samples), len(rows)))
        sys.exit(1)
    for sample, row in zip(samples, rows):
        for fault in check_row(sample, row, ids):
            bad += 1
            print("FAULT row %s (%s): %s" % (sample["row"], sample["provider"], fault))
    for mode in ("text", "code", "full"):
        taken = [(row, earlier_of_provider(sample, row, rows, mode)) for sample, row in zip(samples, rows)]
        for row, others in taken:
            if others:
                print("SHADOW[%s] row %d (%s %s): already matched by row %s of the same provider"
                      % (mode, row["number"], row["provider"], row["cause_id"], ", ".join(str(other["number"]) for other in others)))
        for sample, row in zip(samples, rows):
            first = winner(sample, rows, mode)
            if first is not row and first is not None and first["cause_id"] != row["cause_id"]:
                print("ORDER[%s] row %d (%s %s): row %d (%s %s) is asked first"
                      % (mode, row["number"], row["provider"], row["cause_id"], first["number"], first["provider"], first["cause_id"]))
    print("%d rows, %d faults" % (len(rows), bad))
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
