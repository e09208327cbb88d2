"""Shared parts of the two checks: reading the tables, taking a reply apart, matching it against the knowledge rows."""

import os
import re
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
SHARED = os.path.join(os.path.dirname(ROOT), "shared")

PHASES = ("greeting", "helo", "starttls", "auth", "mail", "rcpt", "data", "data-end", "quit")

# Filters and blocklists: their rows apply to every server, whoever runs it.
VENDORS = ("proofpoint", "cisco-ironport", "barracuda", "symantec-cloud", "trendmicro", "cloudmark", "spamhaus", "spamcop", "sorbs",
           "uceprotect", "invaluement", "abusix", "hostkarma", "uribl-surbl")

ENHANCED = re.compile(r"^([245])\.(\d{1,3})\.(\d{1,3})(?= |$)")
ENHANCED_IN_TEXT = re.compile(r"#([245]\.\d{1,3}\.\d{1,3})")


def table_path():
    own = os.path.join(ROOT, "rules", "knowledge", "provider-replies.tsv")
    return own if os.path.exists(own) else os.path.join(SHARED, "knowledge", "provider-replies.tsv")


def read_tsv(path, columns):
    """Rows of a TSV file as dictionaries; stops the program on any formal fault."""
    rows = []
    with open(path, "rb") as file:
        data = file.read()
    try:
        lines = data.decode("ascii").split("\n")
    except UnicodeDecodeError as fault:
        sys.exit("%s: not ASCII at byte %d" % (path, fault.start))
    if lines[-1] != "":
        sys.exit("%s: the last line has no newline" % path)
    header = lines[0].split("\t")
    if columns and header != columns:
        sys.exit("%s:1: columns are %s, expected %s" % (path, header, columns))
    for number, line in enumerate(lines[1:-1], 2):
        fields = line.split("\t")
        if len(fields) != len(header):
            sys.exit("%s:%d: %d fields, expected %d" % (path, number, len(fields), len(header)))
        if "" in fields:
            sys.exit("%s:%d: empty field (use -)" % (path, number))
        rows.append(dict(zip(header, fields)))
    return rows


def read_knowledge(path):
    rows = read_tsv(path, None)
    for number, row in enumerate(rows, 1):
        row["number"] = number
        row["pattern"] = re.compile(row["regex"], re.IGNORECASE)
    return rows


def finding_ids(path):
    """The ids of FINDINGS.md: first cells of its tables, and its lists (separated by middle dots)."""
    ids = set()
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.startswith("| `"):
                line = line.split("|")[1]
            elif " \u00b7" not in line:
                continue
            ids.update(re.findall(r"`([a-z][a-z0-9-]+)`", line))
    return ids


class Reply:
    """A reply as on the wire, its lines joined by a literal backslash-n."""

    def __init__(self, wire):
        self.code = None
        self.enhanced = None
        self.faults = []
        texts = []
        lines = wire.split("\\n")
        for index, line in enumerate(lines):
            match = re.match(r"^([2-5]\d\d)([ -])(.*)$", line)
            if not match:
                self.faults.append("line without code: %r" % line)
                continue
            if (match.group(2) == " ") != (index == len(lines) - 1):
                self.faults.append("wrong continuation mark: %r" % line)
            if self.code not in (None, match.group(1)):
                self.faults.append("code changes between lines")
            self.code = match.group(1)
            text = match.group(3)
            enhanced = ENHANCED.match(text)
            if enhanced:
                self.enhanced = self.enhanced or enhanced.group(0)
                text = text[enhanced.end():]
            texts.append(text.strip())
        self.text = " ".join(texts)
        if not self.enhanced:
            inside = ENHANCED_IN_TEXT.search(self.text)
            self.enhanced = inside.group(1) if inside else None

    def code_fits(self, row):
        allowed = row["code"].split("|")
        return any(code in ("*", "-", self.code) or (code[1:] == "xx" and code[0] == self.code[0]) for code in allowed)

    def enhanced_fits(self, row):
        if row["enhanced"] in ("-", "*") or self.enhanced is None:
            return True
        return any(re.fullmatch(code.replace(".", r"\.").replace(r"\.\.", r"\d\d") if code.endswith("..") else re.escape(code), self.enhanced)
                   for code in row["enhanced"].split("|"))

    def fits(self, row, mode):
        """mode: 'text', 'code' (text and code) or 'full' (text, code and enhanced code)."""
        if not row["pattern"].search(self.text):
            return False
        if mode == "text":
            return True
        return self.code_fits(row) and (mode == "code" or self.enhanced_fits(row))


def is_generic(row):
    return row["provider"] == "generic" or row["provider"].startswith("generic-")


def tiers(rows, provider):
    """The rows in the order in which they are asked for a reply of this provider."""
    own = [row for row in rows if row["provider"] == provider and not is_generic(row) and provider not in VENDORS]
    vendor = [row for row in rows if row["provider"] in VENDORS]
    mta = [row for row in rows if row["provider"].startswith("generic-")]
    last = [row for row in rows if row["provider"] == "generic"]
    return own + vendor + mta + last
