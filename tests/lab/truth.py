"""What a capture is known to show, written beside it, and the tshark checks that prove it."""
import json
import os
import subprocess

TSHARK = ["tshark", "-n", "-o", "tcp.check_checksum:FALSE", "-o", "tcp.desegment_tcp_streams:TRUE",
          "-d", "tcp.port==2525,smtp", "-d", "tcp.port==2587,smtp"]
RELATIONS = {">=": int.__ge__, "==": int.__eq__, "<=": int.__le__}


def new_truth(scenario, title):
    return {"scenario": scenario, "did": [], "expect": [], "expect_not": [], "may": [], "facts": {}, "sessions": [],
            "notes": [], "title": title}


class Truth:
    """The part of a Lab with which a scenario says what it did and what must (not) be reported."""

    def __init__(self, scenario, title):
        self.truth = new_truth(scenario, title)
        self.checks = []

    def did(self, *what):
        self.truth["did"] += what

    def expect(self, *tags):
        self.truth["expect"] += tags

    def expect_not(self, *tags):
        self.truth["expect_not"] += tags

    def may(self, *tags):
        self.truth["may"] += tags

    def fact(self, **values):
        self.truth["facts"].update(values)

    def note(self, *sentences):
        self.truth["notes"] += sentences

    def session(self, **values):
        self.truth["sessions"].append(values)

    def check(self, display_filter, relation=">=", n=1, shows="", with_keys=False):
        """tshark must find so many packets."""
        self.checks.append(dict(filter=display_filter, op=relation, n=n, shows=shows, with_keys=with_keys))


def save(truth, path):
    with open(path, "w") as out:
        json.dump(truth, out, indent=1, ensure_ascii=False)


def load(path):
    with open(path) as text:
        return json.load(text)


def count_packets(pcap, display_filter, keys=None):
    """How many packets match, and what went wrong (then -1)."""
    argv = TSHARK + ["-r", pcap, "-Y", display_filter, "-T", "fields", "-e", "frame.number"]
    if keys and os.path.exists(keys):
        argv += ["-o", "tls.keylog_file:" + keys]
    result = subprocess.run(argv, capture_output=True, text=True)
    if result.returncode and "cut short" not in result.stderr:
        return -1, result.stderr.strip()[:200]
    return len(result.stdout.split()), ""


def verify(path):
    """Repeats all checks of a truth file and notes the results in it; returns the number of failures and the truth."""
    truth = load(path)
    folder, files = os.path.dirname(path), truth["files"]
    keys = os.path.join(folder, files["keys"]) if files.get("keys") else None
    n_bad = 0
    for check in truth["wire_checks"]:
        pcap = os.path.join(folder, files["pcap"])
        n, error = count_packets(pcap, check["filter"], keys if check.get("with_keys") else None)
        check["got"], check["ok"] = n, n >= 0 and RELATIONS[check["op"]](n, check["n"])
        if error:
            check["error"] = error
        n_bad += not check["ok"]
    truth["verified"] = n_bad == 0
    save(truth, path)
    return n_bad, truth
