"""The lab's network: namespaces, links, addresses, routes, delay, name servers, firewall rules.

    client -- middlebox == wire (delay) == router -- servers

Each host is a network namespace known by one letter: c(lient), m(iddlebox), w(ire), r(outer), s(ervers); with a VLAN
trunk between client and middlebox also t and u.
"""
import json
import os
import re
import subprocess

STATE = os.environ.get("LAB_STATE", "/var/tmp/smtplab")
PKI = STATE + "/pki"
PYTHON = "/usr/bin/python3"

CLIENT, CLIENT6 = "192.0.2.10", "2001:db8:c::10"
GATEWAY, GATEWAY6 = "192.0.2.1", "2001:db8:c::1"
GATEWAY_OUT = "203.0.113.2"
ISP = "203.0.113.1"
MX1, MX1_6, MX2, MX3, MX4 = "198.51.100.25", "2001:db8:5::25", "198.51.100.26", "198.51.100.27", "198.51.100.28"
SERVERS_RESOLVER = "198.51.100.53"

ZONE = {
    "example.net": {"MX": [[10, "mx1.example.net"]]},
    "mx1.example.net": {"A": [MX1], "AAAA": []},
    "mail.example.net": {"A": [MX1]},
    "smtp.example.net": {"A": [MX1]},
    "mx6.example.net": {"AAAA": [MX1_6]},
    "example.org": {"MX": [[10, "mx2.example.org"]]},
    "mx2.example.org": {"A": [MX2]},
    "example.edu": {"MX": [[10, "mx3.example.edu"]]},
    "mx3.example.edu": {"A": [MX3]},
    "big.example": {"MX": [[10, "mx4.big.example"]]},
    "mx4.big.example": {"A": [MX4]},
    "client.example.com": {"A": [CLIENT]},
    "example.com": {"MX": [[10, "client.example.com"]], "A": [CLIENT]},
    "www.example.org": {"A": [MX2]},
    "10.2.0.192.in-addr.arpa": {"PTR": ["client.example.com"]},
    "25.100.51.198.in-addr.arpa": {"PTR": ["mx1.example.net"]},
}

ADDRESSES = (
    ("c", "eth0", (CLIENT + "/24", CLIENT6 + "/64")),
    ("m", "lan", (GATEWAY + "/24", GATEWAY6 + "/64")),
    ("m", "wan", (GATEWAY_OUT + "/30", "2001:db8:b::2/64")),
    ("r", "wan", (ISP + "/30", "2001:db8:b::1/64")),
    ("r", "srv", ("198.51.100.1/24", "2001:db8:5::1/64")),
    ("s", "eth0", tuple(a + "/24" for a in (MX1, MX2, MX3, MX4, SERVERS_RESOLVER)) + (MX1_6 + "/64",)),
)
ROUTES = (  # host, default gateway for IPv4 and IPv6
    ("c", GATEWAY, GATEWAY6),
    ("m", ISP, "2001:db8:b::1"),
    ("r", GATEWAY_OUT, "2001:db8:b::2"),
    ("s", "198.51.100.1", "2001:db8:5::1"),
)
OFFLOAD = {
    "veth": "veth default: frames of both directions may be larger than the MTU and carry unfinished TCP/UDP checksums "
    "(partial offload passes through the whole lab path)",
    "nic": "client's own frames are captured before offload (large segments, unfinished checksums); received frames are "
    "MTU-sized with good checksums",
    "off": "no offload: all frames MTU-sized, all checksums good",
}
INNER_LINKS = (("m", "lan"), ("m", "wan"), ("w", "w0"), ("w", "w1"), ("r", "wan"), ("r", "srv"), ("s", "eth0"))

# ETHTOOL_STXCSUM, SSG, STSO, SGSO, SGRO: transmit checksum, scatter-gather, TSO, GSO, GRO
SET_OFFLOAD = """
import array, fcntl, socket, struct
s = socket.socket()
for command in (0x17, 0x19, 0x1f, 0x24, 0x2c):
    value = array.array("B", struct.pack("II", command, %d))
    try:
        fcntl.ioctl(s, 0x8946, struct.pack("16sP", b"%s", value.buffer_info()[0]))
    except OSError as e:
        print(hex(command), e)
"""


class LabError(Exception):
    """Something of the lab itself went wrong; what the mail programs do is never an error."""


def sh(*argv, check=True, **how):
    """Runs a command of the lab's own; LabError when it fails."""
    result = subprocess.run([str(a) for a in argv], capture_output=True, text=True, **how)
    if check and result.returncode:
        raise LabError("%s: %s" % (" ".join(map(str, argv)), result.stderr.strip()[:400]))
    return result


def write_file(path, text):
    with open(path, "w") as out:
        out.write(text)


class Network:
    """The part of a Lab that builds the network; needs self.prefix, self.scratch and self.start_tool."""

    def __init__(self):
        self.namespaces = []
        self.n_macs = self.n_rule_files = 0

    def namespace(self, host):
        return self.prefix + host

    def enter(self, host):
        """The beginning of a command line that runs in a host's network namespace."""
        return ["nsenter", "--net=/run/netns/" + self.namespace(host)]

    def add_host(self, host):
        sh("ip", "netns", "add", self.namespace(host))
        self.namespaces.append(self.namespace(host))
        self.ip(host, "link", "set", "lo", "up")

    def ip(self, host, *argv):
        return sh("ip", "-n", self.namespace(host), *argv)

    def sysctl(self, host, **settings):
        for name, value in settings.items():
            path = "/proc/sys/" + name.replace("__", "/")
            sh(*self.enter(host), "sh", "-c", 'echo "%s" > %s' % (value, path))

    def add_link(self, host_a, interface_a, host_b, interface_b):
        """A veth pair with fixed MAC addresses."""
        a, b = self.prefix + "x", self.prefix + "y"
        sh("ip", "link", "add", a, "netns", self.namespace(host_a), "type", "veth",
           "peer", "name", b, "netns", self.namespace(host_b))
        self.ip(host_a, "link", "set", a, "name", interface_a)
        self.ip(host_b, "link", "set", b, "name", interface_b)
        for host, interface in ((host_a, interface_a), (host_b, interface_b)):
            self.n_macs += 1
            self.ip(host, "link", "set", interface, "address", "52:54:00:1a:00:%02x" % self.n_macs)
            self.ip(host, "link", "set", interface, "up")

    def add_addresses(self, host, interface, addresses):
        for address in addresses:
            self.ip(host, "addr", "add", address, "dev", interface, *(["nodad"] if ":" in address else []))

    def set_offload(self, host, interface, is_on):
        said = sh(*self.enter(host), PYTHON, "-c", SET_OFFLOAD % (is_on, interface)).stdout.strip()
        if said:
            self.truth["notes"].append("offload ioctl: " + said)

    def add_links(self, vlan):
        for host in "cmwrs":
            self.add_host(host)
        if vlan:
            self.add_host("t")
            self.add_host("u")
            self.add_link("c", "eth0", "t", "t0")
            self.add_link("t", "trunk", "u", "u0")
            self.add_link("u", "u1", "m", "lan")
        else:
            self.add_link("c", "eth0", "m", "lan")
        self.add_link("m", "wan", "w", "w0")
        self.add_link("w", "w1", "r", "wan")
        self.add_link("r", "srv", "s", "eth0")

    def configure_hosts(self, server_ttl):
        for host, interface, addresses in ADDRESSES:
            self.add_addresses(host, interface, addresses)
        for host, v4, v6 in ROUTES:
            self.ip(host, "route", "add", "default", "via", v4)
            self.ip(host, "-6", "route", "add", "default", "via", v6)
        for host in "cmrs":  # the default of the recording machine, bbr, is unusual for mail hosts
            self.sysctl(host, net__ipv4__tcp_congestion_control="reno")
        for host in "mr":
            self.sysctl(host, net__ipv4__ip_forward=1, net__ipv6__conf__all__forwarding=1)
        self.sysctl("s", net__ipv4__ip_default_ttl=server_ttl, net__ipv6__conf__eth0__hop_limit=server_ttl)

    def write_resolver_files(self):
        for host in "cmwrstu":
            address = {"c": GATEWAY, "m": GATEWAY, "s": SERVERS_RESOLVER}.get(host)
            text = "nameserver %s\noptions timeout:2 attempts:2\n" % address if address else ""
            write_file("%s/resolv.%s" % (self.scratch, host), text)
        write_file(self.scratch + "/hosts", "127.0.0.1 localhost\n::1 localhost\n")

    def start_name_servers(self, zone, servfail, unanswered, hosts):
        names = dict(json.loads(json.dumps(ZONE)), **(zone or {}))
        for host, address in (("m", GATEWAY), ("s", SERVERS_RESOLVER)):
            if host not in hosts:
                continue
            self.start_tool(host, "dns_server.py",
                            dict(listen=[address], zone=names, servfail=list(servfail), drop=list(unanswered)))

    def build_network(self, offload="veth", delay_ms=12, jitter_ms=1.5, dns="ms", zone=None, servfail=(),
                      dns_unanswered=(), vlan=None, server_ttl=58, **wire):
        """offload: "veth" both ends as veth gives it; "nic" only the client's own sending is offloaded; "off" none.
        dns: hosts that get our own name server.
        wire: further settings of tools/wire.py (loss, reordering, rewriting)."""
        self.add_links(vlan)
        self.configure_hosts(server_ttl)
        if offload != "veth":
            for host, interface in INNER_LINKS + ((("c", "eth0"),) if offload == "off" else ()):
                self.set_offload(host, interface, False)
        self.truth["capture"] = {"offload": OFFLOAD[offload]}
        self.start_tool("w", "wire.py", dict(a="w0", b="w1", delay_ms=delay_ms, jitter_ms=jitter_ms,
                                             stats=self.scratch + "/wire.json", **wire))
        if vlan:
            self.start_tool("t", "wire.py", dict(a="t0", b="trunk", vlan=vlan), tag="trunk")
            self.start_tool("u", "wire.py", dict(a="u0", b="u1", vlan=vlan, vlan_dir="ba"), tag="trunk2")
        if dns:
            self.start_name_servers(zone, servfail, dns_unanswered, dns)
        self.write_resolver_files()
        self.ip("c", "neigh", "flush", "all")
        self.truth["hosts"] = {"client": CLIENT, "client6": CLIENT6, "middlebox/gateway/resolver": GATEWAY,
                               "server mx1.example.net": MX1, "server6": MX1_6}
        self.fact(server_ttl_at_client=server_ttl - 2, middlebox_ttl_at_client=64, rtt_ms_about=2 * delay_ms)

    def firewall(self, rules, host="m"):
        """Loads nftables rules, written on one line, on the middlebox."""
        path = "%s/nft.%s.%d" % (self.scratch, host, self.n_rule_files)
        self.n_rule_files += 1
        write_file(path, re.sub(r";\s*}", "\n}\n", rules))
        sh(*self.enter(host), "nft", "-f", path)

    def redirect(self, *pairs):
        """Sends client connections for a port to another port of the middlebox."""
        rules = " ".join('iifname "lan" tcp dport %d redirect to :%d;' % pair for pair in pairs)
        self.firewall("table ip n { chain p { type nat hook prerouting priority -100; %s } }" % rules)

    def remove_network(self):
        for name in self.namespaces:
            sh("ip", "netns", "del", name, check=False)
