"""Connections that are cut or stall: resets, forgotten sessions, black holes."""
import os
import signal
import time

from clients import swaks
from network import CLIENT, MX1
from registry import scenario
from servers import postfix


@scenario(
    "10-forged-rst-after-ehlo", "off-path box forges a RST to the client after EHLO; the real server keeps talking"
)
def forged_rst_after_ehlo(lab):
    lab.build_network("nic")
    postfix(lab)
    lab.start_tool(
        "m",
        "injector.py",
        dict(
            iface="lan",
            port=25,
            match="^EHLO ",
            dir="c2s",
            actions=[dict(to="client", flags="R", ttl=117, ipid=0x3039)],
        ),
    )
    with lab.capture(tail_s=1.5):
        swaks(lab)
    lab.did("raw-socket RST (TTL 117, IPID 12345, no ACK, no TCP options) toward the client, only")
    lab.expect("rst-injected-client-side", "rst-ttl-differs-from-server", "data-from-server-after-rst")
    lab.expect_not("server-closed-connection", "port-closed-on-server", "tls-failure")
    lab.fact(rst_ttl=117, rst_ipid=12345, server_ttl=56)
    lab.session(client=CLIENT, server=MX1, port=25, outcome="reset by injector after EHLO")
    lab.check("tcp.srcport==25 && tcp.flags.reset==1 && ip.ttl==117 && ip.id==0x3039", "==", 1)
    lab.check(
        "tcp.srcport==25 && ip.ttl==56 && smtp.response.code==250",
        ">=",
        1,
        "the real EHLO reply arrives after the RST",
    )
    lab.check("tcp.dstport==25 && tcp.flags.reset==1", ">=", 1, "client answers it with its own RST")


@scenario(
    "10d-real-rst-from-server",
    "genuine server reset mid-session (smtpd killed with unread data): TTL as server, after one RTT (negative "
    "for injection)",
)
def real_rst_from_server(lab):
    lab.build_network("nic")
    server = postfix(lab)
    with lab.capture(tail_s=1.5):
        client = lab.start_python(
            """
c = Client("mx1.example.net", 25)
print(c.reply())
c.cmd("EHLO client.example.com")
c.cmd("MAIL FROM:<alice@example.com>")
time.sleep(1.5)
try:
    for i in range(6):
        c.send("RCPT TO:<bob%d@example.net>" % i)
        time.sleep(0.4)
    print(c.reply())
except Exception as e:
    print(repr(e))
c.close()
"""
        )
        time.sleep(1.7)
        for pid in lab.pids_below(server, "smtpd"):
            os.kill(pid, signal.SIGSTOP)
        time.sleep(1)
        for pid in lab.pids_below(server, "smtpd"):
            os.kill(pid, signal.SIGKILL)
        client.wait(10)
    lab.did("smtpd stopped then killed with unread commands in its socket: kernel sends RST")
    lab.expect("server-reset-genuine", "server-died-mid-session")
    lab.expect_not("rst-injected-client-side", "rst-ttl-differs-from-server", "interference")
    lab.fact(rst_ttl=56, server_ttl=56)
    lab.session(client=CLIENT, server=MX1, port=25, outcome="server reset")
    lab.check("tcp.srcport==25 && tcp.flags.reset==1 && ip.ttl==56", ">=", 1)


@scenario("12-idle-timeout-drop", "stateful firewall forgets the idle session and drops everything after", limit=150)
def idle_timeout_drop(lab):
    lab.build_network("nic")
    postfix(lab)
    lab.sysctl("m", net__netfilter__nf_conntrack_tcp_timeout_established=6, net__netfilter__nf_conntrack_tcp_loose=0)
    lab.firewall(
        "table inet f { chain fw { type filter hook forward priority 0; ct state established,related accept; tcp "
        "flags & (syn|ack) == syn ct state new accept; meta l4proto tcp drop; } }"
    )
    with lab.capture():
        lab.run_python(
            """
c = Client("mx1.example.net", 25, timeout=25)
print(c.reply())
c.cmd("EHLO client.example.com")
c.cmd("MAIL FROM:<alice@example.com>")
time.sleep(14)
try:
    c.cmd("RCPT TO:<bob@example.net>")
except Exception as e:
    print(repr(e))
c.close()
time.sleep(1)
print(simple())
"""
        )
    lab.did(
        "conntrack established time-out 6 s, client idles 14 s between MAIL and RCPT; RCPT and its "
        "retransmissions vanish; a new connection right after works"
    )
    lab.expect("idle-timeout-silent-drop", "retransmissions-unanswered", "delivered-on-new-connection")
    lab.expect_not("port-25-blocked", "host-down", "reset-by-server", "server-slow")
    lab.fact(idle_s=14)
    lab.session(client=CLIENT, server=MX1, port=25, outcome="stalled after idle")
    lab.session(client=CLIENT, server=MX1, port=25, outcome="delivered")
    lab.check("tcp.analysis.retransmission && tcp.dstport==25", ">=", 4)
    lab.check("smtp.response.code==354", "==", 1)


@scenario(
    "32-pmtud-blackhole-upload",
    "path MTU 1400, ICMP filtered: small commands pass, full-size DATA segments vanish",
    limit=150,
)
def pmtud_blackhole_upload(lab):
    lab.build_network("off")
    postfix(lab)
    lab.firewall(
        'table ip f { chain fw { type filter hook forward priority 0; iifname "lan" ip length > 1400 drop; } }'
    )
    with lab.capture():
        lab.run_python(
            """
print(simple(n=60000, timeout=35))
print(simple(n=300, timeout=20))
"""
        )
    lab.did(
        "packets above 1400 bytes from the client are dropped without ICMP; 60 kB message stalls, 300-byte "
        "message to the same server passes"
    )
    lab.expect("pmtud-blackhole", "large-segments-retransmitted", "delivered-small-message")
    lab.expect_not("server-stall-zero-window", "idle-timeout", "port-blocked", "rst-injected-client-side", "icmp")
    lab.fact(mss_announced=1460, largest_passing_ip=1400)
    lab.session(client=CLIENT, server=MX1, port=25, outcome="stalled in DATA")
    lab.session(client=CLIENT, server=MX1, port=25, outcome="delivered")
    lab.check("tcp.dstport==25 && tcp.len==1448 && tcp.analysis.retransmission", ">=", 4)
    lab.check("icmp", "==", 0)
    lab.check("smtp.response.code==354", "==", 2)


@scenario(
    "33-zero-window-stall", "server stops reading during DATA: zero window, window probes, client gives up", limit=120
)
def zero_window_stall(lab):
    lab.build_network("nic")
    server = postfix(lab, "message_size_limit = 0\n")
    lab.sysctl("s", net__ipv4__tcp_rmem="4096 32768 131072")
    with lab.capture():
        client = lab.start_python(
            """
c = Client("mx1.example.net", 25, timeout=20)
print(c.reply())
c.cmd("EHLO client.example.com")
try:
    print(c.mail(n=500000, pause=(40000, lambda: time.sleep(2))))
except Exception as e:
    print(repr(e))
c.close()
"""
        )
        time.sleep(1.3)
        for pid in lab.pids_below(server, "smtpd"):
            os.kill(pid, signal.SIGSTOP)
        client.wait(62)
    lab.did("smtpd SIGSTOPped in DATA")
    lab.expect("server-stall-zero-window")
    lab.expect_not("pmtud-blackhole", "interference", "packet-loss", "rst-injected-client-side", "delivered")
    lab.session(client=CLIENT, server=MX1, port=25, outcome="client time-out on zero window")
    lab.check("tcp.analysis.zero_window && tcp.srcport==25", ">=", 1)
    lab.check('tcp.payload contains "queued as"', "==", 0)
