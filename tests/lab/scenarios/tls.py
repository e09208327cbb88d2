"""TLS that does not come about, or only just."""
from clients import CLEAN_NOT, deliver_over_tls, handshake_with_gnutls, handshake_with_openssl, swaks
from network import CLIENT, MX1, MX2, PKI
from registry import scenario
from servers import exim, postfix, postfix_sender, send_with_postfix

OLD_TLS = """smtpd_tls_protocols = >=TLSv1
smtpd_tls_mandatory_protocols = >=TLSv1
tls_medium_cipherlist = DEFAULT:@SECLEVEL=0
"""


def scripted_server(lab, address=MX1, **settings):
    """OpenSSL as a server, where mail servers set more than its defaults."""
    replies = [["^EHLO", "250-mx1.example.net\r\n250 STARTTLS\r\n"], ["STARTTLS", "220 2.0.0 Ready to start TLS\r\n"],
               ["^QUIT", "221 2.0.0 Bye\r\n"]]
    lab.start_tool("s", "scripted_server.py", dict(
        listen=[address, 25], mode="script", greeting="220 mx1.example.net ESMTP\r\n", replies=replies, **settings))


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


@scenario("61-starttls-refused-454", "STARTTLS is offered, and refused: Postfix cannot load its certificate")
def starttls_refused_454(lab):
    lab.build_network("nic")
    postfix(lab, "smtpd_tls_cert_file = /pki/mx.crt\nsmtpd_tls_key_file = /pki/other.key\n")
    with lab.capture():
        swaks(lab, "--tls")
    lab.did("Postfix with a key that does not belong to its certificate; swaks --tls gives up")
    lab.expect("starttls-refused", "tls-failure")
    lab.expect_not("starttls-stripped", "interference", "auth-failure", "cert")
    lab.session(client=CLIENT, server=MX1, port=25, outcome="starttls refused", codes=[454])
    lab.check("smtp.response.code==454", "==", 1)
    lab.check("tls.handshake", "==", 0)


@scenario(
    "62-starttls-injection",
    "a command in clear right behind STARTTLS, in the same segment; the handshake follows",
)
def starttls_injection(lab):
    lab.build_network("nic")
    postfix(lab)
    with lab.capture():
        lab.run_python(
            """
c = Client("mx1.example.net", 25)
print(c.reply())
c.cmd("EHLO client.example.com")
c.send("STARTTLS\\r\\nRSET")
print(c.reply())
c.tls(tls_context(CA))
c.cmd("EHLO client.example.com")
c.quit()
"""
        )
    lab.did("own client sends STARTTLS and RSET at once; Postfix throws RSET away and goes on with TLS")
    lab.expect("starttls-injection")
    lab.expect_not("interference", "cert", "tls-intercepted")
    lab.session(client=CLIENT, server=MX1, port=25, outcome="command behind STARTTLS")
    lab.check('tcp.dstport==25 && tcp.payload contains "STARTTLS\\r\\nRSET"', "==", 1)
    lab.check("tls.handshake.type==2", "==", 1)


@scenario("63-no-server-certificate", "server without a certificate: alert 40 to OpenSSL and GnuTLS clients")
def no_server_certificate(lab):
    lab.build_network("nic")
    postfix(lab, "smtpd_tls_cert_file = none\nsmtpd_tls_key_file =\n")
    with lab.capture():
        handshake_with_openssl(lab, "1.2")
        handshake_with_gnutls(lab, "1.2")
    lab.did("Postfix without a certificate can do anonymous suites only; clients that want one offer none of these")
    lab.note("to an offer of TLS 1.3 only, OpenSSL without a certificate answers alert 70, as if it did not know TLS 1.3")
    lab.expect("tls-failure", "no-shared-cipher", "alert-handshake-failure-from-server")
    lab.expect_not("interference", "tls-version-mismatch", "cert")
    for _ in range(2):
        lab.session(client=CLIENT, server=MX1, port=25, outcome="no shared cipher")
    lab.fact(alert=40, alert_from="server")
    lab.check("tls.alert_message.desc==40 && tcp.srcport==25", "==", 2)


@scenario("64-no-shared-cipher-gnutls", "no group in common with a server that uses GnuTLS (Exim)")
def no_shared_cipher_gnutls(lab):
    lab.build_network("nic")
    exim(lab, more="tls_require_ciphers = NORMAL:-GROUP-ALL:+GROUP-SECP256R1\n")
    with lab.capture():
        handshake_with_openssl(lab, "1.3", "-groups", "X448")
        handshake_with_openssl(lab, "1.2", "-cipher", "ECDHE-ECDSA-AES128-GCM-SHA256")
    lab.did("TLS 1.3 with a group that Exim does not allow; TLS 1.2 with suites for a kind of key that it does not have")
    lab.expect("tls-failure", "no-shared-cipher", "alert-handshake-failure-from-server")
    lab.expect_not("interference", "tls-version-mismatch", "cert")
    for _ in range(2):
        lab.session(client=CLIENT, server=MX1, port=25, outcome="no shared cipher")
    lab.check("tls.alert_message.level==2 && tcp.srcport==25", "==", 2)


@scenario("65-version-client11-alert80", "client at most TLS 1.1, OpenSSL server at its usual security level: alert 80")
def version_client11_alert80(lab):
    lab.build_network("nic")
    scripted_server(lab, tls_old=True, tls_pem=PKI + "/mx.pem")
    with lab.capture():
        lab.run_python(
            """
c = tls_context(CA, minver="1.1", maxver="1.1", ciphers="DEFAULT:@SECLEVEL=0")
print(simple(tls=("starttls", c)))
"""
        )
    lab.did("the server allows TLS 1.1, but its library finds no signature that is good enough for it: internal_error")
    lab.expect("tls-failure", "tls-version-mismatch")
    lab.expect_not("interference", "no-shared-cipher", "cert", "tls-server-error")
    lab.fact(alert=80, alert_from="server", client_max="1.1")
    lab.session(client=CLIENT, server=MX1, port=25, outcome="tls version mismatch")
    lab.check("tls.alert_message.desc==80 && tcp.srcport==25", "==", 1)


@scenario(
    "66-version-server11-client",
    "server at most TLS 1.1, OpenSSL client that offers it but refuses what comes: alert from the client",
)
def version_server11_client(lab):
    lab.build_network("nic")
    postfix(lab, OLD_TLS + "smtpd_tls_protocols = TLSv1.1\n")
    with lab.capture():
        lab.run_python(
            """
c = tls_context(CA, minver="1.0")
print(simple(tls=("starttls", c)))
"""
        )
        handshake_with_gnutls(lab, "1.2")
    lab.did("Postfix with TLS 1.1 only; python (OpenSSL) offers 1.0 to 1.3 at its usual security level, gnutls-cli 1.2 only")
    lab.expect("tls-failure", "tls-version-mismatch")
    lab.expect_not("interference", "no-shared-cipher", "cert", "tls-server-error")
    for _ in range(2):
        lab.session(client=CLIENT, server=MX1, port=25, outcome="tls version mismatch")
    lab.check("tls.alert_message.desc==80 && tcp.dstport==25", "==", 1)
    lab.check("tls.alert_message.desc==70 && tcp.dstport==25", "==", 1)


@scenario(
    "67-client-certificate-wanted",
    "servers that insist on a certificate of the client, OpenSSL and GnuTLS, TLS 1.2 and 1.3",
)
def client_certificate_wanted(lab):
    lab.build_network("nic")
    scripted_server(lab, MX1, tls_pem=PKI + "/mxec.pem", tls_client_ca=PKI + "/root.crt")
    exim(lab, addresses=MX2, host="mx2.example.org", more="tls_verify_hosts = *\ntls_verify_certificates = /pki/root.crt\n")
    with lab.capture():
        for version in ("1.2", "1.3"):
            deliver_over_tls(lab, 25, version)
            deliver_over_tls(lab, 25, version, trust="None", host="mx2.example.org")
    lab.did("clients without a certificate; a scripted server with OpenSSL, and Exim with tls_verify_hosts")
    lab.expect("tls-failure", "client-certificate-wanted")
    lab.expect_not("interference", "no-shared-cipher", "cert", "delivered")
    for _ in range(2):
        lab.session(client=CLIENT, server=MX1, port=25, outcome="client certificate wanted")
        lab.session(client=CLIENT, server=MX2, port=25, outcome="client certificate wanted")
    lab.check("tls.handshake.type==13", "==", 2, "CertificateRequest, readable in TLS 1.2")


@scenario("68-server-closes-after-hello", "the server closes the connection when it has the ClientHello")
def server_closes_after_hello(lab):
    lab.build_network("nic")
    scripted_server(lab, tls_close=True)
    with lab.capture():
        deliver_over_tls(lab, 25, "1.3")
    lab.did("a scripted server; real ones do it when the process for TLS dies")
    lab.expect("tls-failure", "tls-server-error")
    lab.expect_not("interference", "cert", "no-shared-cipher", "reset")
    lab.session(client=CLIENT, server=MX1, port=25, outcome="server closed in handshake")
    lab.check("tls.handshake.type==1", "==", 1)
    lab.check("tls.handshake.type==2 || tls.alert_message", "==", 0)


@scenario("69-clienthello-dropped", "a firewall drops every ClientHello without a word", limit=120)
def clienthello_dropped(lab):
    lab.build_network("nic")
    postfix(lab)
    lab.firewall(
        'table ip f { chain fw { type filter hook forward priority 0; iifname "lan" tcp dport 25 @ih,0,16 0x1603 drop; } }'
    )
    with lab.capture():
        lab.run_python(
            """
print(simple(tls=("starttls", tls_context(CA)), timeout=20))
print(simple(timeout=20))
"""
        )
    lab.did("the middlebox drops segments to port 25 that begin with 16 03; mail in clear passes")
    lab.expect("tls-failure", "tls-handshake-stalled", "delivered-on-new-connection")
    lab.expect_not("pmtud-blackhole", "cert", "server-error", "port-blocked")
    lab.session(client=CLIENT, server=MX1, port=25, outcome="handshake stalled")
    lab.session(client=CLIENT, server=MX1, port=25, outcome="delivered")
    lab.check("tcp.analysis.retransmission && tcp.dstport==25", ">=", 4)
    lab.check("tls.handshake.type==2", "==", 0)


@scenario(
    "70-pmtu-certificate-flight",
    "path MTU 1400 towards the client, no ICMP: the server's flight does not arrive",
    limit=120,
)
def pmtu_certificate_flight(lab):
    lab.build_network("off")
    postfix(lab)
    lab.firewall(
        'table ip f { chain fw { type filter hook forward priority 0; iifname "wan" ip length > 1400 drop; } }'
    )
    with lab.capture(host="s"):
        deliver_over_tls(lab, 25, "1.2")
    lab.did("captured at the server; packets above 1400 bytes that it sends are dropped on the way")
    lab.expect("pmtud-blackhole", "large-segments-retransmitted")
    lab.expect_not("cert", "server-error", "port-blocked")
    lab.session(client=CLIENT, server=MX1, port=25, outcome="handshake stalled")
    lab.check("tls.handshake.type==1", "==", 1)
    lab.check("tcp.analysis.retransmission && tcp.srcport==25 && tcp.len==1448", ">=", 4)


@scenario(
    "71-resumption-keys",
    "resumed sessions: TLS 1.2 with a ticket, TLS 1.3 with a PSK; no certificate is sent again",
)
def resumption(lab):
    lab.build_network("nic")
    postfix(lab, "smtpd_tls_session_cache_database =\n")
    with lab.capture():
        lab.run_python(
            """
for version in ("1.2", "1.3"):
    context = tls_context(CA, keylog=KEYS, minver=version, maxver=version)
    session = None
    for i in range(2):
        c = Client("mx1.example.net", 25)
        c.reply()
        c.cmd("EHLO client.example.com")
        c.cmd("STARTTLS")
        c.socket = context.wrap_socket(c.socket, server_hostname=c.host, session=session)
        c.buffer = b""
        c.cmd("EHLO client.example.com")
        session = c.socket.session
        print("resumed", c.socket.session_reused, c.mail(n=300))
        c.quit()
"""
        )
    lab.did("two deliveries for each version, the second with the session of the first")
    lab.expect("delivered", "delivered-over-tls")
    lab.expect_not(*CLEAN_NOT, "cert")
    for version in ("1.2", "1.2", "1.3", "1.3"):
        lab.session(client=CLIENT, server=MX1, port=25, outcome="delivered", tls=version)
    lab.check("tls.handshake.type==2", "==", 4)
    lab.check("tls.handshake.type==11", "==", 1, "visible once: TLS 1.2, not resumed")
    lab.check("tls.handshake.type==11", "==", 2, "with the keys: the first of each version", True)
    lab.check("smtp.response.code==354", "==", 4, "", True)


@scenario("72-anonymous-suite-keys", "Postfix to Postfix, TLS 1.2 with an anonymous suite: no certificate, by design")
def anonymous_suite(lab):
    lab.build_network("nic")
    postfix(lab)
    sender = postfix_sender(lab, "smtp_tls_security_level = may\nsmtp_tls_protocols = TLSv1.2\n")
    with lab.capture():
        send_with_postfix(lab, sender, "bob@example.net")
    lab.did("one message; keys logged by a preloaded library")
    lab.expect("delivered", "delivered-over-tls", "tls-anonymous")
    lab.expect_not(*CLEAN_NOT, "cert")
    lab.session(client=CLIENT, server=MX1, port=25, outcome="delivered", tls="1.2")
    lab.check("tls.handshake.type==11", "==", 0)
    lab.check("tls.handshake.type==12", "==", 1)
    lab.check("smtp.response.code==354", "==", 1, "", True)


@scenario("73-obsolete-tls10-keys", "TLS 1.0 is negotiated, and the mail goes through")
def obsolete_tls10(lab):
    lab.build_network("nic")
    postfix(lab, OLD_TLS)
    with lab.capture():
        lab.run_python(
            """
c = tls_context(CA, minver="1.0", maxver="1.0", ciphers="DEFAULT:@SECLEVEL=0", keylog=KEYS)
print(simple(tls=("starttls", c)))
"""
        )
    lab.did("client with TLS 1.0 only; keys logged")
    lab.expect("delivered", "delivered-over-tls", "tls-obsolete")
    lab.expect_not(*CLEAN_NOT, "cert")
    lab.session(client=CLIENT, server=MX1, port=25, outcome="delivered", tls="1.0")
    lab.check("tls.handshake.type==2 && tls.handshake.version==0x0301", "==", 1)
    lab.check("smtp.response.code==354", "==", 1, "", True)


@scenario(
    "74-weak-key-and-dh",
    "RSA 1024 and Diffie-Hellman 1024: taken by a careless client, refused by OpenSSL (alert 40)",
)
def weak_key_and_dh(lab):
    lab.build_network("nic")
    postfix(lab, OLD_TLS + "smtpd_tls_dh1024_param_file = /pki/dh1024.pem\nsmtpd_tls_protocols = TLSv1.2\n", cert="weak")
    with lab.capture():
        lab.run_python(
            """
c = tls_context(maxver="1.2", ciphers="DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0")
print(simple(tls=("starttls", c)))
c = tls_context(maxver="1.2", ciphers="DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=1")
print(simple(tls=("starttls", c)))
c = tls_context(maxver="1.2", ciphers="DHE-RSA-AES128-GCM-SHA256")
print(simple(tls=("starttls", c)))
"""
        )
    lab.did("DHE suites only; OpenSSL's security levels 0 (takes all), 1 (refuses neither) and 2 (refuses)")
    lab.expect("tls-weak", "tls-weak-refused", "tls-failure")
    lab.expect_not("interference", "no-shared-cipher", "tls-server-error", "cert")
    for outcome in ("delivered (not visible)", "delivered (not visible)", "client refuses the group"):
        lab.session(client=CLIENT, server=MX1, port=25, outcome=outcome)
    lab.check("tls.alert_message.desc==40 && tcp.dstport==25", "==", 1)
    lab.check("tls.handshake.type==12", ">=", 3)
