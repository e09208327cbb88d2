#!/usr/bin/python3
"""Every row of the tables of replies can be reached: some reply of tests/replies/ is explained by it.

usage: replies_rows_test.py

A text of a provider, filter or mail program needs a reply with that text and a code of the row. A phrase needs a reply
for which it is the first that fits, so that no earlier row has taken over all that it was made for.
"""
import csv
import glob
import os
import re
import sys

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../..")
ENHANCED = re.compile(r"^[245]\.\d{1,3}\.\d{1,3}(?= |$) *")
URL = r"(?:[a-z]{2,}://|www\.)[^\s<>\"()\[\],;]*"
ADDRESS = r"[^\s<>\"()\[\],;@]*@[^\s<>\"()\[\],;:]*"
HOST = r"(?:[A-Za-z0-9_-]+\.)+[a-z]{2,}(?![A-Za-z0-9_-])|(?:[A-Z0-9_-]+\.)+[A-Z]{2,}(?![A-Za-z0-9_-])"
NAME = re.compile("%s|%s|%s" % (URL, ADDRESS, HOST))


def read(path):
    with open(path, newline="") as source:
        return list(csv.DictReader(source, delimiter="\t", quoting=csv.QUOTE_NONE))


def compiled(pattern):
    return re.compile(pattern.replace("(?<list>", "(?P<list>"), re.IGNORECASE)


def code_fits(codes, code):
    return any(one in ("*", "-") or re.fullmatch(one.replace("x", "."), code) for one in codes.split("|"))


def masked(text):
    """As rules/mask.c does it."""
    parts, end = [], 0
    for name in NAME.finditer(text):
        parts += [text[end:name.start()].replace("_", " "), re.sub("[A-Za-z0-9_-]", "*", name.group(0))]
        end = name.end()
    return "".join(parts) + text[end:].replace("_", " ")


class Reply:
    def __init__(self, row):
        lines = row["reply"].split("\\n")
        self.phase, self.code = row["phase"], lines[0][:3]
        told = ENHANCED.match(lines[0][4:])
        self.enhanced = told.group(0).strip() if told else None
        self.text = " ".join(ENHANCED.sub("", line[4:]).strip() for line in lines)
        self.masked = masked(re.sub("<[^<> ]*@[^<> ]*>", "<*@*>", self.text))


def first_phrase(phrases, reply):
    for row in phrases:
        is_here = row["phase"] == "*" or reply.phase in row["phase"].split("|")
        is_told = reply.enhanced is None or row["enhanced"] == "*" or reply.enhanced in row["enhanced"].split("|")
        if is_here and is_told and code_fits(row["code"], reply.code) and row["compiled"].search(reply.masked):
            return row
    return None


def unreached_texts(replies):
    for row in read(os.path.join(TOP, "rules/knowledge/provider-replies.tsv")):
        pattern = compiled(row["regex"])
        if not any(code_fits(row["code"], reply.code) and pattern.search(reply.text) for reply in replies):
            yield "provider-replies.tsv: %s, %s: %s" % (row["provider"], row["cause_id"], row["regex"][:100])


def unreached_phrases(replies):
    phrases = read(os.path.join(TOP, "rules/knowledge/phrases.tsv"))
    for row in phrases:
        row["compiled"] = compiled(row["pattern"])
    reached = [first_phrase(phrases, reply) for reply in replies]
    for number, row in enumerate(phrases, 2):
        if not any(row is other for other in reached):
            yield "phrases.tsv:%d: %s in %s: %s" % (number, row["cause_id"], row["phase"], row["pattern"][:100])


def main():
    tables = sorted(glob.glob(os.path.join(TOP, "tests/replies/*.tsv")))
    replies = [Reply(row) for table in tables for row in read(table)]
    unreached = list(unreached_texts(replies)) + list(unreached_phrases(replies))
    for row in unreached:
        print("no reply of tests/replies/ reaches " + row)
    print("%d replies, %d rows that none reaches" % (len(replies), len(unreached)))
    return 1 if unreached or not replies else 0


sys.exit(main())
