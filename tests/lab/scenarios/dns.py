"""Look-ups that fail, are slow, or say something else than they seem to."""
from clients import swaks
from network import CLIENT, GATEWAY, MX1, write_file
from registry import scenario
from servers import postfix, postfix_sender, resolver, send_with_postfix

NOT_A_CONNECTION = ("port-25-blocked", "syn-unanswered", "server-error", "interference", "reset")
MANY = 40  # mail exchangers, so that their names do not fit into a datagram of 512 bytes


def dies_in_dns(lab, tag, *filters):
    """An attempt without a connection."""
    lab.expect(tag, "no-connection-attempted")
    lab.expect_not(*NOT_A_CONNECTION)
    lab.session(client=CLIENT, server=None, port=None, outcome="died in dns")
    for filter_text in filters:
        lab.check(filter_text, ">=", 1)
    lab.check("tcp.flags.syn==1 && tcp.dstport in {25, 465, 587}", "==", 0)


def many_exchangers(first):
    """Records of a domain that is generous with mail exchangers."""
    names = [first] + ["mail-exchanger-number-%d.example.org" % n for n in range(MANY)]
    return ["many.example. 300 IN MX %d %s." % (10 * n + 10, name) for n, name in enumerate(names)]


@scenario("40b-servfail", "the servers of the domain fail: SERVFAIL, no connection")
def servfail(lab):
    lab.build_network("nic", dns="s", servfail=["smtp.broken.example"])
    resolver(lab)
    with lab.capture():
        swaks(lab, server="smtp.broken.example")
    lab.did("swaks asks Unbound, which gets SERVFAIL itself and passes it on")
    dies_in_dns(lab, "dns-servfail", 'dns.flags.rcode==2 && dns.qry.name=="smtp.broken.example"')


@scenario("40c-resolver-refuses", "the resolver does not serve this client: REFUSED, no connection")
def refused(lab):
    lab.build_network("nic", dns="s")
    resolver(lab, " access-control: %s/32 refuse" % CLIENT)
    with lab.capture():
        swaks(lab)
    lab.did("swaks asks Unbound, whose access list refuses the client")
    dies_in_dns(lab, "dns-refused", "dns.flags.rcode==5")


@scenario("40d-resolver-silent", "the resolver drops the questions of this client: asked again and again, no connection")
def silent(lab):
    lab.build_network("nic", dns="s")
    resolver(lab, " access-control: %s/32 deny" % CLIENT)
    with lab.capture():
        swaks(lab)
    lab.did("swaks asks Unbound, whose access list drops what the client sends")
    dies_in_dns(lab, "dns-silent", "dns.flags.response==0")
    lab.check("dns.flags.response==1", "==", 0)


@scenario("40e-null-mx", "the domain takes no mail: MX 0 . (null MX), no connection")
def null_mx(lab):
    lab.build_network("nic", dns="s")
    resolver(lab, data=["nomail.example. 300 IN MX 0 ."])
    sender = postfix_sender(lab)
    with lab.capture():
        send_with_postfix(lab, sender, "bob@nomail.example")
    lab.did("Postfix has a message for a domain with a null MX")
    dies_in_dns(lab, "dns-null-mx", "dns.mx.preference==0 && dns.flags.response==1")


@scenario("40f-mx-target-missing", "mail exchangers that do not exist, or have no address; no connection")
def mx_target(lab):
    lab.build_network("nic", dns="s")
    resolver(lab, data=["gone.example. 300 IN MX 10 mx.nowhere.example.", "bare.example. 300 IN MX 10 mx.bare.example.",
                        "mx.bare.example. 300 IN TXT \"no address\""])
    sender = postfix_sender(lab)
    with lab.capture():
        send_with_postfix(lab, sender, "bob@gone.example")
        send_with_postfix(lab, sender, "bob@bare.example")
    lab.did("Postfix has messages for two domains: the MX of one does not exist, that of the other has no address")
    dies_in_dns(lab, "dns-mx-target-missing", 'dns.flags.rcode==3 && dns.qry.name=="mx.nowhere.example"',
                'dns.flags.rcode==0 && dns.count.answers==0 && dns.qry.name=="mx.bare.example"')
    lab.session(client=CLIENT, server=None, port=None, outcome="died in dns")


def send_truncated(lab, options, firewall=None):
    lab.build_network("nic", dns="s")
    resolver(lab, " max-udp-size: 512\n" + options, many_exchangers("mx1.example.net"))
    lab.sysctl("c", net__ipv4__tcp_syn_retries=2)
    if firewall:
        lab.firewall(firewall)
    sender = postfix_sender(lab)
    with lab.capture():
        send_with_postfix(lab, sender, "bob@many.example")


@scenario("40g-truncated-tcp-dropped", "truncated answer (40 mail exchangers), TCP port 53 filtered: no connection")
def truncated_dropped(lab):
    send_truncated(lab, "", 'table inet f { chain i { type filter hook input priority 0; iifname "lan" tcp dport 53 drop; } }')
    lab.did("Postfix has a message for a domain whose MX records do not fit into 512 bytes; a firewall drops TCP port 53")
    dies_in_dns(lab, "dns-truncated", "dns.flags.truncated==1", "tcp.flags.syn==1 && tcp.dstport==53")
    lab.check("tcp.srcport==53", "==", 0)


@scenario("40h-truncated-tcp-closed", "truncated answer, and the resolver does not listen on TCP: no connection")
def truncated_closed(lab):
    send_truncated(lab, " do-tcp: no")
    lab.did("Postfix has a message for a domain whose MX records do not fit into 512 bytes; Unbound has TCP switched off")
    dies_in_dns(lab, "dns-truncated", "dns.flags.truncated==1", "tcp.flags.reset==1 && tcp.srcport==53")


@scenario("40i-truncated-tcp-works", "truncated answer, asked again over TCP, delivered: nothing is wrong")
def truncated_works(lab):
    lab.build_network("nic", dns="s")
    postfix(lab, domain="many.example", files={"/etc/postfix/users": "bob@many.example x\n"})
    resolver(lab, " max-udp-size: 512\n", many_exchangers("mx1.example.net"))
    sender = postfix_sender(lab, "smtp_tls_security_level = none\n")
    with lab.capture():
        send_with_postfix(lab, sender, "bob@many.example")
    lab.did("Postfix gets the MX records over TCP and delivers to the first of them")
    lab.expect("delivered")
    lab.expect_not("interference", "server-error", "blocked-port", "reset", "tls-failure", "auth-failure")
    lab.session(client=CLIENT, server=MX1, port=25, outcome="delivered", codes=[220, 250, 250, 250, 354, 250, 221])
    lab.check("dns.flags.truncated==1", ">=", 1)
    lab.check("dns && tcp.srcport==53", ">=", 1)


def resolve_far_away(lab):
    """The servers ask the resolver on the gateway, so that their questions pass the point of capture."""
    write_file(lab.scratch + "/resolv.s", "nameserver %s\noptions timeout:4 attempts:2\n" % GATEWAY)


@scenario("45-slow-greeting-dns", "captured at the server: it greets late, since nobody answers for the client's reverse name")
def slow_greeting(lab):
    lab.build_network("nic", dns_unanswered=["10.2.0.192.in-addr.arpa"])
    resolve_far_away(lab)
    postfix(lab)
    with lab.capture(host="s"):
        swaks(lab, timeout=20)
    lab.did("swaks sends a message to Postfix, whose resolver gets no answer for 10.2.0.192.in-addr.arpa")
    lab.expect("delivered", "slow-dns")
    lab.expect_not("interference", "server-error", "blocked-port", "reset", "tls-failure", "auth-failure", "no-banner")
    lab.session(client=CLIENT, server=MX1, port=25, outcome="delivered", codes=[220, 250, 250, 250, 354, 250, 221])
    lab.check('dns.qry.name=="10.2.0.192.in-addr.arpa" && dns.flags.response==0', ">=", 2)
    lab.check('dns.qry.name=="10.2.0.192.in-addr.arpa" && dns.flags.response==1', "==", 0)


def ask_blocklist(lab, answer):
    lab.build_network("nic", zone={"10.2.0.192.zen.spamhaus.org": {"A": [answer]}})
    resolve_far_away(lab)
    postfix(lab, more="smtpd_recipient_restrictions = reject_rbl_client zen.spamhaus.org")
    with lab.capture(host="s"):
        swaks(lab)
    lab.did("swaks sends a message to Postfix, which asks a list about the client and refuses whatever has an answer there")
    lab.session(client=CLIENT, server=MX1, port=25, outcome="blocklisted", codes=[220, 250, 250, 554])
    lab.check('dns.a==%s && dns.flags.response==1' % answer, ">=", 1)


@scenario("46-blocklist-refuses", "captured at the server: the list answers that it was asked through a public resolver; 554")
def blocklist_refuses(lab):
    ask_blocklist(lab, "127.255.255.254")
    lab.expect("blocklist-query-refused")
    lab.expect_not("interference", "blocklisted", "auth-failure")


@scenario("46b-blocklist-lists", "captured at the server: the client is on the list; 554")
def blocklist_lists(lab):
    ask_blocklist(lab, "127.0.0.4")
    lab.expect("blocklisted")
    lab.expect_not("interference", "blocklist-query-refused", "auth-failure")
