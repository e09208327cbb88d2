"""Good mail that is hard to read: loss, odd captures, unusual commands."""
import time

from clients import deliver_plainly, deliver_with_starttls
from network import CLIENT, MX1
from registry import scenario
from servers import exim, postfix


@scenario(
    "34-loss-reorder", "5 % loss both ways, 10 % reordering, 2 % duplicates: everything must still decode", limit=150
)
def loss_reorder(lab):
    lab.build_network("off", loss_ab=0.05, loss_ba=0.05, reorder=0.10, reorder_ms=6, dup=0.02, seed=7, jitter_ms=2)
    postfix(lab)
    with lab.capture():
        lab.run_python(
            """
for i in range(3):
    print(simple(n=60000, timeout=40))
"""
        )
        deliver_with_starttls(lab, "1.3", n=60000)
    lab.did(
        "userspace wire emulator drops, holds back and repeats TCP packets; three plaintext messages and one in "
        "TLS 1.3 with keys"
    )
    lab.expect("delivered", "packet-loss-note")
    lab.expect_not(
        "interference", "rst-injected-client-side", "pmtud-blackhole", "tls-failure", "server-error", "idle-timeout"
    )
    for i in range(3):
        lab.session(client=CLIENT, server=MX1, port=25, outcome="delivered")
    lab.session(client=CLIENT, server=MX1, port=25, outcome="delivered", tls="1.3")
    lab.check("tcp.analysis.retransmission || tcp.analysis.fast_retransmission", ">=", 5)
    lab.check("tcp.analysis.out_of_order || tcp.analysis.duplicate_ack", ">=", 3)
    lab.check('tcp.payload contains "queued as"', ">=", 3)


@scenario("35-bdat-exim-client", "Exim as sender: PIPELINING and CHUNKING (BDAT LAST) to Exim with three messages")
def bdat_exim_client(lab):
    lab.build_network("nic")
    exim(lab)
    sender = exim(
        lab,
        on="c",
        tag="cl",
        host="client.example.com",
        domain="",
        ports="25",
        more="queue_only_load = 99\n",
        routers="out:\n  driver = manualroute\n  route_list = * 198.51.100.25 byname\n  transport = remote_smtp\n",
        remote="  hosts_avoid_tls = *\n",
    )
    with lab.capture():
        for n in (10, 800, 5000):
            lab.run_in_root_of(
                sender,
                "exim4",
                "-odf",
                "-f",
                "alice@example.com",
                "bob@example.net",
                stdin="From: alice@example.com\nTo: bob@example.net\nSubject: bdat %d\n\n" % n
                + "a line of text for the body, lab lab lab\n" * n,
            )
    lab.did("Exim to Exim in plaintext; MAIL, RCPT and BDAT pipelined")
    lab.expect("delivered", "pipelining", "chunking")
    lab.expect_not("interference", "server-error", "protocol-violation", "data-before-354")
    lab.note(
        "no DATA command, no 354: the message follows BDAT n LAST; MAIL/RCPT/BDAT and the payload can share one "
        "segment"
    )
    for i in range(3):
        lab.session(client=CLIENT, server=MX1, port=25, outcome="delivered")
    lab.check('tcp.dstport==25 && tcp.payload contains "BDAT "', ">=", 3)
    lab.check("smtp.response.code==354", "==", 0)
    lab.check('tcp.srcport==25 && tcp.payload contains "250 OK id="', ">=", 3)


@scenario("37-midstream-plaintext", "capture begins in the middle of a plaintext session (inside DATA)")
def midstream_plaintext(lab):
    lab.build_network("nic")
    postfix(lab)
    client = lab.start_python(
        """
c = Client("mx1.example.net", 25)
print(c.reply())
c.cmd("EHLO client.example.com")
print(c.mail(n=120000, pause=(50000, lambda: time.sleep(4))))
c.cmd("MAIL FROM:<alice@example.com>")
c.cmd("RCPT TO:<nosuch@example.net>")
c.quit()
"""
    )
    time.sleep(2)
    with lab.capture():
        client.wait(20)
    lab.did(
        "tcpdump starts 2 s into the session: no SYN, no greeting; rest of DATA, then a second transaction with 550"
    )
    lab.expect("capture-midstream", "user-unknown")
    lab.may("delivered")
    lab.expect_not("no-banner", "syn-unanswered", "interference", "protocol-violation")
    lab.session(client=CLIENT, server=MX1, port=25, outcome="first message accepted, then 550", codes=[250, 550])
    lab.check("tcp.flags.syn==1", "==", 0)
    lab.check('tcp.payload contains "queued as"', "==", 1)
    lab.check('tcp.payload contains "550 5.1.1"', "==", 1)


@scenario("38-snaplen96", "snaplen 96: payloads cut")
def snaplen96(lab):
    lab.build_network("nic")
    postfix(lab)
    with lab.capture(snaplen=96):
        deliver_plainly(lab, "n=8000", "to=('nosuch@example.net',)", "tls=('starttls', tls_context(CA))")
    lab.did("96-byte snapshots: 30 bytes of TCP payload at most")
    lab.expect("capture-truncated-snaplen")
    lab.may("delivered", "user-unknown")
    lab.expect_not("interference", "protocol-violation", "tls-failure", "banner-masked", "packet-loss")
    lab.fact(snaplen=96)
    lab.session(client=CLIENT, server=MX1, port=25, outcome="delivered")
    lab.session(client=CLIENT, server=MX1, port=25, outcome="user unknown", codes=[550])
    lab.session(client=CLIENT, server=MX1, port=25, outcome="delivered", tls="1.3")
    lab.check("frame.cap_len<frame.len", ">=", 5)
    lab.check("frame.cap_len>96", "==", 0)
    lab.check('tcp.payload contains "550 5.1.1"', "==", 1)


@scenario("44b-any-sll2", "tcpdump -i any (LINUX_SLL2): delivery and 554")
def any_sll2(lab):
    lab.build_network("veth")
    postfix(lab)
    with lab.capture(interface="any", capture_filter="not arp and not icmp6"):
        deliver_plainly(lab, "", "to=('x@elsewhere.example',)")
    lab.did("any-interface capture on the client")
    lab.expect("any-interface", "delivered", "relay-denied")
    lab.expect_not("duplicate-packets", "interference")
    lab.session(client=CLIENT, server=MX1, port=25, outcome="delivered")
    lab.session(client=CLIENT, server=MX1, port=25, outcome="relay denied", codes=[554])
    lab.fact(linktype="LINUX_SLL2 (276)")
    lab.check("sll", ">=", 10)
    lab.check('tcp contains "554 5.7.1"', "==", 1)
