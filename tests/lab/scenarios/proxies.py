"""Proxies that the client or the server knows of."""
from clients import deliver_plainly, swaks
from network import CLIENT, GATEWAY, GATEWAY_OUT, MX1, MX2, MX4, PKI, write_file
from registry import scenario
from servers import balancer, postfix, socks_proxies, web_proxy

MAIL = "From: alice@example.com\nTo: bob@example.net\nDate: Mon, 23 Nov 2026 20:00:00 +0000\nMessage-ID: <%s@example.com>\n\nhello\n"


def curl(lab, proxy, url, *options):
    """One message by curl; its TLS keys are logged."""
    lab.n_runs += 1
    path = "%s/mail%d" % (lab.scratch, lab.n_runs)
    write_file(path, (MAIL % lab.n_runs).replace("\n", "\r\n"))
    return lab.run("curl", "-sS", "-m", "15", "--proxy", proxy, "--cacert", PKI + "/trust.pem", "--mail-from",
                   "alice@example.com", "--mail-rcpt", "bob@example.net", "-T", path, *options,
                   url + "/client.example.com", env={"SSLKEYLOGFILE": lab.keys})


@scenario(
    "41b-socks-proxies",
    "SMTP through SOCKS proxies (Dante, microsocks): SOCKS 5 with STARTTLS (keys) and with a login, SOCKS 4, port 25 "
    "refused by the rules of the proxy, and a target that is closed",
)
def socks_proxy(lab):
    lab.build_network("nic")
    postfix(lab)
    socks_proxies(lab)
    with lab.capture():
        curl(lab, "socks5h://192.0.2.1:1080", "smtp://mx1.example.net:587", "--ssl-reqd")
        curl(lab, "socks4://alice@192.0.2.1:1080", "smtp://mx1.example.net:587")
        curl(lab, "socks5h://alice:secret-Pa55@192.0.2.1:1081", "smtps://mx1.example.net:465")
        curl(lab, "socks5h://192.0.2.1:1080", "smtp://mx1.example.net:25")
        curl(lab, "socks5://192.0.2.1:1080", "smtp://%s:587" % MX4)
    lab.did("curl sends five messages, all through ports 1080 and 1081 of the gateway")
    lab.expect("via-socks", "delivered", "proxy-denied-port-25", "proxy-target-closed")
    lab.expect_not("port-25-blocked-silent", "tls-on-plaintext-port", "interference", "transparent-proxy",
                   "server-closed-connection")
    for port, target, outcome in (
        (1080, "mx1.example.net:587", "delivered"),
        (1080, MX1 + ":587", "delivered"),
        (1081, "mx1.example.net:465", "delivered"),
        (1080, "mx1.example.net:25", "refused by the proxy"),
        (1080, MX4 + ":587", "refused by the proxy"),
    ):
        lab.session(client=CLIENT, server=GATEWAY, port=port, target=target, outcome=outcome)
    lab.check("tcp.payload[0:4] == 05:01:00:03 && tcp.dstport in {1080, 1081}", "==", 3)
    lab.check("tcp.payload[0:2] == 04:01 && tcp.dstport == 1080", "==", 1)
    lab.check("tcp.payload[0:3] == 05:02:00 && tcp.srcport == 1080", "==", 1)
    lab.check("tcp.payload[0:2] == 05:05 && tcp.srcport == 1080", "==", 1)


@scenario(
    "41c-squid-login",
    "SMTP through Squid that wants a login: none given (407), given at once, given when asked on the same connection; "
    "port 25 denied with 403",
)
def squid_login(lab):
    lab.build_network("nic")
    postfix(lab)
    web_proxy(lab)
    with lab.capture():
        curl(lab, "http://192.0.2.1:3128", "smtp://mx1.example.net:587", "--proxytunnel")
        curl(lab, "http://alice:secret-Pa55@192.0.2.1:3128", "smtp://mx1.example.net:587", "--proxytunnel", "--ssl-reqd")
        curl(lab, "http://alice:secret-Pa55@192.0.2.1:3128", "smtp://mx1.example.net:587", "--proxytunnel", "--proxy-anyauth")
        curl(lab, "http://alice:secret-Pa55@192.0.2.1:3128", "smtp://mx1.example.net:25", "--proxytunnel")
    lab.did("curl sends four messages through port 3128 of the gateway")
    lab.expect("via-http-connect", "delivered", "proxy-login-wanted", "proxy-denied-port-25")
    lab.expect_not("port-25-blocked-silent", "interference", "transparent-proxy", "auth-failed-535",
                   "server-closed-connection")
    for target, outcome in ((587, "407 from proxy"), (587, "delivered"), (587, "delivered"), (25, "403 from proxy")):
        lab.session(client=CLIENT, server=GATEWAY, port=3128, target="mx1.example.net:%d" % target, outcome=outcome)
    lab.check("http.response.code==407", ">=", 2)
    lab.check("http.response.code==403", "==", 1)
    lab.check("http.proxy_authorization", ">=", 3)


@scenario(
    "42-haproxy-proxy-header",
    "haproxy in front of two servers, captured at the servers: PROXY headers of version 1 and 2, understood by one "
    "Postfix and taken for commands by another",
)
def haproxy_header(lab):
    lab.build_network("nic")
    postfix(lab, more="smtpd_upstream_proxy_protocol = haproxy")
    postfix(lab, tag="2", addresses=MX2, host="mx2.example.org", domain="example.net")
    balancer(lab, {25: MX1 + ":25 send-proxy", 587: MX1 + ":587 send-proxy-v2", 2525: MX2 + ":25 send-proxy",
                   2526: MX2 + ":25 send-proxy-v2"})
    with lab.capture(host="s"):
        for port in (25, 587, 2525, 2526):
            swaks(lab, "--port", str(port), server=GATEWAY)
    lab.did("swaks sends four messages to haproxy on the gateway; each port of it has another way to pass them on")
    lab.expect("via-proxy-header", "delivered", "proxy-header-refused")
    lab.expect_not("interference", "transparent-proxy", "relay-denied")
    for server, port, outcome, codes in (
        (MX1, 25, "delivered", [220, 250, 354]),
        (MX1, 587, "delivered", [220, 250, 354]),
        (MX2, 25, "client confused by the additional reply", [220, 500, 250, 250]),
        (MX2, 25, "server took the header for QUIT", [220, 500, 500, 500, 221]),
    ):
        lab.session(client=GATEWAY_OUT, server=server, port=port, outcome=outcome, codes=codes)
    lab.check('tcp.payload contains "PROXY TCP4 192.0.2.10 192.0.2.1"', "==", 2)
    lab.check("tcp.payload[0:12] == 0d:0a:0d:0a:00:0d:0a:51:55:49:54:0a", "==", 2)


@scenario("43-xclient", "XCLIENT to a Postfix that allows it, and to one that does not")
def xclient(lab):
    lab.build_network("nic")
    postfix(lab, more="smtpd_authorized_xclient_hosts = 192.0.2.10")
    postfix(lab, tag="2", addresses=MX2, host="mx2.example.org", domain="example.net")
    client = ("--xclient-addr", "203.0.113.7", "--xclient-name", "client.example.edu")
    with lab.capture():
        swaks(lab, *client)
        deliver_plainly(lab, "host='mx2.example.org', before='XCLIENT ADDR=203.0.113.7 NAME=client.example.edu'")
    lab.did("swaks, and a client of our own, tell the servers that it passes on the mail of 203.0.113.7")
    lab.expect("via-xclient", "delivered")
    lab.expect_not("interference", "transparent-proxy", "data-before-354")
    lab.session(client=CLIENT, server=MX1, port=25, outcome="delivered", codes=[220, 250, 220, 250, 354])
    lab.session(client=CLIENT, server=MX2, port=25, outcome="xclient refused", codes=[220, 250, 550])
    lab.check('tcp.payload contains "XCLIENT " && tcp.dstport == 25', "==", 2)
