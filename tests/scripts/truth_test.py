#!/usr/bin/python3
"""What smtptrace says about each capture of pcaps/ fits the truth file beside it.

usage: truth_test.py PROGRAM [NAME...]     all captures without names

Sessions: every attempt of the truth is there, with its outcome and its reply codes. `expect_not`: no finding of the
rules that stand for the tag, unless it is listed under its cause. `expect`: a finding of one of the rules that stand for
the tag, or another sign of it in the report. A finding that accuses the path must stand for a tag.
"""
import json
import os
import subprocess
import sys
from pathlib import Path

PCAPS = Path(__file__).resolve().parent.parent.parent / "pcaps"
ENVIRONMENT = dict(os.environ, TZ="UTC", LC_ALL="C")

RESETS = "reset-by-server reset-by-client reset-origin-unknown reset-injected"
BLOCKED = ("connect-no-answer port-blocked-to-host port-blocked-everywhere port-rejected-by-firewall connect-prohibited "
           "host-unreachable")
CERTIFICATES = ("certificate-expired certificate-not-yet-valid certificate-name-mismatch certificate-self-signed "
                "certificate-untrusted certificate-chain-incomplete certificate-rejected")
TLS_FAILURES = ("tls-version-mismatch tls-no-shared-cipher tls-server-error tls-handshake-stalled tls-on-plaintext-port "
                "plaintext-on-tls-port starttls-refused tls-intercepted tls-weak-refused " + CERTIFICATES)
DEVICES = ("greeting-masked ehlo-keywords-masked starttls-stripped commands-rewritten transparent-proxy security-product "
           "connect-answered-locally tls-intercepted")
LOGINS = ("auth-failed auth-app-password-required auth-disabled-by-provider auth-suspicious-login auth-required auth-needs-tls "
          "auth-mechanism-unsupported auth-temporary")
SERVER_FAULTS = "server-busy server-storage tls-server-error no-greeting closed-before-greeting slow-server receiver-stalled"
BLOCKED_BY_DEVICE = "port-blocked-to-host port-blocked-everywhere port-rejected-by-firewall connect-prohibited"

# tag of expect_not: rules that would say it, whether they exist already or not
NEVER = {
    "auth-failed-535": "auth-failed",
    "auth-failure": LOGINS,
    "auth-required-530": "auth-required",
    "bad-checksum-as-fault": "packet-loss capture-lossy",
    "banner-masked": "greeting-masked",
    "blocked-port": BLOCKED,
    "blocklist-query-refused": "blocklist-lookup-broken blocklist-refuses-queries",
    "blocklisted": "blocklisted",
    "cert": CERTIFICATES,
    "cert-expired": "certificate-expired",
    "cert-name-mismatch": "certificate-name-mismatch",
    "cert-rejected": "certificate-rejected",
    "cert-self-signed-leaf": "certificate-self-signed",
    "data-before-354": "early-talker unauthorised-pipelining protocol-error",
    "delivered": "delivered delivered-to-some delivered-after-retry",
    "delivered-proven": "delivered delivered-to-some delivered-after-retry",
    "duplicate-packets": "packet-loss capture-lossy data-injected",
    "ehlo-keyword-masked": "ehlo-keywords-masked",
    "host-down": "host-no-answer host-unreachable",
    "icmp": "connect-prohibited host-unreachable",
    "idle-timeout": "idle-timeout-dropped idle-timeout-reset server-idle-timeout",
    "interference": "reset-injected reset-origin-unknown data-injected first-payload-dropped pmtu-black-hole idle-timeout-dropped "
                    "idle-timeout-reset " + DEVICES + " " + BLOCKED_BY_DEVICE,
    "mailbox-full": "mailbox-full quota-exceeded",
    "no-banner": "no-greeting closed-before-greeting",
    "no-shared-cipher": "tls-no-shared-cipher",
    "one-domain-only": "scope-one-domain",
    "packet-loss": "packet-loss capture-lossy",
    "permanent-rejection": "rejected-other recipient-unknown relay-denied",
    "plaintext-credentials": "credentials-in-clear",
    "plaintext-on-tls-port": "plaintext-on-tls-port",
    "pmtud-blackhole": "pmtu-black-hole",
    "port-25-blocked": BLOCKED,
    "port-25-blocked-silent": "connect-no-answer port-blocked-to-host port-blocked-everywhere",
    "port-blocked": BLOCKED,
    "port-closed-on-server": "port-closed",
    "port-rejected-rst-by-middlebox": "port-rejected-by-firewall",
    "protocol-violation": "protocol-error early-talker unauthorised-pipelining bare-lf smuggling-sequence starttls-injection",
    "rate-limited": "rate-limited too-many-connections",
    "relay-denied": "relay-denied",
    "reset": RESETS,
    "reset-by-server": "reset-by-server",
    "reset-during-data": RESETS,
    "rst-injected-client-side": "reset-injected reset-origin-unknown",
    "rst-injected-mid-session": "reset-injected reset-origin-unknown",
    "rst-ttl-differs-from-server": "reset-injected reset-origin-unknown port-rejected-by-firewall",
    "server-closed-connection": "reset-by-server closed-before-greeting server-idle-timeout",
    "server-does-not-support-ehlo": "rejected-other protocol-error helo-rejected",
    "server-does-not-support-tls": "starttls-not-offered",
    "server-down": "host-no-answer no-greeting port-closed",
    "server-error": SERVER_FAULTS,
    "server-fault": SERVER_FAULTS,
    "server-idle-timeout-421": "server-idle-timeout",
    "server-refused": "greeting-refused rejected-other port-closed",
    "server-slow": "slow-server slow-greeting",
    "server-stall-zero-window": "receiver-stalled",
    "starttls-stripped": "starttls-stripped",
    "syn-unanswered": "connect-no-answer port-blocked-to-host port-blocked-everywhere host-no-answer",
    "tls-failure": TLS_FAILURES,
    "tls-intercepted": "tls-intercepted",
    "tls-on-plaintext-port": "tls-on-plaintext-port",
    "tls-server-error": "tls-server-error",
    "tls-version-mismatch": "tls-version-mismatch",
    "transparent-proxy": "transparent-proxy connect-answered-locally",
    "ttl-differs": "reset-injected reset-origin-unknown port-rejected-by-firewall transparent-proxy",
    "user-unknown": "recipient-unknown",
}

# tag of expect: rules of which one must be there
FOUND = {
    "blocklist-query-refused": "blocklist-lookup-broken",
    "blocklisted": "blocklisted",
    "dns-mx-target-missing": "dns-name-unknown",
    "dns-null-mx": "dns-null-mx",
    "dns-nxdomain": "dns-name-unknown",
    "dns-refused": "dns-failure",
    "dns-servfail": "dns-failure",
    "dns-silent": "dns-no-answer",
    "dns-truncated": "dns-failure",
    "slow-dns": "slow-greeting",
    "idle-timeout-silent-drop": "idle-timeout-dropped",
    "large-segments-retransmitted": "pmtu-black-hole",
    "packet-loss-note": "packet-loss",
    "pmtud-blackhole": "pmtu-black-hole",
    "server-stall-zero-window": "receiver-stalled",
    "banner-masked": "greeting-masked",
    "commands-rewritten": "commands-rewritten",
    "ehlo-keyword-masked": "ehlo-keywords-masked",
    "port-25-blocked-silent": "port-blocked-to-host",
    "reply-quotes-other-command-than-sent": "commands-rewritten",
    "starttls-not-offered": "starttls-not-offered",
    "starttls-stripped": "starttls-stripped",
    "use-587": "port-blocked-to-host",
    "app-password-required": "auth-app-password-required",
    "auth-failed-535": "auth-failed",
    "auth-required-530": "auth-required",
    "login-switched-off": "auth-disabled-by-provider",
    "capture-midstream": "capture-starts-midstream",
    "client-gave-up": "starttls-not-offered",
    "capture-truncated-snaplen": "capture-truncated",
    "delivered": "delivered delivered-to-some delivered-after-retry",
    "delivered-after-retry": "delivered-after-retry",
    "delivered-on-new-connection": "delivered",
    "delivered-small-message": "delivered",
    "delivered-to-some-recipients": "delivered-to-some",
    "delivery-probably-ok-encrypted": "encrypted-outcome-unknown",
    "greylisted": "greylisted",
    "message-too-big-552": "message-too-big",
    "no-banner": "no-greeting",
    "no-banner-on-465": "plaintext-on-tls-port no-greeting",
    "plaintext-credentials": "credentials-in-clear",
    "plaintext-on-tls-port": "plaintext-on-tls-port",
    "port-closed-on-server": "port-closed",
    "port-rejected-icmp-admin-prohibited": "connect-prohibited",
    "port-rejected-rst-by-middlebox": "port-rejected-by-firewall",
    "rate-limited-421": "too-many-connections rate-limited",
    "proxy-denied-port-25": "proxy-refused",
    "relay-denied": "relay-denied",
    "retransmissions-unanswered": "connection-lost idle-timeout-dropped",
    "rst-injected-client-side": "reset-injected",
    "server-died-mid-session": "reset-by-server",
    "server-reset-genuine": "reset-by-server",
    "syn-unanswered": "connect-no-answer",
    "tls-on-plaintext-port": "tls-on-plaintext-port",
    "user-unknown": "recipient-unknown",
    "via-http-connect": "proxy-used",
    "via-proxy-header": "proxy-used",
    "via-socks": "proxy-used",
    "via-xclient": "proxy-used",
    "proxy-header-refused": "proxy-header-refused",
    "proxy-login-wanted": "proxy-refused",
    "proxy-target-closed": "proxy-refused",
    "alert-from-client": "certificate-expired certificate-name-mismatch certificate-self-signed certificate-rejected",
    "alert-handshake-failure-from-server": "tls-no-shared-cipher",
    "alert-protocol-version-from-server": "tls-version-mismatch",
    "alert-unknown-ca-from-client": "certificate-untrusted tls-intercepted certificate-chain-incomplete",
    "cert-chain-incomplete": "certificate-chain-incomplete",
    "cert-expired": "certificate-expired",
    "cert-name-mismatch": "certificate-name-mismatch",
    "cert-not-yet-valid": "certificate-not-yet-valid",
    "cert-rejected": "certificate-rejected",
    "cert-self-signed": "certificate-self-signed",
    "cert-untrusted": "certificate-untrusted",
    "client-certificate-wanted": "tls-server-error",
    "starttls-injection": "starttls-injection",
    "starttls-refused": "starttls-refused",
    "tls-anonymous": "tls-anonymous",
    "tls-handshake-stalled": "tls-handshake-stalled",
    "tls-obsolete": "tls-obsolete",
    "tls-server-error": "tls-server-error",
    "tls-weak": "tls-weak",
    "tls-weak-refused": "tls-weak-refused",
    "cert-untrusted-ca": "certificate-untrusted tls-intercepted",
    "no-shared-cipher": "tls-no-shared-cipher",
    "one-domain-only": "scope-one-domain",
    "tls-failure": TLS_FAILURES,
    "tls-intercepted-antivirus": "tls-intercepted",
    "tls-version-mismatch": "tls-version-mismatch",
    "wrong-tls-mode-use-implicit": "plaintext-on-tls-port",
    "wrong-tls-mode-use-starttls": "tls-on-plaintext-port",
}

MAIN = {  # capture: its main diagnosis
    "01-clean-plain-postfix": "delivered",
    "06-port25-dropped-587-ok": "port-blocked-to-host",
    "07-port25-rst-by-middlebox": "port-rejected-by-firewall",
    "08-icmp-admin-prohibited-v4": "connect-prohibited",
    "09-port-closed-on-server": "port-closed",
    "10-forged-rst-after-ehlo": "reset-injected",
    "10d-real-rst-from-server": "reset-by-server",
    "12-idle-timeout-drop": "idle-timeout-dropped",
    "13-starttls-masked-inline": "starttls-stripped",
    "13d-no-starttls-on-server": "starttls-not-offered",
    "14-banner-masked-ehlo-xxxx": "commands-rewritten",
    "15-av-mitm-tls12-unknown-ca": "tls-intercepted",
    "16-cert-expired-tls12": "certificate-expired",
    "17-cert-name-mismatch-tls12": "certificate-name-mismatch",
    "18-cert-self-signed-tls12": "certificate-self-signed",
    "19-version-server13-client12": "tls-version-mismatch",
    "20-no-shared-cipher": "tls-no-shared-cipher",
    "21-clienthello-to-25-587": "tls-on-plaintext-port",
    "22-plaintext-to-465": "plaintext-on-tls-port",
    "23-auth-failed-535": "auth-failed",
    "25-relay-denied": "relay-denied",
    "26-user-unknown": "recipient-unknown",
    "27-greylisting-then-success": "greylisted",
    "28-rate-limit-421-postfix": "too-many-connections",
    "29-size-552": "message-too-big",
    "30-no-banner": "no-greeting",
    "32-pmtud-blackhole-upload": "pmtu-black-hole",
    "33-zero-window-stall": "receiver-stalled",
    "37-midstream-plaintext": "recipient-unknown",
    "40-nxdomain-host": "dns-name-unknown",
    "40b-servfail": "dns-failure",
    "40c-resolver-refuses": "dns-failure",
    "40d-resolver-silent": "dns-no-answer",
    "40e-null-mx": "dns-null-mx",
    "40f-mx-target-missing": "dns-name-unknown",
    "40g-truncated-tcp-dropped": "dns-failure",
    "40h-truncated-tcp-closed": "dns-failure",
    "40i-truncated-tcp-works": "delivered",
    "45-slow-greeting-dns": "slow-greeting",
    "46-blocklist-refuses": "blocklist-lookup-broken",
    "46b-blocklist-lists": "blocklisted",
    "44b-any-sll2": "relay-denied",
    "50-cert-expired-clients": "certificate-expired",
    "51-cert-not-yet-valid": "certificate-not-yet-valid",
    "52-cert-name-mismatch-clients": "certificate-name-mismatch",
    "53-cert-self-signed-clients": "certificate-self-signed",
    "54-cert-private-issuer": "certificate-untrusted",
    "55-cert-chain-incomplete": "certificate-chain-incomplete",
    "56-cert-rejected-tls13-keys": "certificate-name-mismatch",
    "57-cert-weak-refused": "tls-weak-refused",
    "58-cert-java-alert46": "certificate-untrusted",
    "59-cert-opportunistic-keys": "delivered",
    "60-av-mitm-accepted": "tls-intercepted",
    "61-starttls-refused-454": "starttls-refused",
    "62-starttls-injection": "starttls-injection",
    "63-no-server-certificate": "tls-no-shared-cipher",
    "64-no-shared-cipher-gnutls": "tls-no-shared-cipher",
    "65-version-client11-alert80": "tls-version-mismatch",
    "66-version-server11-client": "tls-version-mismatch",
    "67-client-certificate-wanted": "tls-server-error",
    "68-server-closes-after-hello": "tls-server-error",
    "69-clienthello-dropped": "tls-handshake-stalled",
    "70-pmtu-certificate-flight": "pmtu-black-hole",
    "71-resumption-keys": "delivered",
    "72-anonymous-suite-keys": "delivered",
    "73-obsolete-tls10-keys": "tls-obsolete",
    "74-weak-key-and-dh": "tls-weak-refused",
    "80-one-domain-refused": "relay-denied",
}

# tag of expect: another sign of it, in the report
SEEN = {
    "auth-ok": lambda r: any(s["auth"] and s["auth"]["code"] == 235 for s in r["sessions"]),
    "delivered-over-tls": lambda r: any(s["outcome"] == "delivered" and s["tls"] and s["tls"]["decrypted"] for s in r["sessions"]),
    "any-interface": lambda r: r["capture"]["link_type"] == "LINUX_SLL2",
    "chunking": lambda r: any("CHUNKING" in s["smtp"]["capabilities"] for s in r["sessions"]),
    "data-from-server-after-rst": lambda r: "goes on sending" in evidence(r),
    "implicit-tls": lambda r: any(s["tls"] and s["smtp"]["starttls"] is None for s in r["sessions"]),
    "ipv6": lambda r: any(":" in s["server"]["address"] for s in r["sessions"]),
    "no-connection-attempted": lambda r: not [s for s in r["sessions"] if s["tcp"]],
    "pipelining": lambda r: any("PIPELINING" in s["smtp"]["capabilities"] for s in r["sessions"]),
    "plaintext-session": lambda r: any(s["tls"] is None and s["smtp"]["starttls"] != "done" for s in r["sessions"]),
    "port-587-works-to-same-host": lambda r: any(s["server"]["port"] == 587 and s["outcome"] in ("delivered", "unknown")
                                                 for s in r["sessions"]),
    "rst-ttl-differs-from-server": lambda r: "ttl" in evidence(r),
    "certificate-visible": lambda r: any(s["tls"] and s["tls"]["certificates"] for s in r["sessions"]),
    "starttls": lambda r: any(s["smtp"]["starttls"] == "done" for s in r["sessions"]),
    "tls1.2": lambda r: any(s["tls"] and s["tls"]["version"] == "TLS 1.2" for s in r["sessions"]),
    "tls1.3": lambda r: any(s["tls"] and s["tls"]["version"] == "TLS 1.3" for s in r["sessions"]),
}

OUTCOMES = {  # words of the truth: outcomes of ours
    "delivered": "delivered",
    "delivered (not visible)": "unknown",
    "delivered after HELO": "delivered",
    "syn timeout": "failed",
    "reset on SYN by middlebox": "failed",
    "icmp 3/13": "failed",
    "refused by server": "failed",
    "reset by injector after EHLO": "failed",
    "server reset": "cut",
    "stalled after idle": "cut",
    "client gave up: no STARTTLS": "no-mail",
    "client rejected certificate": "failed",
    "tls version mismatch": "failed",
    "no shared cipher": "failed",
    "wrong tls mode": "failed",
    "both waited": "failed",
    "auth failed": "refused",
    "relay denied": "refused",
    "user unknown": "refused",
    "user unknown, other recipient delivered": "partly-delivered",
    "greylisted": "deferred",
    "421 connection rate": "deferred",
    "552 at MAIL": "refused",
    "552 after DATA": "refused",
    "no greeting, client time-out": "failed",
    "stalled in DATA": "cut",
    "client time-out on zero window": "cut unknown",  # the capture ends before the client does
    "first message accepted, then 550": "partly-delivered",
    "403 from proxy": "failed",
    "starttls refused": "deferred",
    "command behind STARTTLS": "unknown",
    "server closed in handshake": "failed",
    "client certificate wanted": "failed",
    "client refuses the group": "failed",
    "handshake stalled": "failed",
    "407 from proxy": "failed",
    "died in dns": "failed",
    "blocklisted": "refused",
    "refused by the proxy": "failed",
    "client confused by the additional reply": "cut",
    "server took the header for QUIT": "failed",
    "xclient refused": "refused",
}


def evidence(report):
    return " ".join(line["text"] for finding in report["findings"] for line in finding["evidence"]).lower()


def report_on(program, capture):
    """With the key log beside the capture, if there is one."""
    keys = capture.with_suffix(".keys")
    argv = [program, "--format", "json"] + (["-k", keys] if keys.exists() else [])
    done = subprocess.run([*argv, capture], env=ENVIRONMENT, capture_output=True, text=True)
    if done.returncode not in (0, 1):
        sys.exit("truth_test: %s: exit status %d: %s" % (capture, done.returncode, done.stderr))
    return json.loads(done.stdout)


def is_within(few, many):
    """Do the codes of the truth come in this order among ours?"""
    rest = iter(many)
    return all(code in rest for code in few)


def ends(session):
    """Client, server and port, as the truth names them."""
    if isinstance(session["client"], str):
        return session["client"], session["server"], session["port"]
    return session["client"]["address"], session["server"]["address"], session["server"]["port"]


def wrong_session(wanted, found):
    outcomes = OUTCOMES[wanted["outcome"]].split()
    if found["tls"] and not found["tls"]["decrypted"] and wanted["outcome"] == "delivered":
        outcomes = ["unknown"]
    if found["outcome"] not in outcomes:
        yield "session %d: outcome %s, not %s" % (found["id"], found["outcome"], " or ".join(outcomes))
    codes = [reply["code"] for reply in found["replies"]]
    if not is_within(wanted.get("codes", []), codes):
        yield "session %d: codes %s, not %s" % (found["id"], codes, wanted["codes"])


def wrong_sessions(truth, report):
    ours = sorted(report["sessions"], key=lambda session: session["started"] or 0)
    for index, wanted in enumerate(truth["sessions"]):
        found = next((session for session in ours if ends(session) == ends(wanted)), None)
        if not found:
            yield "there is no attempt %d of the truth: %s" % (index, wanted["outcome"])
            continue
        ours.remove(found)
        yield from wrong_session(wanted, found)


def scopes(report):
    """What the failures of findings share, and what cannot be told apart from that."""
    lines = [line for finding in report["findings"] for line in finding["scope"]]
    return {other["rule"] for line in lines for other in [line, *line["not_apart_from"]]}


def wrong_tags(name, truth, report):
    """Complaints about the findings."""
    wrong = []
    rules = {finding["rule"] for finding in report["findings"]} | scopes(report)
    main = report["findings"][0]["rule"] if report["findings"] else "nothing"
    if MAIN.get(name, main) != main:
        wrong.append("the main diagnosis is %s, not %s" % (main, MAIN[name]))
    blamed = {finding["rule"] for finding in report["findings"] if finding["caused_by"] is None}
    meant = {rule for tag in truth["expect"] + truth["may"] for rule in FOUND.get(tag, "").split()} | {MAIN.get(name)}
    for finding in report["findings"]:
        if finding["fault"] == "path" and finding["rule"] in blamed - meant:
            wrong.append("%s accuses the path, and the truth knows of nothing there" % finding["rule"])
    for tag in truth["expect_not"]:
        if tag not in NEVER:
            wrong.append("no rules are listed for the tag %s that must not be said" % tag)
        for rule in sorted((blamed | scopes(report)) & set(NEVER.get(tag, "").split())):
            wrong.append("%s says what must not be said: %s" % (rule, tag))
    for tag in truth["expect"]:
        if tag in SEEN and not SEEN[tag](report):
            wrong.append("nothing in the report shows %s" % tag)
        elif tag in FOUND and not rules & set(FOUND[tag].split()):
            wrong.append("%s: none of %s" % (tag, FOUND[tag]))
        elif tag not in SEEN and tag not in FOUND:
            wrong.append("no rules are listed for the expected tag %s" % tag)
    return wrong


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    names = sys.argv[2:] or sorted(path.name[:-len(".truth.json")] for path in PCAPS.glob("*.truth.json"))
    wrong, n_tags = [], 0
    for name in names:
        truth = json.loads((PCAPS / (name + ".truth.json")).read_text())
        report = report_on(sys.argv[1], PCAPS / truth["files"]["pcap"])
        complaints = [*wrong_sessions(truth, report), *wrong_tags(name, truth, report)]
        wrong += ["%s: %s" % (name, text) for text in complaints]
        n_tags += len(truth["expect"]) + len(truth["expect_not"])
        main = report["findings"][0] if report["findings"] else {"rule": "nothing", "certainty": "", "fault": ""}
        print("%-34s %-28s %-9s %s" % (name, main["rule"], main["certainty"], main["fault"]))
    print("\n".join(wrong))
    print("truth_test: %d captures, %d tags, %d complaints" % (len(names), n_tags, len(wrong)))
    return 1 if wrong or not names else 0


sys.exit(main())
