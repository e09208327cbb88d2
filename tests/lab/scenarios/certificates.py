"""Certificates that clients refuse, or take all the same."""
from clients import deliver_over_tls, handshake_with_java, try_each
from network import CLIENT, MX1, MX2, MX3, PKI
from registry import scenario
from servers import postfix, postfix_sender, send_with_postfix

REFUSED_NOT = ("interference", "tls-intercepted", "server-error", "auth-failure", "delivered")


def refused_by_each(name, title, cert, clients, tags, **facts):
    """Registers a scenario in which clients of several libraries refuse the server's certificate, each in its way."""

    @scenario(name, title)
    def play(lab):
        lab.build_network("nic")
        postfix(lab, cert=cert)
        with lab.capture():
            try_each(lab, *clients)
        lab.did("one attempt each, with verification: " + ", ".join(clients))
        lab.note(
            "python and openssl: OpenSSL; gnutls-cli and msmtp: GnuTLS. msmtp looks at the certificate when the handshake "
            "is over, and closes without a word"
        )
        lab.expect("tls-failure", *tags)
        lab.expect_not(*REFUSED_NOT)
        lab.fact(**facts)
        for client in clients:
            lab.session(client=CLIENT, server=MX1, port=25, outcome="client rejected certificate")
        seen = [client for client in clients if not client.startswith("msmtp") and client != "gnutls-cli 1.3"]
        lab.check("tls.alert_message && tcp.dstport==25", "==", len(seen), "alerts in clear")
        lab.check("tls.handshake.type==11", "==", sum(client.endswith("1.2") for client in clients))


refused_by_each(
    "50-cert-expired-clients",
    "expired certificate, refused by OpenSSL (alert 45) and GnuTLS (alert 42; encrypted in TLS 1.3; or it just leaves)",
    "expired",
    ("openssl 1.2", "gnutls-cli 1.2", "msmtp 1.2", "python 1.3", "gnutls-cli 1.3"),
    ("cert-expired", "cert-rejected"),
    not_after="9 days before the capture",
)
refused_by_each(
    "51-cert-not-yet-valid",
    "certificate that is not valid yet, refused by OpenSSL (alert 42) and GnuTLS",
    "notyet",
    ("python 1.2", "gnutls-cli 1.2", "msmtp 1.2"),
    ("cert-not-yet-valid",),
    not_before="20 days after the capture",
)
refused_by_each(
    "52-cert-name-mismatch-clients",
    "certificate for another host name, refused by OpenSSL and GnuTLS in TLS 1.2",
    "other",
    ("openssl 1.2", "gnutls-cli 1.2", "msmtp 1.2"),
    ("cert-name-mismatch",),
    cert_names=["shared7.hosting.example", "*.hosting.example"],
    wanted="mx1.example.net",
)
refused_by_each(
    "53-cert-self-signed-clients",
    "self-signed certificate, refused by OpenSSL (alert 48) and GnuTLS (alert 42)",
    "self",
    ("openssl 1.2", "gnutls-cli 1.2", "msmtp 1.2", "openssl 1.3"),
    ("cert-self-signed",),
    cert_issuer_cn="mx1.example.net",
)
refused_by_each(
    "54-cert-private-issuer",
    "certificate of a private issuer, for one host: no sign of interception",
    "privmx",
    ("openssl 1.2", "gnutls-cli 1.2", "python 1.3"),
    ("cert-untrusted",),
    cert_issuer_cn="Example Net Private CA",
)
refused_by_each(
    "55-cert-chain-incomplete",
    "the server sends its certificate without the intermediate one",
    "noint",
    ("openssl 1.2", "gnutls-cli 1.2", "msmtp 1.2"),
    ("cert-chain-incomplete",),
    cert_issuer_cn="Example Lab Issuing CA R3",
)
refused_by_each(
    "57-cert-weak-refused",
    "RSA key of 1024 bits, refused by OpenSSL at its usual security level (alert 42)",
    "weak",
    ("openssl 1.2", "python 1.2"),
    ("tls-weak-refused",),
    key="RSA 1024",
)


@scenario("56-cert-rejected-tls13-keys", "TLS 1.3, wrong name: the reason is visible with the keys only")
def cert_rejected_tls13_keys(lab):
    lab.build_network("nic")
    postfix(lab, cert="other")
    clients = ("openssl 1.3", "gnutls-cli 1.3", "msmtp 1.3")
    with lab.capture():
        try_each(lab, *clients, keys=True)
    lab.did("one attempt each, with verification, session keys logged: " + ", ".join(clients))
    lab.note("alert 42 in clear (OpenSSL), alert 42 under TLS (gnutls-cli), nothing but a close after the handshake (msmtp)")
    lab.note("without the keys: certificate-rejected, by an alert in clear, a hidden one, and a client that just leaves")
    lab.expect("tls-failure", "cert-rejected", "cert-name-mismatch")
    lab.expect_not(*REFUSED_NOT, "cert-expired", "cert-self-signed-leaf")
    for client in clients:
        lab.session(client=CLIENT, server=MX1, port=25, outcome="client rejected certificate")
    lab.check("tls.alert_message.desc==42 && tcp.dstport==25", "==", 1)
    lab.check("tls.alert_message.desc==42 && tcp.dstport==25", "==", 2, "with the keys the other one too", True)
    lab.check("tls.handshake.type==11", "==", 0)
    lab.check("tls.handshake.type==11", "==", 3, "", True)


@scenario("58-cert-java-alert46", "private issuer, refused by Java: alert 46, whatever the reason")
def cert_java_alert46(lab):
    lab.build_network("nic")
    postfix(lab, cert="privmx")
    with lab.capture():
        handshake_with_java(lab, "1.2")
    lab.did("a client of Java's own TLS, TLS 1.2")
    lab.expect("tls-failure", "cert-untrusted")
    lab.expect_not(*REFUSED_NOT)
    lab.session(client=CLIENT, server=MX1, port=25, outcome="client rejected certificate")
    lab.fact(alert=46, alert_from="client")
    lab.check("tls.alert_message.desc==46 && tcp.dstport==25", "==", 1)


@scenario(
    "59-cert-opportunistic-keys",
    "Postfix as client takes an expired, a self-signed and a mismatching certificate (opportunistic TLS 1.2)",
)
def cert_opportunistic(lab):
    lab.build_network("nic")
    postfix(lab, cert="expired")
    postfix(lab, cert="self", host="mx2.example.org", domain="example.org", addresses=MX2, tag="2")
    postfix(lab, cert="other", host="mx3.example.edu", domain="example.edu", addresses=MX3, tag="3")
    sender = postfix_sender(
        lab, "smtp_tls_security_level = may\nsmtp_tls_protocols = TLSv1.2\nsmtp_tls_exclude_ciphers = aNULL\n"
    )
    with lab.capture():
        for domain in ("example.net", "example.org", "example.edu"):
            send_with_postfix(lab, sender, "bob@" + domain)
    lab.did("one message to each of three servers; all are delivered; keys logged by a preloaded library")
    lab.note("Postfix sends no server name, so that nothing in TLS says which name it wanted of the third certificate")
    lab.expect("delivered", "delivered-over-tls", "cert-expired", "cert-self-signed")
    lab.expect_not("interference", "reset", "server-error", "cert-rejected")
    for server in (MX1, MX2, MX3):
        lab.session(client=CLIENT, server=server, port=25, outcome="delivered", tls="1.2")
    lab.check("tls.handshake.type==11", "==", 3)
    lab.check("tls.alert_message && tls.alert_message.desc!=0", "==", 0)
    lab.check("smtp.response.code==354", "==", 3, "", True)


@scenario("60-av-mitm-accepted", "interception whose issuer the client trusts: the mail passes through it, readable to it")
def av_mitm_accepted(lab):
    lab.build_network("nic")
    postfix(lab)
    lab.start_tool("m", "interceptor.py", dict(listen=[["0.0.0.0", 10025]], mode="tls", pem=PKI + "/av.pem"))
    lab.redirect((25, 10025))
    with lab.capture():
        deliver_over_tls(lab, 25, "1.2", trust="CA_ANTIVIRUS")
    lab.did("as 15, but the client trusts the product's root, and the mail is delivered")
    lab.expect("tls-intercepted-antivirus", "delivery-probably-ok-encrypted")
    lab.expect_not("cert", "server-fault", "delivered-proven")
    lab.session(client=CLIENT, server=MX1, port=25, outcome="delivered (not visible)")
    lab.check('tls.handshake.type==11 && x509sat.uTF8String contains "Avast"', ">=", 1)
    lab.check("tls.alert_message && tls.alert_message.desc!=0", "==", 0)
