"""Refusals in the dialogue."""
from clients import deliver_plainly, swaks
from network import CLIENT, MX1, MX2, MX3, MX4
from programs import read_tool
from registry import scenario
from servers import exim, opensmtpd, postfix, postfix_sender, sendmail


@scenario("23-auth-failed-535", "wrong password: 535 from Postfix, Exim (PLAIN and LOGIN), in plaintext on 587")
def auth_failed_535(lab):
    lab.build_network("nic")
    postfix(lab)
    exim(lab, tag="2", addresses=MX2, host="mx2.example.org", domain="example.org")
    with lab.capture():
        for h, m in (("mx1.example.net", "PLAIN"), ("mx1.example.net", "LOGIN"), ("mx2.example.org", "LOGIN")):
            login = ("--auth", m, "--auth-user", "alice@" + h, "--auth-password", "wrong")
            swaks(lab, "--port", "587", *login, server=h, timeout=12)
    lab.did("three logins with a wrong password; LOGIN exchanges go through 334 prompts")
    lab.expect("auth-failed-535", "plaintext-credentials")
    lab.expect_not("auth-required-530", "relay-denied", "interference", "tls-failure", "blocked-port")
    for h in (MX1, MX1, MX2):
        lab.session(client=CLIENT, server=h, port=587, outcome="auth failed", codes=[535])
    lab.check("smtp.response.code==535", "==", 3)
    lab.check("smtp.response.code==334", ">=", 4)


PROVIDERS = (  # address, port, user or None, code, what such a server says to a login or to MAIL
    (MX1, 587, "alice@example.net", 534, "5.7.9 Application-specific password required. - gsmtp"),
    (MX2, 587, "alice@example.net", 535,
     "5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant. https://aka.ms/"),
    (MX3, 587, None, 530, "5.7.0 Authentication Required. - gsmtp"),
)


@scenario("24-logins-of-providers", "534 app password required, 535 login switched off by the provider, 530 login required")
def provider_logins(lab):
    lab.build_network("nic")
    for address, port, user, code, text in PROVIDERS:
        replies = [["^EHLO", "250-mx1.example.net\r\n250 AUTH PLAIN LOGIN\r\n"],
                   ["^(AUTH|MAIL)", "%d %s\r\n" % (code, text)], ["^QUIT", "221 2.0.0 Bye\r\n"]]
        lab.start_tool("s", "scripted_server.py", dict(
            listen=[address, port], mode="script", greeting="220 mx1.example.net ESMTP\r\n", replies=replies))
    with lab.capture():
        for address, port, user, code, text in PROVIDERS:
            login = ", user=%r, pw='secret-Pa55'" % user if user else ""
            deliver_plainly(lab, "host=%r, port=%d%s" % (address, port, login))
    lab.did("scripted servers answer logins, or MAIL without one, in the words of large providers")
    lab.expect("app-password-required", "login-switched-off", "auth-required-530")
    lab.expect_not("auth-failed-535", "relay-denied", "interference", "tls-failure", "blocked-port")
    for address, port, user, code, text in PROVIDERS:
        lab.session(client=CLIENT, server=address, port=port, outcome="auth failed", codes=[220, 250, code])
        lab.check("smtp.response.code==%d" % code, "==", 1)


@scenario("25-relay-denied", "relaying denied: Postfix 554, Exim 550, Sendmail 550, OpenSMTPD 550")
def relay_denied(lab):
    lab.build_network("nic")
    postfix(lab)
    exim(lab, tag="2", addresses=MX2, host="mx2.example.org", domain="example.org")
    sendmail(lab, tag="3", address=MX3, host="mx3.example.edu")
    opensmtpd(lab, "mx4.big.example", "big.example", MX4, tag="4")
    with lab.capture():
        for h in ("mx1.example.net", "mx2.example.org", "mx3.example.edu", "mx4.big.example"):
            deliver_plainly(lab, "host=%r, to=('dave@elsewhere.example',)" % h)
    lab.did("RCPT for a foreign domain without authentication at four servers")
    lab.expect("relay-denied")
    lab.expect_not("user-unknown", "auth-failed-535", "interference", "one-domain-only")
    for h in (MX1, MX2, MX3, MX4):
        lab.session(client=CLIENT, server=h, port=25, outcome="relay denied", codes=[554 if h == MX1 else 550])
    lab.check("ip.src==%s && smtp.response.code==554" % MX1, "==", 1)
    lab.check("smtp.response.code==550", ">=", 2)
    lab.check("smtp.response.code==354", "==", 0)


@scenario(
    "26-user-unknown",
    "unknown recipient: Postfix 550 5.1.1, Exim 550, Sendmail 550 5.1.1, OpenSMTPD; good recipient in the same "
    "transaction accepted at Postfix",
)
def user_unknown(lab):
    lab.build_network("nic")
    postfix(lab)
    exim(lab, tag="2", addresses=MX2, host="mx2.example.org", domain="example.org")
    sendmail(lab, tag="3", address=MX3, host="mx3.example.edu")
    opensmtpd(lab, "mx4.big.example", "example.net", MX4, tag="4")
    with lab.capture():
        deliver_plainly(
            lab,
            "to=('nosuch@example.net','bob@example.net')",
            "host='mx2.example.org', to=('nosuch@example.org',)",
            "host='mx3.example.edu', to=('nosuch@example.net',)",
            "host='mx4.big.example', to=('nosuch@example.net',)",
        )
    lab.did("four servers")
    lab.expect("user-unknown", "delivered-to-some-recipients")
    lab.expect_not("relay-denied", "interference", "auth-failure")
    for h in (MX1, MX2, MX3, MX4):
        lab.session(
            client=CLIENT,
            server=h,
            port=25,
            outcome="user unknown" + (", other recipient delivered" if h == MX1 else ""),
            codes=[524 if h == MX4 else 550],
        )
    lab.note("OpenSMTPD words an unknown user of a virtual table as 524 5.2.4 Mailing list expansion problem")
    lab.check("smtp.response.code==550", ">=", 3)
    lab.check('tcp contains "524 5.2.4"', "==", 1)
    lab.check("smtp.response.code==354", "==", 1)


@scenario("27-greylisting-then-success", "greylisting: 450 on first attempts, accepted on a later one", limit=120)
def greylisting_then_success(lab):
    lab.build_network("nic")
    postfix(
        lab,
        "smtpd_recipient_restrictions = check_policy_service unix:private/grey\nsmtpd_delay_reject = yes\n",
        more_services="grey unix - n n - 0 spawn user=nobody argv=/usr/bin/python3 /lab_grey\n",
        files={"/lab_grey": read_tool("greylist.py")},
        before="chmod 755 /lab_grey; chmod 1777 /tmp",
    )
    with lab.capture():
        lab.run_python(
            """
print(simple())
time.sleep(2)
print(simple())
time.sleep(6)
print(simple())
"""
        )
    lab.did("policy service defers a triplet for 5 s; third attempt accepted")
    lab.expect("greylisted", "delivered-after-retry")
    lab.expect_not("permanent-rejection", "interference", "rate-limited", "auth-failure")
    for o, c in (("greylisted", 450), ("greylisted", 450), ("delivered", 250)):
        lab.session(client=CLIENT, server=MX1, port=25, outcome=o, codes=[c])
    lab.check("smtp.response.code==450", "==", 2)
    lab.check("smtp.response.code==354", "==", 1)


@scenario(
    "28-rate-limit-421-postfix", "421 too many connections in the greeting (Postfix anvil), then 450 for message rate"
)
def rate_limit_421_postfix(lab):
    lab.build_network("nic")
    postfix(lab, "smtpd_client_connection_rate_limit = 4\nsmtpd_client_event_limit_exceptions =\n")
    with lab.capture():
        lab.run_python(
            """
for i in range(7):
    print(simple())
"""
        )
    lab.did("seven connections within seconds; limit 4 per minute")
    lab.expect("rate-limited-421", "delivered")
    lab.expect_not("interference", "blocked-port", "auth-failure", "server-idle-timeout-421")
    for i in range(7):
        lab.session(
            client=CLIENT,
            server=MX1,
            port=25,
            outcome="delivered" if i < 4 else "421 connection rate",
            codes=[250 if i < 4 else 421],
        )
    lab.check("smtp.response.code==421", "==", 3)
    lab.check("smtp.response.code==354", "==", 4)


@scenario(
    "29-size-552", "message too big: 552 at MAIL (SIZE declared) at Postfix and Exim, and after DATA when not declared"
)
def size_552(lab):
    lab.build_network("nic")
    postfix(lab, "message_size_limit = 40000\n")
    exim(lab, tag="2", addresses=MX2, host="mx2.example.org", domain="example.org")
    with lab.capture():
        deliver_plainly(
            lab,
            "params=' SIZE=90000', n=90000",
            "n=90000",
            "host='mx2.example.org', params=' SIZE=90000000', to=('bob@example.org',)",
        )
    lab.did("declared size refused at MAIL; undeclared 90 kB accepted with 354 and refused after the final dot")
    lab.expect("message-too-big-552")
    lab.expect_not("mailbox-full", "interference", "reset-during-data")
    lab.session(client=CLIENT, server=MX1, port=25, outcome="552 at MAIL", codes=[552])
    lab.session(client=CLIENT, server=MX1, port=25, outcome="552 after DATA", codes=[354, 552])
    lab.session(client=CLIENT, server=MX2, port=25, outcome="552 at MAIL", codes=[552])
    lab.check("smtp.response.code==552", "==", 3)
    lab.check("smtp.response.code==354", "==", 1)


# domain of the recipients: how many messages go there; all of them through one relay
MAILED_DOMAINS = {"refused.example": 24, "grey.example": 30, "north.example": 40, "south.example": 40, "east.example": 36,
                  "west.example": 36, "hill.example": 30, "lake.example": 24, "moor.example": 20, "dale.example": 20}
GREYLISTING_DOMAINS = ("grey.example", "lake.example", "moor.example")
NOT_USERS = {("north.example", 7), ("north.example", 23), ("south.example", 11), ("east.example", 5), ("hill.example", 19),
             ("dale.example", 3)}


def mailed():
    """Sender and recipient of each message, those of the domains mixed."""
    waiting = [(domain, n) for domain, count in MAILED_DOMAINS.items() for n in range(count)]
    waiting.sort(key=lambda one: ((one[1] + 0.5) / MAILED_DOMAINS[one[0]], one[0]))
    for i, (domain, n) in enumerate(waiting):
        yield ("alice", "carol", "dave")[i % 3] + "@example.com", "user%d@%s" % (n, domain)


@scenario(
    "80-one-domain-refused",
    "300 messages through one relay: one domain always refused, three greylisted, six unknown users elsewhere",
    limit=400,
)
def one_domain_refused(lab):
    users = ["user%d@%s" % (n, domain) for domain, count in MAILED_DOMAINS.items() for n in range(count)
             if (domain, n) not in NOT_USERS]
    policies = {domain: "grey" for domain in GREYLISTING_DOMAINS} | {"refused.example": "554 5.7.1 Mail to this domain is not accepted here"}
    lab.build_network("nic")
    postfix(
        lab,
        "relay_domains = %s\nrelay_transport = discard:lab\nrelay_recipient_maps = texthash:/etc/postfix/relayed\n"
        "smtpd_tls_security_level = none\nsmtpd_restriction_classes = grey\ngrey = check_policy_service unix:private/grey\n"
        "smtpd_recipient_restrictions = check_recipient_access texthash:/etc/postfix/policies\n" % " ".join(MAILED_DOMAINS),
        more_services="grey unix - n n - 0 spawn user=nobody argv=/usr/bin/python3 /lab_grey\n",
        files={
            "/lab_grey": read_tool("greylist.py"),
            "/etc/postfix/relayed": "".join(user + " x\n" for user in users),
            "/etc/postfix/policies": "".join("%s %s\n" % policy for policy in policies.items()),
        },
        before="chmod 755 /lab_grey; chmod 1777 /tmp",
    )
    sender = postfix_sender(
        lab,
        "mydestination = example.com\nlocal_recipient_maps =\nrelayhost = [mx1.example.net]\nsmtp_tls_security_level = none\ndefault_process_limit = 8\n"
        "queue_run_delay = 4s\nminimal_backoff_time = 4s\nmaximal_backoff_time = 8s\n",
    )
    letters = "".join("printf 'From: %s\\nTo: %s\\nSubject: lab\\n\\nHello.\\n' | sendmail -f %s %s\nsleep 0.1\n" % (a, b, a, b)
                      for a, b in mailed())
    with lab.capture():
        lab.run_in_root_of(sender, "sh", "-c", letters, timeout=150)
        lab.run_in_root_of(sender, "sh", "-c", "for i in $(seq 60); do sleep 1; mailq | grep -q empty && break; done", timeout=90)
    lab.did("300 messages of three senders to ten domains, one recipient each; Postfix keeps connections and repeats what was put off")
    lab.expect("one-domain-only", "greylisted", "delivered-after-retry", "user-unknown", "delivered")
    lab.expect_not("interference", "auth-failure", "blocked-port", "rate-limited", "server-fault")
    lab.check('tcp contains "not accepted here"', "==", MAILED_DOMAINS["refused.example"])
    lab.check('tcp contains "User unknown"', "==", len(NOT_USERS))
    lab.check('tcp contains "Greylisted"', ">=", sum(MAILED_DOMAINS[domain] for domain in GREYLISTING_DOMAINS))
