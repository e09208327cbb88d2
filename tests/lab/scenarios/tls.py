"""TLS that does not come about."""
from clients import deliver_over_tls, swaks
from network import CLIENT, MX1
from registry import scenario
from servers import postfix


def rejected_certificate(name, title, cert, tag, alert, **facts):
    """Registers a scenario in which the client refuses the server's certificate."""

    @scenario(name, title + ", TLS 1.2 (visible), Postfix")
    def play(lab):
        lab.build_network("nic")
        postfix(lab, cert=cert)
        with lab.capture():
            deliver_over_tls(lab, 25, "1.2")
        lab.did("smtplib-like client (OpenSSL) with verification")
        lab.expect("tls-failure", tag, "alert-from-client")
        lab.expect_not("interference", "tls-intercepted", "server-error", "auth-failure")
        lab.fact(alert=alert, alert_from="client", **facts)
        lab.session(client=CLIENT, server=MX1, port=25, outcome="client rejected certificate", tls="1.2")
        lab.check("tls.alert_message.desc==%d && tcp.dstport==25" % alert, "==", 1)
        lab.check("tls.handshake.type==11", ">=", 1)


rejected_certificate(
    "16-cert-expired-tls12",
    "expired certificate",
    "expired",
    "cert-expired",
    45,
    not_after="9 days before the capture",
)
rejected_certificate(
    "17-cert-name-mismatch-tls12",
    "certificate for another host name",
    "other",
    "cert-name-mismatch",
    42,
    cert_names=["shared7.hosting.example", "*.hosting.example"],
    wanted="mx1.example.net",
)
rejected_certificate(
    "18-cert-self-signed-tls12",
    "self-signed certificate",
    "self",
    "cert-self-signed",
    48,
    cert_issuer_cn="mx1.example.net",
)


@scenario(
    "19-version-server13-client12",
    "server only TLS 1.3, client at most TLS 1.2: alert protocol_version from the server",
)
def version_server13_client12(lab):
    lab.build_network("nic")
    postfix(lab, "smtpd_tls_protocols = >=TLSv1.3\nsmtpd_tls_mandatory_protocols = >=TLSv1.3\n")
    with lab.capture():
        deliver_over_tls(lab, 25, "1.2")
    lab.did("Postfix (OpenSSL)")
    lab.expect("tls-failure", "tls-version-mismatch", "alert-protocol-version-from-server")
    lab.expect_not("interference", "no-shared-cipher", "cert")
    lab.fact(alert=70, alert_from="server", client_max="1.2", server_min="1.3")
    lab.session(client=CLIENT, server=MX1, port=25, outcome="tls version mismatch")
    lab.check("tls.alert_message.desc==70 && tcp.srcport==25", "==", 1)


@scenario("20-no-shared-cipher", "no cipher in common (TLS 1.2): alert handshake_failure from the server")
def no_shared_cipher(lab):
    lab.build_network("nic")
    postfix(
        lab,
        "smtpd_tls_protocols = TLSv1.2\ntls_high_cipherlist = ECDHE-RSA-AES256-GCM-SHA384\ntls_medium_cipherlist "
        "= ECDHE-RSA-AES256-GCM-SHA384\n",
    )
    with lab.capture():
        lab.run_python(
            """
c = tls_context(CA, maxver="1.2", minver="1.2", ciphers="ECDHE-RSA-CHACHA20-POLY1305")
print(simple(tls=("starttls", c)))
"""
        )
    lab.did("Postfix AES256-GCM only, client CHACHA20 only")
    lab.expect("tls-failure", "no-shared-cipher", "alert-handshake-failure-from-server")
    lab.expect_not("interference", "tls-version-mismatch", "cert")
    lab.fact(alert=40, alert_from="server")
    lab.session(client=CLIENT, server=MX1, port=25, outcome="no shared cipher")
    lab.check("tls.alert_message.desc==40 && tcp.srcport==25", "==", 1)


@scenario(
    "21-clienthello-to-25-587", "TLS client speaks implicit TLS to plaintext ports 25 and 587 (wrong mode)", limit=150
)
def clienthello_to_25_587(lab):
    lab.build_network("nic")
    postfix(lab)
    with lab.capture():
        lab.run_python(
            """
print(simple(port=587, tls=("implicit", tls_context(CA)), timeout=10))
print(simple(port=25, tls=("implicit", tls_context(CA)), timeout=10))
"""
        )
        lab.run("openssl", "s_client", "-connect", "mx1.example.net:587", timeout=15)
    lab.note(
        "Postfix answers the ClientHello bytes with 500 5.5.2 lines after its greeting; the OpenSSL client sends "
        "no alert, it closes (RST because of unread data)"
    )
    lab.did("ClientHello is the first data on 587 and 25; server sends its 220 greeting; client cannot parse it")
    lab.expect("tls-on-plaintext-port", "wrong-tls-mode-use-starttls")
    lab.expect_not("interference", "tls-version-mismatch", "server-error", "cert")
    lab.session(client=CLIENT, server=MX1, port=587, outcome="wrong tls mode")
    lab.session(client=CLIENT, server=MX1, port=25, outcome="wrong tls mode")
    lab.session(client=CLIENT, server=MX1, port=587, outcome="wrong tls mode")
    lab.check("tcp.dstport==587 && tcp.payload[0:2]==16:03", ">=", 2)
    lab.check('tcp.srcport==587 && tcp.payload contains "220 "', ">=", 2)
    lab.check("tcp.dstport==25 && tcp.payload[0:2]==16:03", ">=", 1)


@scenario("22-plaintext-to-465", "plaintext SMTP client to port 465: both sides wait, client times out", limit=120)
def plaintext_to_465(lab):
    lab.build_network("nic")
    postfix(lab)
    with lab.capture():
        swaks(lab, "--port", "465", timeout=12)
    lab.note(
        "swaks sends QUIT after its time-out; Postfix answers those non-TLS bytes with a genuine RST and no TLS alert"
    )
    lab.did("swaks without TLS to the smtps port, 12 s time-out")
    lab.expect("plaintext-on-tls-port", "no-banner-on-465", "wrong-tls-mode-use-implicit")
    lab.expect_not("port-blocked", "interference", "server-down", "syn-unanswered")
    lab.session(client=CLIENT, server=MX1, port=465, outcome="both waited")
    lab.check("tcp.port==465 && tcp.flags.syn==1", "==", 2)
    lab.check("tcp.srcport==465 && tcp.len>0", "==", 0)
