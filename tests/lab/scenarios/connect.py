"""The server cannot be reached, or says nothing."""
import os
import signal

from clients import swaks
from network import CLIENT, GATEWAY, MX1
from registry import scenario
from servers import postfix


@scenario("06-port25-dropped-587-ok", "port 25 silently dropped on the way; 587 to the same host works")
def port25_dropped_587_ok(lab):
    lab.build_network("nic")
    postfix(lab)
    lab.firewall("table inet f { chain fw { type filter hook forward priority 0; tcp dport 25 drop; } }")
    with lab.capture():
        swaks(lab, timeout=16)
        swaks(lab, "--port", "587")
    lab.did("nft drop of tcp dport 25 in the middlebox; swaks to 25 (16 s), then to 587")
    lab.expect("port-25-blocked-silent", "syn-unanswered", "port-587-works-to-same-host", "use-587")
    lab.expect_not("host-down", "server-refused", "icmp", "reset", "tls-failure")
    lab.session(client=CLIENT, server=MX1, port=25, outcome="syn timeout")
    lab.session(client=CLIENT, server=MX1, port=587, outcome="delivered")
    lab.check("tcp.dstport==25 && tcp.flags.syn==1", ">=", 4)
    lab.check("tcp.srcport==25", "==", 0)
    lab.check("tcp.port==587 && smtp.response.code==354", "==", 1)


@scenario(
    "07-port25-rst-by-middlebox",
    "port 25 answered by a reset from the middlebox (TTL 64), 587 to the same host works (TTL 56)",
)
def port25_rst_by_middlebox(lab):
    lab.build_network("nic")
    postfix(lab)
    lab.firewall(
        "table inet f { chain fw { type filter hook forward priority 0; tcp dport 25 reject with tcp reset; } }"
    )
    with lab.capture():
        swaks(lab)
        swaks(lab, "--port", "587")
    lab.did("nft reject with tcp reset in the middlebox")
    lab.expect("port-rejected-rst-by-middlebox", "rst-ttl-differs-from-server", "port-587-works-to-same-host")
    lab.expect_not("port-closed-on-server", "syn-unanswered", "rst-injected-mid-session")
    lab.fact(rst_ttl=64, server_ttl=56, rst_rtt_ms="<1", server_rtt_ms="~25")
    lab.session(client=CLIENT, server=MX1, port=25, outcome="reset on SYN by middlebox")
    lab.session(client=CLIENT, server=MX1, port=587, outcome="delivered")
    lab.check("tcp.srcport==25 && tcp.flags.reset==1 && ip.ttl==64", ">=", 1)
    lab.check("tcp.srcport==587 && ip.ttl==56", ">=", 5)


@scenario("08-icmp-admin-prohibited-v4", "port 25 rejected with ICMP communication administratively prohibited")
def icmp_admin_prohibited_v4(lab):
    lab.build_network("nic")
    postfix(lab)
    lab.firewall(
        "table inet f { chain fw { type filter hook forward priority 0; tcp dport 25 reject with icmpx "
        "admin-prohibited; } }"
    )
    with lab.capture():
        swaks(lab)
        swaks(lab, "--port", "587")
    lab.did("nft reject with icmpx admin-prohibited")
    lab.expect("port-rejected-icmp-admin-prohibited", "port-587-works-to-same-host")
    lab.expect_not("syn-unanswered", "reset")
    lab.fact(icmp_type=3, icmp_code=13, icmp_from=GATEWAY)
    lab.session(client=CLIENT, server=MX1, port=25, outcome="icmp 3/13")
    lab.session(client=CLIENT, server=MX1, port=587, outcome="delivered")
    lab.check("icmp.type==3 && icmp.code==13 && ip.src==%s" % GATEWAY, ">=", 1)
    lab.check("tcp.srcport==587 && smtp.response.code==354", "==", 1)


@scenario(
    "09-port-closed-on-server", "port closed on the server itself: real RST, same TTL and round trip as the server"
)
def port_closed_on_server(lab):
    lab.build_network("nic")
    postfix(lab, addresses=MX1)
    with lab.capture():
        swaks(lab)
        swaks(lab, "--port", "2525")
    lab.did("25 open and working; 2525 closed on the host")
    lab.expect("port-closed-on-server", "delivered")
    lab.expect_not("port-rejected-rst-by-middlebox", "rst-ttl-differs-from-server", "interference", "blocked-port")
    lab.fact(rst_ttl=56, server_ttl=56)
    lab.session(client=CLIENT, server=MX1, port=2525, outcome="refused by server")
    lab.session(client=CLIENT, server=MX1, port=25, outcome="delivered")
    lab.check("tcp.srcport==2525 && tcp.flags.reset==1 && ip.ttl==56", ">=", 1)
    lab.check("tcp.srcport==25 && smtp.response.code==354", "==", 1)


@scenario("30-no-banner", "connection accepted (backlog) but the stopped server never greets")
def no_banner(lab):
    lab.build_network("nic")
    server = postfix(lab)
    for pid in lab.pids_below(server, "master") + lab.pids_below(server, "smtpd"):
        os.kill(pid, signal.SIGSTOP)
    with lab.capture():
        swaks(lab, timeout=14)
    for pid in lab.pids_below(server, "master"):
        os.kill(pid, signal.SIGCONT)
    lab.did("Postfix master SIGSTOPped: kernel completes the handshake, nobody reads")
    lab.expect("no-banner")
    lab.expect_not("port-25-blocked", "syn-unanswered", "reset", "interference", "plaintext-on-tls-port")
    lab.session(client=CLIENT, server=MX1, port=25, outcome="no greeting, client time-out")
    lab.check("tcp.port==25 && tcp.flags.syn==1", "==", 2)
    lab.check("tcp.srcport==25 && tcp.len>0", "==", 0)


@scenario("40-nxdomain-host", "mail host name does not exist: NXDOMAIN, no connection at all")
def nxdomain_host(lab):
    lab.build_network("nic")
    with lab.capture():
        swaks(lab, server="smtp.exampel-typo.net")
    lab.did("swaks with a mistyped host name")
    lab.expect("dns-nxdomain", "no-connection-attempted")
    lab.expect_not("port-25-blocked", "syn-unanswered", "server-error")
    lab.fact(name="smtp.exampel-typo.net")
    lab.check('dns.flags.rcode==3 && dns.qry.name=="smtp.exampel-typo.net"', ">=", 1)
    lab.check("tcp.flags.syn==1 && tcp.dstport==25", "==", 0)
