#!/usr/bin/python3
"""docs/OUTPUT.md names every field of docs/schema.json, and no other; and every column of the CSV.

usage: output_doc_test.py PROGRAM CAPTURE
"""
import json
import re
import subprocess
import sys
from pathlib import Path

DOCS = Path(__file__).resolve().parents[2] / "docs"
ROW = re.compile(r"^\| `((?:capture|verdict|findings|sessions)\b[^`]*)` \|", re.M)
FREE = {"findings[].detail"}  # an object without fixed members


def resolved(schema, node):
    """The node with what it refers to and its alternatives merged: only members and items matter here."""
    merged = dict(node)
    for part in [node.get("$ref")] if "$ref" in node else []:
        merged = {**resolved(schema, schema["$defs"][part.rsplit("/", 1)[1]]), **merged}
        own = node.get("properties", {})
        merged["properties"] = {**resolved(schema, schema["$defs"][part.rsplit("/", 1)[1]]).get("properties", {}), **own}
    for part in node.get("oneOf", []) + node.get("anyOf", []):
        merged = {**resolved(schema, part), **merged}
    return merged


def fields(schema, node, path):
    node = resolved(schema, node)
    if path in FREE:
        yield path
    elif node.get("properties"):
        for name, member in node["properties"].items():
            yield from fields(schema, member, path + "." + name if path else name)
    elif "items" in node:
        yield from fields(schema, node["items"], path + "[]")
    else:
        yield path


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    schema, text = json.loads((DOCS / "schema.json").read_text()), (DOCS / "OUTPUT.md").read_text()
    wanted, named = set(fields(schema, schema, "")) - {"schema"}, set(ROW.findall(text))
    found = ["%s is not in OUTPUT.md" % name for name in sorted(wanted - named)]
    found += ["OUTPUT.md names %s, which schema.json does not have" % name for name in sorted(named - wanted)]
    header = subprocess.run([sys.argv[1], "--format", "csv", sys.argv[2]], capture_output=True, text=True).stdout.split("\n")[0]
    table = text[text.index("## CSV"): text.index("## JSON")]
    columns = re.findall(r"`([a-z_]+)`", " ".join(re.findall(r"^\| (`[^|]*) \|", table, re.M)))
    if columns != header.split(","):
        found.append("OUTPUT.md has the columns %s, the CSV %s" % (columns, header))
    print("\n".join(found))
    print("output_doc_test: %d fields, %d columns, %d complaints" % (len(wanted), len(columns), len(found)))
    return 1 if found or not wanted else 0


sys.exit(main())
