"""Devices on the way that read or change the dialogue."""
from clients import deliver_over_tls, swaks
from network import CLIENT, GATEWAY, MX1, PKI
from registry import scenario
from servers import exim, postfix, sendmail

AV = "Avast Web/Mail Shield Root"  # issuer name as quoted in public reports, see README.md


@scenario(
    "13-starttls-masked-inline",
    "in-line box masks STARTTLS in the EHLO reply as XXXXXXXA (packet edit, TTL unchanged); client requires TLS",
)
def starttls_masked_inline(lab):
    lab.build_network("nic", rewrite=["xxxa"], ports=[25])
    exim(lab)
    with lab.capture():
        swaks(lab, "--tls")
        swaks(lab, "--tls", "--port", "587", "--tls-protocol", "tlsv1_2")
    lab.did(
        "250-STARTTLS becomes 250-XXXXXXXA on port 25 only; swaks requires TLS and gives up; on 587 the same "
        "server offers STARTTLS and it works"
    )
    lab.expect("starttls-stripped", "ehlo-keyword-masked", "port-587-works-to-same-host")
    lab.expect_not("server-does-not-support-tls", "rst-ttl-differs-from-server", "auth-failure")
    lab.fact(masked_as="XXXXXXXA", server_ttl=56)
    lab.session(client=CLIENT, server=MX1, port=25, outcome="client gave up: no STARTTLS")
    lab.session(client=CLIENT, server=MX1, port=587, outcome="delivered", tls="1.2")
    lab.check('tcp.srcport==25 && tcp.payload contains "XXXXXXXA"', "==", 1)
    lab.check('tcp.dstport==25 && tcp.payload contains "STARTTLS"', "==", 0)
    lab.check('tcp.srcport==587 && tcp.payload contains "250-STARTTLS"', "==", 1)
    lab.check("tcp.srcport==587 && tls.handshake.type==2", "==", 1)


@scenario("13d-no-starttls-on-server", "server really does not offer STARTTLS (negative for stripping)")
def no_starttls_on_server(lab):
    lab.build_network("nic")
    postfix(lab, "smtpd_tls_security_level = none\n")
    with lab.capture():
        swaks(lab, "--tls")
    lab.did("Postfix without TLS; swaks --tls quits")
    lab.expect("starttls-not-offered", "client-gave-up")
    lab.expect_not("starttls-stripped", "ehlo-keyword-masked", "interference", "ttl-differs")
    lab.session(client=CLIENT, server=MX1, port=25, outcome="client gave up: no STARTTLS")
    lab.check('tcp.payload contains "250-STARTTLS"', "==", 0)
    lab.check('smtp.req.command matches "(?i)quit"', "==", 1)


@scenario(
    "14-banner-masked-ehlo-xxxx",
    "old SMTP fix-up: greeting masked with asterisks, EHLO arrives at the server as XXXX; client falls back to HELO",
)
def banner_masked_ehlo_xxxx(lab):
    lab.build_network("nic", rewrite=["banner", "cmdx"], ports=[25])
    sendmail(lab)
    with lab.capture():
        swaks(lab)
    lab.did("same-length rewriting in both directions; sendmail echoes the X-ed EHLO in its 500 reply")
    lab.expect("banner-masked", "commands-rewritten", "reply-quotes-other-command-than-sent", "delivered")
    lab.expect_not("server-does-not-support-ehlo", "tls-failure", "reset")
    lab.session(client=CLIENT, server=MX1, port=25, outcome="delivered after HELO", codes=[220, 500, 250])
    lab.check('tcp.srcport==25 && tcp.payload contains "220 ****"', "==", 1)
    lab.check('smtp.req.command=="HELO"', "==", 1)
    lab.check('tcp.srcport==25 && tcp contains "XXXX"', ">=", 1)
    lab.check("smtp.response.code==354", "==", 1)


@scenario(
    "15-av-mitm-tls12-unknown-ca",
    "antivirus-like interception on 587, TLS 1.2: issuer '%s', client alerts unknown_ca" % AV,
)
def av_mitm_tls12_unknown_ca(lab):
    lab.build_network("nic")
    postfix(lab)
    lab.start_tool("m", "interceptor.py", dict(listen=[["0.0.0.0", 10587]], mode="tls", pem=PKI + "/av.pem"))
    lab.redirect((587, 10587))
    with lab.capture():
        deliver_over_tls(lab, 587, "1.2")
    lab.did(
        "proxy in the middlebox answers STARTTLS with a certificate of its own CA; client trusts only the lab root"
    )
    lab.expect("tls-intercepted-antivirus", "cert-untrusted-ca", "alert-unknown-ca-from-client")
    lab.expect_not("cert-expired", "cert-name-mismatch", "cert-self-signed-leaf", "server-fault", "auth-failure")
    lab.fact(cert_issuer_cn=AV, cert_subject_cn="mx1.example.net", alert=48, alert_from="client")
    lab.session(client=CLIENT, server=MX1, port=587, outcome="client rejected certificate")
    lab.check("tls.alert_message.desc==48 && tcp.dstport==587", "==", 1)
    lab.check('tls.handshake.type==11 && x509sat.uTF8String contains "Avast"', ">=", 1)


@scenario(
    "41-http-connect-proxy",
    "SMTP through an HTTP CONNECT proxy: 587 with STARTTLS (keys), 465, and 25 denied with 403",
)
def http_connect_proxy(lab):
    lab.build_network("nic")
    postfix(lab)
    lab.start_tool("m", "scripted_server.py", dict(listen=[GATEWAY, 3128], mode="proxy", deny_ports=[25]))
    with lab.capture():
        lab.run_python(
            """
P = ("http", "192.0.2.1", 3128)
tls = ("starttls", tls_context(CA, keylog=KEYS))
print(simple(port=587, proxy=P, tls=tls, user="alice@mx1.example.net", pw="secret-Pa55"))
print(simple(port=587, proxy=P, to=("nosuch@example.net",)))
print(simple(port=25, proxy=P))
print(simple(port=465, proxy=P, tls=("implicit", tls_context(CA, keylog=KEYS))))
"""
        )
    lab.did("four sessions, all on TCP port 3128 of the proxy")
    lab.expect("via-http-connect", "delivered", "user-unknown", "proxy-denied-port-25")
    lab.expect_not("port-25-blocked-silent", "tls-on-plaintext-port", "interference", "transparent-proxy")
    lab.fact(proxy=GATEWAY + ":3128")
    for o, pt in (("delivered", 587), ("user unknown", 587), ("403 from proxy", 25), ("delivered", 465)):
        lab.session(client=CLIENT, server=GATEWAY, port=3128, target="mx1.example.net:%d" % pt, outcome=o)
    lab.check('http.request.method=="CONNECT"', "==", 4)
    lab.check("http.response.code==403", "==", 1)
    lab.check('tcp.srcport==3128 && tcp.payload contains "220 mx1"', ">=", 2)
    lab.check("tcp.port==25", "==", 0)
