"""Mail that goes through, in clear and over TLS."""
from clients import CLEAN_NOT, deliver_with_msmtp, deliver_with_starttls, swaks
from network import CLIENT, CLIENT6, MX1, MX1_6
from registry import scenario
from servers import exim, postfix


@scenario("01-clean-plain-postfix", "clean plaintext delivery, swaks to Postfix, port 25")
def clean_plain_postfix(lab):
    lab.build_network("nic")
    postfix(lab, "smtpd_tls_security_level = none\n")
    with lab.capture():
        swaks(lab)
    lab.did("swaks delivers one message to Postfix in plaintext; DNS A/AAAA look-up precedes it")
    lab.expect("delivered", "plaintext-session")
    lab.expect_not("interference", "tls-failure", "blocked-port", "reset", "auth-failure", "server-error")
    lab.session(client=CLIENT, server=MX1, port=25, outcome="delivered", codes=[220, 250, 354, 221])
    lab.check("smtp.response.code==354", "==", 1)
    lab.check("smtp.response.code==221", "==", 1)
    lab.check("tcp.flags.reset==1", "==", 0)
    lab.check("ip.src==%s && tcp.srcport==25 && ip.ttl==56" % MX1, ">=", 5)


@scenario("02-clean-starttls13-keys", "STARTTLS TLS 1.3 with key log, smtplib to Postfix")
def clean_starttls13_keys(lab):
    lab.build_network("veth")
    postfix(lab)
    with lab.capture():
        deliver_with_starttls(lab, "1.3", n=30000)
    lab.note(
        "smtplib writes its commands in lower case; it closes without reading the close_notify that follows the "
        "221, so its kernel ends a perfectly good session with RST,ACK"
    )
    lab.did(
        "python smtplib delivers a 30 kB message over STARTTLS TLS 1.3; session keys logged; certificates are "
        "only visible with the keys"
    )
    lab.expect("delivered", "delivered-over-tls", "starttls", "tls1.3")
    lab.expect_not(*CLEAN_NOT, "bad-checksum-as-fault", "plaintext-credentials")
    lab.session(client=CLIENT, server=MX1, port=25, outcome="delivered", tls="1.3")
    lab.fact(rcpt="bob@example.net", message_bytes_about=30000)
    lab.check("tls.handshake.type==2 && tls.handshake.extensions.supported_version==0x0304", "==", 1)
    lab.check('smtp.req.command matches "(?i)quit"', "==", 1, "QUIT decrypted", True)
    lab.check('smtp.req.command matches "(?i)quit"', "==", 0, "not visible without the keys")
    lab.check("tls.handshake.certificate", ">=", 1, "certificate with keys", True)


@scenario("03-clean-starttls12", "STARTTLS TLS 1.2, certificates visible, Exim (GnuTLS) server")
def clean_starttls12(lab):
    lab.build_network("nic")
    exim(lab)
    with lab.capture():
        lab.run_python(
            """
c = tls_context(CA, minver="1.2", maxver="1.2")
s = smtplib.SMTP("mx1.example.net", 25, local_hostname="client.example.com", timeout=15)
s.starttls(context=c)
print(s.sock.version(), s.sock.cipher())
print(s.sendmail("alice@example.com", ["bob@example.net"], message(3000)))
s.quit()
"""
        )
    lab.did("smtplib to Exim, TLS 1.2, no keys")
    lab.expect("delivery-probably-ok-encrypted", "starttls", "tls1.2", "certificate-visible")
    lab.expect_not(*CLEAN_NOT, "delivered-proven")
    lab.fact(cert_subject="mx1.example.net", cert_issuer="Example Lab Issuing CA R3")
    lab.note("without keys the outcome of the message cannot be known; only sizes and the orderly close can be seen")
    lab.session(client=CLIENT, server=MX1, port=25, outcome="delivered (not visible)", tls="1.2")
    lab.check("tls.handshake.type==11", ">=", 1)
    lab.check('x509ce.dNSName=="mx1.example.net"', ">=", 1)
    lab.check("tcp.srcport==25 && tcp.flags.reset==1", "==", 0)


@scenario(
    "03b-clean-starttls12-keys", "STARTTLS TLS 1.2 with key log, msmtp (GnuTLS) to Exim on 587 with AUTH inside TLS"
)
def clean_starttls12_keys(lab):
    lab.build_network("veth")
    exim(lab)
    with lab.capture():
        deliver_with_msmtp(lab, "mx1.example.net", 587, "NORMAL:-VERS-TLS1.3")
    lab.did("msmtp, STARTTLS, AUTH inside TLS 1.2, message accepted")
    lab.expect("delivered", "delivered-over-tls", "auth-ok", "tls1.2")
    lab.expect_not(*CLEAN_NOT, "plaintext-credentials")
    lab.session(client=CLIENT, server=MX1, port=587, outcome="delivered", tls="1.2", codes=[235])
    lab.check("smtp.response.code==235", ">=", 1, "AUTH accepted", True)
    lab.check('smtp.req.command matches "(?i)auth"', "==", 0, "not without the keys")


@scenario("04-implicit465-keys", "implicit TLS on 465 with key log, AUTH inside")
def implicit465_keys(lab):
    lab.build_network("nic")
    postfix(lab)
    with lab.capture():
        lab.run_python(
            """
s = smtplib.SMTP_SSL(
    "mail.example.net",
    465,
    local_hostname="client.example.com",
    timeout=15,
    context=tls_context(CA, keylog=KEYS),
)
s.login("alice@mx1.example.net", "secret-Pa55")
print(s.sendmail("alice@example.com", ["dave@other.example"], message(1500)))
s.quit()
"""
        )
    lab.did("SMTP_SSL to 465, TLS 1.3, AUTH, relayed recipient accepted")
    lab.expect("delivered", "implicit-tls", "auth-ok", "tls1.3")
    lab.expect_not(*CLEAN_NOT, "plaintext-credentials", "relay-denied")
    lab.session(client=CLIENT, server=MX1, port=465, outcome="delivered", tls="1.3", codes=[220, 250, 235, 354, 221])
    lab.check("tcp.dstport==465 && tls.handshake.type==1", "==", 1)
    lab.check("tls.app_data && tcp.srcport==465", ">=", 5, "", True)


@scenario("05-ipv6-delivery", "clean delivery over IPv6, plaintext and STARTTLS")
def ipv6_delivery(lab):
    lab.build_network("nic", zone={"mx1.example.net": {"A": [MX1], "AAAA": [MX1_6]}})
    postfix(lab)
    with lab.capture():
        swaks(lab, server=MX1_6)
        deliver_with_starttls(lab, "1.3")
    lab.did("swaks to the IPv6 literal in plaintext, then smtplib by name with STARTTLS; both over IPv6")
    lab.expect("delivered", "ipv6")
    lab.expect_not(*CLEAN_NOT)
    lab.fact(hop_limit_of_server_at_client=56)
    lab.session(client=CLIENT6, server=MX1_6, port=25, outcome="delivered")
    lab.session(client=CLIENT6, server=MX1_6, port=25, outcome="delivered", tls="1.3")
    lab.check("ipv6.src==%s && smtp.response.code==354" % MX1_6, "==", 1)
    lab.check("ipv6 && tls.handshake.type==2", "==", 1)
    lab.check("ipv6.src==%s && ipv6.hlim==56" % MX1_6, ">=", 10)
