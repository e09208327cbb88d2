#!/usr/bin/python3
"""docs/FINDINGS.md from the catalogue of rules, docs/FIELDS.md from the facts that the program knows, and the lists of
options in the manual page and the completion scripts from cli/options.def.

usage: generate_docs.py [--program PROGRAM] [--update]

Without --update: compares, and fails when a document says something else than the program.
PROGRAM is the newest of build/*/smtptrace.
"""
import argparse
import difflib
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import yaml

import option_lists

TOP = Path(__file__).resolve().parent.parent.parent
DOCS, CATALOGUE = TOP / "docs", TOP / "rules/catalogue"
ENVIRONMENT = dict(os.environ, TZ="UTC", LC_ALL="C")
WIDTH, DIFF_LINES_MAX = 118, 40
ORDER = ("connect", "resets", "edits", "tls", "replies", "quality", "settings", "capture")  # as a session goes; others follow
SCOPES = {
    "session": "One attempt to send mail: a TCP connection, or the SYN that nobody answered.",
    "reply": "One reply of the server. Known only while a reply, a recipient or a message is judged.",
    "recipient": "One recipient, when the server has answered RCPT. Known while that reply or recipient is judged.",
    "message": "One message, when the server has answered it, or MAIL. Known while that reply or message is judged.",
    "difference": "One difference between an attempt and the settings (`-e`). Known only while it is judged.",
    "capture": "The capture as a whole. Known only to rules over the capture.",
    "finding": "What the failures of a finding share (see SCOPE.md). Known only to rules over findings.",
}
TYPES = {
    "bool": "yes or no; constants are `true` and `false`",
    "int": "a whole number; constants may end in kB, MB, GB, KiB, MiB, GiB",
    "seconds": "a time; constants are seconds, or end in ms, us, s, min, h, d",
    "text": "bytes as they came; constants stand in quotes",
    "address": "an IPv4 or IPv6 address; constants may be networks: `192.0.2.0/24`",
}
OVER = {
    "session": "each attempt (TCP connection), when it has ended",
    "reply": "each reply of a server",
    "recipient": "each recipient, when the server has answered",
    "message": "each message, when the server has answered",
    "difference": "each difference between an attempt and the settings (`-e`)",
    "capture": "the capture as a whole",
    "finding": "what the failures of a finding share that what worked does not; its title becomes the scope of the finding",
}
FAULTS = {
    "client": "the client (mail program or sending server)",
    "server": "the server's operator",
    "path": "the operator of a device on the path",
    "provider": "the provider",
    "recipient": "the recipient",
    "sender": "the sender's domain",
    "capture": "whoever took the capture",
    "unknown": "not known",
}
HOLE = re.compile(r"\{(?!\{)([^{}]*)\}")
OTHERWISE = re.compile(r'\|"(.*)"$', re.S)


def newest_program():
    found = list(TOP.glob("build/*/smtptrace"))
    if not found:
        sys.exit("generate_docs: no program in build/; build it, or give --program")
    return max(found, key=lambda path: path.stat().st_mtime)


def ask(program, *arguments):
    done = subprocess.run([program, *arguments], env=ENVIRONMENT, capture_output=True, text=True)
    if done.returncode or done.stderr:
        sys.exit("generate_docs: %s %s: %s" % (program, " ".join(arguments), done.stderr))
    return done.stdout


# FIELDS.md

def fields(program):
    """(name, type, scope, text) of each fact."""
    return [line.split(None, 3) for line in ask(program, "fields").splitlines()]


def fields_page(program):
    facts = fields(program)
    lines = ["# Facts", "", "What conditions of rules and of `-Y` can ask, and what texts of rules can name. Made from"
             " `decode/facts.def` by", "`.ci/generate --update`; do not edit. `smtptrace fields` prints the same list.", "",
             "A fact that is not known is absent. A comparison with it is false, and `!` before that is true. A fact that"
             " stands alone", "asks whether it is known; one of type bool, whether it is true.", "", "| type | what |",
             "|---|---|"]
    lines += ["| %s | %s |" % (name, TYPES[name]) for name in sorted({fact[1] for fact in facts})]
    for scope in sorted({fact[2] for fact in facts}, key=list(SCOPES).index):
        lines += ["", "## %s" % scope.capitalize(), "", SCOPES[scope], "", "| fact | type | what it says |", "|---|---|---|"]
        lines += ["| `%s` | %s | %s |" % (name, kind, text) for name, kind, where, text in facts if where == scope]
    return "\n".join(lines) + "\n"


# FINDINGS.md

def wrap(text, indent=""):
    return textwrap.wrap(" ".join(text.split()), WIDTH, initial_indent=indent, subsequent_indent=indent,
                         break_long_words=False, break_on_hyphens=False)


def fill(text):
    """The text of a rule for readers: a fact as its name, or what stands in its place when it is not known."""

    def one(found):
        otherwise = OTHERWISE.search(found.group(1))
        if otherwise and found.group(0) == text.strip():
            return "*(What the tables of replies say about this one; else:)* " + otherwise.group(1)
        return otherwise.group(1) if otherwise else "`{%s}`" % found.group(1)

    return HOLE.sub(one, text).replace("{{", "{").replace("<", "&lt;").strip()


def bullet(name, text):
    lines = textwrap.wrap("* **%s**: %s" % (name, text), WIDTH, subsequent_indent="  ", break_long_words=False,
                          break_on_hyphens=False)
    return lines


def code(text):
    return "`%s`" % " ".join(text.split())


def choices(value, words):
    """A word, or what it depends on."""
    if isinstance(value, str):
        return words.get(value, value)
    return "; ".join(words.get(one["then"], one["then"]) + (" if " + code(one["if"]) if "if" in one else " otherwise")
                     for one in value)


def certainty(rule):
    value = rule["certainty"]
    if isinstance(value, str):
        return value
    ranks = [name for name in ("proven", "likely", "possible") if name in value]
    return ", ".join("%s from %d" % (name, value[name]) for name in ranks) + " (sum of the signs below)"


def over(rule):
    value = rule["over"]
    if isinstance(value, str):
        return OVER[value]
    return "all attempts that have the same " + " and ".join(code(name) for name in value)


def looks_for(rule):
    lines = ["Looks at %s, for:" % over(rule), "", "```"]
    lines += wrap(rule["when"]) + ["```"]
    if rule.get("signs"):
        lines += ["", "Signs, each with its weight:", ""]
    for sign in rule.get("signs", []):
        text = "* %+d %s" % (sign["weight"], code(sign["if"])) + (": " + fill(sign["say"]) if sign.get("say") else "")
        lines += textwrap.wrap(text, WIDTH, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
    return lines


def links(ids):
    return ", ".join("[%s](#%s)" % (name, name) for name in ids)


def relations(rule, rules):
    ids = [other["id"] for other in rules]
    explains = [name for name in rule.get("explains", []) if name in ids]
    explained_by = [other["id"] for other in rules if rule["id"] in other.get("explains", [])]
    lines = bullet("Explains", links(explains)) if explains else []
    lines += bullet("May be explained by", links(explained_by)) if explained_by else []
    return lines + (bullet("Source", rule["source"]) if "source" in rule else [])


def section(rule, rules):
    lines = ["### " + rule["id"], ""] + wrap("**%s**" % fill(rule["title"])) + [""]
    lines += bullet("Severity", choices(rule["severity"], {}))
    lines += bullet("Has to act", choices(rule["fault"], FAULTS))
    lines += bullet("Certainty", certainty(rule))
    if rule.get("remark"):
        lines += bullet("Rank", "a remark: worth knowing, but not why mail does not go out")
    if rule.get("last_resort"):
        lines += bullet("Rank", "a last resort: only where no other rule finds something wrong")
    lines += [""] + looks_for(rule) + [""]
    for key, name in (("means", "What it means"), ("not_proven", "What it does not prove"), ("remedy", "What to do")):
        lines += bullet(name, fill(rule[key]))
    return lines + relations(rule, rules) + [""]


def heading(text):
    """The first sentence of the comment that a catalogue file begins with."""
    comment = " ".join(line[1:].strip() for line in text.split("\n\n", 1)[0].splitlines() if line.startswith("#"))
    return comment.split(". ")[0].rstrip(".")


def catalogue():
    """(heading, rules) of each file."""
    paths = sorted(CATALOGUE.glob("*.yaml"), key=lambda path: (
        ORDER.index(path.stem) if path.stem in ORDER else len(ORDER), path.stem))
    texts = [path.read_text(encoding="utf-8") for path in paths]
    return [(heading(text), yaml.safe_load(text)) for text in texts]


def anchor(text):
    return re.sub(r"[^a-z0-9 -]", "", text.lower()).replace(" ", "-")


FINDINGS_HEAD = """# Findings

What smtptrace can say. Made from `rules/catalogue/` by `.ci/generate --update`; do not edit. `smtptrace explain ID` prints
one of these entries. Ids are stable: they are never renamed or used for something else.

* **Severity**: `error`, mail did not get through; `warning`, it works, but slowly, unsafely or by luck; `info`, context.
* **Certainty**: `proven`, the packets leave no other reading; `likely`, nothing else fits well; `possible`.
* `{name}` stands for a fact (see [FIELDS.md](FIELDS.md)); the report shows its value.
* A finding that another one explains is listed under that one, never beside it.
"""


def findings_page():
    groups = catalogue()
    rules = [rule for _, group in groups for rule in group]
    lines = FINDINGS_HEAD.splitlines() + [""]
    for title, group in groups:
        lines += ["* [%s](#%s)" % (title, anchor(title))]
        for rule in group:
            lines.append("  * [%s](#%s): %s" % (rule["id"], rule["id"], fill(rule["title"])))
    for title, group in groups:
        lines += ["", "## " + title, ""]
        for rule in group:
            lines += section(rule, rules)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines).rstrip()) + "\n", [rule["id"] for rule in rules]


def compare(name, wanted):
    path = TOP / name
    is_there = path.read_text(encoding="utf-8") if path.exists() else ""
    if is_there == wanted:
        return 0
    lines = list(difflib.unified_diff(is_there.splitlines(), wanted.splitlines(), name, "the program", lineterm="", n=1))
    print("\n".join(lines[:DIFF_LINES_MAX] + ["%s is out of date: .ci/generate --update" % name]))
    return 1


def missing_signatures():
    """Ids that rules cite and docs/SIGNATURES.md does not explain."""
    known = set(re.findall(r"^\*\*([A-Z]-\d+) ", (DOCS / "SIGNATURES.md").read_text(encoding="utf-8"), re.M))
    n_bad = 0
    for path in sorted((DOCS.parent / "rules/catalogue").glob("*.yaml")):
        for source in re.findall(r"^ +source: .*SIGNATURES ([^;\n]*)", path.read_text(encoding="utf-8"), re.M):
            for cited in sorted(set(re.findall(r"[A-Z]-\d+", source)) - known):
                print("%s cites %s: docs/SIGNATURES.md does not know it" % (path.name, cited))
                n_bad += 1
    return n_bad


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--program", type=Path)
    parser.add_argument("--update", action="store_true")
    options = parser.parse_args()
    program = (options.program or newest_program()).resolve()
    findings, ids = findings_page()
    built_in = [line.split()[0] for line in ask(program, "rules").splitlines()]
    if sorted(ids) != sorted(built_in):
        sys.exit("generate_docs: %s has another catalogue than rules/catalogue: build it anew" % program)
    pages = {"docs/FIELDS.md": fields_page(program), "docs/FINDINGS.md": findings}
    pages.update((name, option_lists.filled(name)) for name in option_lists.LISTS)
    if options.update:
        for name, text in pages.items():
            (TOP / name).write_text(text, encoding="utf-8")
    n_bad = sum(compare(name, text) for name, text in pages.items()) + missing_signatures()
    print("generate_docs: %d pages, %d complaints" % (len(pages), n_bad))
    return 1 if n_bad else 0


sys.exit(main())
