"""What a test of tests/rules/ expects of a report in JSON; the lines behind "--". Their form is in tests/rules/README.md."""
import json
import operator
import shlex

CERTAINTIES = ("possible", "likely", "proven")
FIELDS = ("title", "means", "not_proven", "remedy", "filter")
PLAIN = ("severity", "fault", "certainty")
RESULTS = ("outcome", "phase")


class Report:
    """A report in JSON, and the questions that expectations ask."""

    def __init__(self, text, status):
        self.text, self.status, self.document = text, status, json.loads(text)
        self.findings = self.document["findings"]
        self.sessions = self.document["sessions"]

        self.scopes = [dict(line, severity="info", title=line["text"]) for finding in self.findings for line in finding["scope"]]

    def rules(self):
        return [finding["rule"] for finding in self.findings]

    def scope_rules(self):
        """What the failures of findings share, and what cannot be told apart from that."""
        return [line["rule"] for scope in self.scopes for line in [scope, *scope["not_apart_from"]]]

    def of(self, rule):
        """The findings of a rule, or the scopes in its words; never empty."""
        found = [finding for finding in [*self.findings, *self.scopes] if finding["rule"] == rule]
        if not found:
            raise Unmet("there is no %s, but %s" % (rule, ", ".join(self.rules() + self.scope_rules()) or "nothing"))
        return found

    def rule_by_number(self, number):
        return next((finding["rule"] for finding in self.findings if finding["id"] == number), None)

    def session(self, number):
        if not 1 <= int(number) <= len(self.sessions):
            raise Unmet("there are %d sessions" % len(self.sessions))
        return self.sessions[int(number) - 1]

    def consistent(self):
        """What must hold for every report: the exit status says whether there is an error."""
        is_error = any(finding["severity"] == "error" for finding in self.findings)
        if self.status != (1 if is_error else 0):
            raise Unmet("exit status %d with findings of severity %s" % (
                self.status, ", ".join(finding["severity"] for finding in self.findings) or "none"))


class Unmet(Exception):
    """An expectation that the report does not meet; says what it found instead."""


def want(is_met, what):
    if not is_met:
        raise Unmet(what)


def any_of(findings, is_met, what):
    want(any(is_met(finding) for finding in findings), "it is " + "; ".join(str(what(finding)) for finding in findings))


def check_plain(report, subject, key, words):
    """severity, fault, certainty: [ID] [at-most|at-least] WORD"""
    words = list(words)
    if len(words) > 1 and words[0] not in ("at-most", "at-least"):
        subject = words.pop(0)
    if subject is None:
        raise ValueError("say of which finding")
    compare = operator.eq
    if len(words) == 2:
        compare = {"at-most": operator.le, "at-least": operator.ge}[words.pop(0)]
    wanted = words[0]
    if key == "certainty":
        rank = CERTAINTIES.index
        any_of(report.of(subject), lambda f: compare(rank(f[key]), rank(wanted)), lambda f: f[key])
    else:
        any_of(report.of(subject), lambda f: f[key] == wanted, lambda f: f[key])


def check_text(report, key, words):
    """evidence and the texts of a finding: ID contains|lacks TEXT; evidence also: ID packet N"""
    rule, relation, wanted = words
    for finding in report.of(rule):
        if relation == "packet":
            numbers = [line["packet"] for line in finding["evidence"]]
            want(int(wanted) in numbers, "its evidence is in packets %s" % numbers)
            continue
        text = " | ".join(line["text"] for line in finding["evidence"]) if key == "evidence" else str(finding[key])
        is_there = wanted.lower() in text.lower()
        want(is_there == {"contains": True, "lacks": False}[relation], "it says: " + text)


def check_detail(report, rule, name, wanted):
    any_of(report.of(rule), lambda f: str(f["detail"].get(name)) == wanted, lambda f: f["detail"])


def check_main(report, rule):
    found = report.rules()[0] if report.findings else "nothing"
    want(found == rule, "it is " + found)


def check_cause(report, rule, cause):
    for finding in report.of(rule):
        found = report.rule_by_number(finding["caused_by"])
        want(found == cause, "its cause is %s" % found)


def check_session(report, key, number, wanted):
    found = report.session(number)[key]
    want(found == wanted, "it is " + found)


def check_json(report, path, wanted):
    value = report.document
    for step in path.split("."):
        value = value[int(step) if isinstance(value, list) else step]
    found = value if isinstance(value, str) else json.dumps(value)
    want(found == wanted, "it is " + found)


def check_replies(report, number, codes):
    found = [str(reply["code"]) for reply in report.session(number)["replies"]]
    want(found == list(codes), "they are " + " ".join(found))


def check_silent(report, rules):
    found = sorted(set(report.rules() + report.scope_rules()) & set(rules))
    want(not found, "found: " + " ".join(found))


def check_only(report, rules):
    found, wanted = sorted(set(report.rules())), sorted(set(rules) - {"nothing"})
    want(found == wanted, "found: " + (" ".join(found) or "nothing"))


def check_scope(report, rule, what, wanted):
    """ID SCOPE, or ID not-apart-from DIMENSION: of the finding ID."""
    for finding in report.of(rule):
        names = [line["rule"] for line in finding["scope"]]
        if what == "not-apart-from":
            names = [other["dimension"] for line in finding["scope"] for other in line["not_apart_from"]]
        want(wanted in (names or ["nothing"]), "it has %s" % (" ".join(names) or "nothing"))


def check(report, subject, text):
    """One line; subject: the rule that is meant where none is named. Raises Unmet, or ValueError for a bad line."""
    verb, *words = shlex.split(text, comments=True)
    if verb == "fires":
        for rule in words:
            report.of(rule)
    elif verb in ("silent", "only"):
        {"silent": check_silent, "only": check_only}[verb](report, words)
    elif verb in PLAIN:
        check_plain(report, subject, verb, words)
    elif verb in RESULTS:
        check_session(report, verb, *words)
    elif verb in FIELDS or verb == "evidence":
        check_text(report, verb, words)
    elif verb == "replies":
        check_replies(report, words[0], words[1:])
    elif verb in ("detail", "main", "caused_by", "json"):
        {"detail": check_detail, "main": check_main, "caused_by": check_cause, "json": check_json}[verb](report, *words)
    elif verb == "scope":
        check_scope(report, words[0], "is" if len(words) == 2 else words[1], words[-1])
    elif verb == "sessions":
        any_of(report.of(words[0]), lambda f: f["sessions"] == [int(n) for n in words[1:]], lambda f: f["sessions"])
    elif verb == "attempts":
        want(len(report.sessions) == int(words[0]), "there are %d" % len(report.sessions))
    elif verb == "result":
        want(report.document["verdict"]["result"] == words[0], "it is " + report.document["verdict"]["result"])
    elif verb == "exit":
        want(report.status == int(words[0]), "it is %d" % report.status)
    elif verb == "never":
        want(words[0] not in report.text, "it is there")
    else:
        raise ValueError("no such expectation: " + verb)
