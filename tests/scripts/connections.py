"""TCP connections of made captures, as two Linux hosts would have them: sequence numbers, acknowledgements, TTL, IP-ID,
timestamps, times; and whatever deviates from that, as the caller says.

    wire = Wire()
    c = Connection(wire, server="198.51.100.25", port=25)
    c.connect()
    c.send("S", b"220 mx.example.net ESMTP\\r\\n")
    write_pcap("out.pcap", wire.packets)

Sides are "C" (client) and "S" (server). What is sent is acknowledged by the other side, unless it never arrives.
"""
import random
import struct

from packets import ACK, FIN, ICMP, ICMPV6, PSH, RST, SYN, TCP, UDP, dns_answer, dns_query, dns_referral, icmp_error, ip, tcp, udp

START = 1700000000.0
BETWEEN_PACKETS_S = 0.0002
RESOLVER_S = 0.005
VANTAGES = {  # share of the round trip that lies between the capture and the server; TTL of client and of server there
    "client": (1.0, {"C": 64, "S": 56}),
    "between": (0.5, {"C": 60, "S": 60}),
    "server": (0.0, {"C": 56, "S": 64}),
}
OTHER = {"C": "S", "S": "C"}
DEFAULTS = {
    "client": "192.0.2.10", "server": "198.51.100.25", "cport": None, "port": 25, "resolver": "192.0.2.53",
    "rtt": 0.024, "mss": 1460, "vantage": "client", "timestamps": True,
    "C.ttl": None, "S.ttl": None, "C.id": "counter", "S.id": "counter", "C.isn": 1000000, "S.isn": 5000000,
    "C.win": 64240, "S.win": 65160,
}


BARE = {"win": 0, "id": 0, "timestamps": False}  # header of what Linux sends without a socket
QUOTED_MAX = 548  # bytes of a packet that an ICMP error of Linux holds


class Wire:
    """Everything that is on the wire, in the order of time, and which of it is recorded."""

    def __init__(self):
        self.now = START
        self.packets = []
        self.recorded = {"C", "S", "other"}
        self.next_port = 40000
        self.n_lookups = 0
        self.random = random.Random(1)

    def put(self, who, packet):
        """who: the side that sent it, or "other"."""
        if who in self.recorded:
            self.packets.append((self.now, packet))
        self.now += BETWEEN_PACKETS_S

    def look_up(self, settings, kind, name, values=(), code="NOERROR", is_answered=True, is_truncated=False,
                is_referral=False):
        """A DNS query, and its answer some milliseconds later; settings: asker instead of the client, after seconds."""
        self.n_lookups += 1
        ident, client, resolver = self.n_lookups, settings.get("asker", settings["client"]), settings["resolver"]
        port = 50000 + self.n_lookups % 10000
        query = udp(client, resolver, (port, 53), dns_query(ident, kind, name))
        self.put("other", ip(client, resolver, UDP, query, 64, ident))
        if is_answered:
            self.now += float(settings.get("after", RESOLVER_S))
            said = dns_referral(ident, kind, name) if is_referral else dns_answer(ident, kind, name, values, code, is_truncated)
            answer = udp(resolver, client, (53, port), said)
            self.put("other", ip(resolver, client, UDP, answer, 63, ident))

    def other_traffic(self, settings, peer="203.0.113.123"):
        """The client asks for the time of day, and gets it."""
        client = settings["client"] if ":" not in settings["client"] else DEFAULTS["client"]
        for source, target in ((client, peer), (peer, client)):
            self.put("other", ip(source, target, UDP, udp(source, target, (123, 123), b"\x23" + bytes(47)), 60))


class How:
    """What is special about a segment or a burst.

    is_recorded, is_delivered: whether the capture and the other side see it; n_copies: how often the capture does.
    header: ttl, id, win, timestamps instead of the side's own. mss: largest piece. is_reversed: last piece first.
    """

    def __init__(self, is_recorded=True, is_delivered=True, n_copies=1, mss=None, is_reversed=False, **header):
        self.is_recorded, self.is_delivered, self.n_copies = is_recorded, is_delivered, n_copies
        self.mss, self.is_reversed, self.header = mss, is_reversed, header


class Side:
    """One end: what it sends with, what it has sent, and what it has received."""

    def __init__(self, name, settings):
        self.address, self.port = (settings[key] for key in (("client", "cport") if name == "C" else ("server", "port")))
        self.ttl = settings[name + ".ttl"] or VANTAGES[settings["vantage"]][1][name]
        self.id_mode, self.id = settings[name + ".id"], {"C": 0x1000, "S": 0x8000}[name]
        self.window, self.isn = settings[name + ".win"], settings[name + ".isn"]
        self.next = self.isn  # sequence number of the next new byte
        self.expected, self.early = 0, []  # next byte of the other side, and pieces that came before their turn
        self.peer_stamp = 0
        self.burst = []  # (seq, flags, data) of what was sent last, to be sent again
        self.last = (self.isn, 0, 0, 0)  # seq, ack, flags, length of the last segment
        self.packet = b""  # and that segment as a packet

    def take(self, seq, length):
        """Bytes of the other side arrive."""
        self.early.append((seq, seq + length))
        for start, end in sorted(self.early):
            if start <= self.expected < end:
                self.expected = end
        self.early = [piece for piece in self.early if piece[1] > self.expected]

    def next_id(self, flags, chance):
        if self.id_mode == "zero" or flags & (SYN | ACK) == SYN | ACK:  # the SYN-ACK of Linux has 0
            return 0
        if self.id_mode == "random":
            return chance.randrange(1, 65536)
        self.id = self.id % 65535 + 1
        return self.id


class Connection:
    def __init__(self, wire, **settings):
        self.wire, self.settings = wire, dict(DEFAULTS, **settings)
        if self.settings["cport"] is None:
            self.settings["cport"] = wire.next_port
            wire.next_port += 1
        self.sides = {name: Side(name, self.settings) for name in "CS"}
        self.last_side, self.last_time = None, wire.now

    def wait_for_turn(self, side):
        """Moves the clock on to when the capture can see an answer of this side to what it saw last."""
        if self.last_side == OTHER[side]:
            share = VANTAGES[self.settings["vantage"]][0]
            travel = self.settings["rtt"] * (share if side == "S" else 1 - share)
            self.wire.now = max(self.wire.now, self.last_time + travel)

    def options(self, side, flags, is_stamped):
        me = self.sides[side]
        stamp = struct.pack("!BBII", 8, 10, me.isn % 65536 + int((self.wire.now - START) * 1000),
                            me.peer_stamp if flags & ACK else 0)
        if not flags & SYN:
            return b"\1\1" + stamp if is_stamped else b""
        mss = struct.pack("!BBH", 2, 4, self.settings["mss"])
        return mss + b"\4\2" + (stamp if is_stamped else b"\1\1") + b"\1\3\3\7"

    def segment(self, side, flags, data=b"", seq=None, ack=None, how=How()):
        """One segment, just as it is. seq and ack are absolute; None for what is due."""
        me, other = self.sides[side], self.sides[OTHER[side]]
        self.wait_for_turn(side)
        if seq is None:
            seq = me.isn if flags & SYN else me.next
        if ack is None:
            ack = me.expected if flags & ACK else 0
        is_stamped = how.header.get("timestamps", self.settings["timestamps"])
        options = self.options(side, flags, is_stamped)
        window = how.header.get("win", me.window if flags & SYN else me.window >> 7)
        ident = how.header["id"] if "id" in how.header else me.next_id(flags, self.wire.random)
        ends, ports = (me.address, other.address), (me.port, other.port)
        packet = ip(*ends, TCP, tcp(*ends, ports, (seq, ack), flags, window, options, data), how.header.get("ttl", me.ttl), ident)
        for _ in range(how.n_copies if how.is_recorded else 0):
            self.wire.put(side, packet)
        me.last, me.packet = (seq, ack, flags, len(data)), packet
        if how.is_delivered and is_stamped:
            other.peer_stamp = struct.unpack("!I", options[options.index(b"\x08\x0a") + 2:][:4])[0]
        self.last_side, self.last_time = side, self.wire.now

    def syn(self, side="C", how=How(), ack=None, seq=None):
        """A SYN of the client, or the SYN-ACK of the server; the same again when there was one before."""
        me, other = self.sides[side], self.sides[OTHER[side]]
        self.segment(side, SYN if side == "C" else SYN | ACK, seq=seq, ack=ack, how=how)
        if seq is None:
            me.next = me.isn + 1
            if how.is_delivered:
                other.expected = max(other.expected, me.next)

    def connect(self):
        self.syn("C")
        self.syn("S")
        self.segment("C", ACK)

    def start_established(self):
        """As if there had been a handshake that nobody saw."""
        for name, side in self.sides.items():
            side.next = side.isn + 1
            self.sides[OTHER[name]].expected = side.next

    def send(self, side, data, how=How()):
        """New bytes, in as many segments as they need."""
        me = self.sides[side]
        me.burst = [(me.next, PSH | ACK, data)]
        me.next += len(data)
        self.emit(side, how)

    def send_fin(self, side, how=How()):
        me = self.sides[side]
        me.burst = [(me.next, FIN | ACK, b"")]
        me.next += 1
        self.emit(side, how)

    def pieces(self, side, size):
        """The last burst of this side in segments."""
        for seq, flags, data in self.sides[side].burst:
            for at in range(0, max(1, len(data)), size):
                yield seq + at, flags if at + size >= len(data) else flags & ~PSH, data[at:at + size]

    def emit(self, side, how=How()):
        """The last burst of this side: for the first time, or once more."""
        other = OTHER[side]
        size = how.mss or self.settings["mss"] - (12 if self.settings["timestamps"] else 0)
        pieces = list(self.pieces(side, size))
        for seq, flags, data in reversed(pieces) if how.is_reversed else pieces:
            self.segment(side, flags, data, seq, how=how)
            if how.is_delivered:
                self.sides[other].take(seq, len(data) + (1 if flags & FIN else 0))
        if how.is_delivered:
            self.segment(other, ACK)

    def close(self, side):
        """This side closes; the other follows at once."""
        me, other = self.sides[side], OTHER[side]
        self.segment(side, FIN | ACK)
        self.sides[other].take(me.next, 1)
        me.next += 1
        self.segment(other, FIN | ACK)
        me.take(self.sides[other].next, 1)
        self.sides[other].next += 1
        self.segment(side, ACK)

    def abort(self, side, how=How()):
        """The reset of a Linux program that closes with unread data, or dies: as its other segments."""
        self.segment(side, RST | ACK, how=how)

    def reject(self, side, how=How()):
        """The reset of a host that has no such connection, in answer to the other side's last segment."""
        seq, ack, flags, length = self.sides[OTHER[side]].last
        how = How(how.is_recorded, how.is_delivered, how.n_copies, **dict(BARE, **how.header))
        if flags & ACK:
            self.segment(side, RST, seq=ack, how=how)
        else:
            self.segment(side, RST | ACK, seq=0, ack=seq + length + (1 if flags & (SYN | FIN) else 0), how=how)

    def icmp(self, about, sender, kind, code, ttl=63, mtu=0, quoted_len=QUOTED_MAX):
        """An error to the side whose last packet it quotes."""
        victim = self.sides[about]
        is_v6 = ":" in victim.address
        message = icmp_error(sender, victim.address, kind, code, victim.packet[:quoted_len], mtu)
        self.wait_for_turn(OTHER[about])
        self.wire.put("other", ip(sender, victim.address, ICMPV6 if is_v6 else ICMP, message, ttl))
