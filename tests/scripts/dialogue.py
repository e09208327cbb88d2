"""Writes captures of scripted SMTP dialogues: Ethernet, IPv4, TCP with correct checksums and sequence numbers.

For what no server in the lab can be made to say: the texts of providers. Everything about TCP is plain and
clean, so that only the words matter.

    capture = Capture()
    session = capture.session(server=("198.51.100.25", 25), name="mx.example.net")
    session.server("220 mx.example.net ESMTP")
    session.client("EHLO client.example.com")
    ...
    session.close()
    capture.write("out.pcap")
"""
import socket
import struct

CLIENT = "192.0.2.10"
RESOLVER = "192.0.2.53"
ROUND_TRIP = 0.02
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def dns_name(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


class Capture:
    """Packets in the order of their making; time moves on with each."""

    def __init__(self, start=1700000000.0):
        self.now = start
        self.packets = []
        self.ip_id = 1
        self.next_port = 40000

    def frame(self, source, target, protocol, payload, ttl):
        self.ip_id = self.ip_id % 65535 + 1
        head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), self.ip_id, 0x4000, ttl, protocol, 0,
                           socket.inet_aton(source), socket.inet_aton(target))
        head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
        self.packets.append((self.now, bytes.fromhex("52540000000152540000000208 00".replace(" ", "")) + head + payload))

    def pseudo(self, source, target, protocol, segment):
        return socket.inet_aton(source) + socket.inet_aton(target) + struct.pack("!BBH", 0, protocol, len(segment)) + segment

    def udp(self, source, sport, target, dport, data, ttl=64):
        datagram = struct.pack("!HHHH", sport, dport, 8 + len(data), 0) + data
        self.frame(source, target, 17, datagram, ttl)

    def lookup(self, name, address, client=CLIENT):
        """An A query for name and its answer."""
        ident = len(self.packets) & 0xFFFF
        question = dns_name(name) + struct.pack("!HH", 1, 1)
        self.udp(client, 50000, RESOLVER, 53, struct.pack("!HHHHHH", ident, 0x0100, 1, 0, 0, 0) + question)
        self.now += 0.005
        answer = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 300, 4) + socket.inet_aton(address)
        self.udp(RESOLVER, 53, client, 50000, struct.pack("!HHHHHH", ident, 0x8180, 1, 1, 0, 0) + question + answer)
        self.now += 0.001

    def session(self, **how):
        return Session(self, **how)

    def write(self, path):
        with open(path, "wb") as out:
            out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, 1))
            for when, data in self.packets:
                second = int(when)
                out.write(struct.pack("<IIII", second, int(round((when - second) * 1e6)) % 1000000, len(data), len(data)) + data)


class Session:
    """One TCP connection; client() and server() send lines, each acknowledged by the other side."""

    def __init__(self, capture, server=("198.51.100.25", 25), client=CLIENT, name=None, ttl=56):
        if name:
            capture.lookup(name, server[0], client)
        self.capture = capture
        self.ends = {"c": (client, capture.next_port, 64), "s": (server[0], server[1], ttl)}
        capture.next_port += 1
        self.seq = {"c": 1000, "s": 9000}
        self.segment("c", SYN)
        capture.now += ROUND_TRIP
        self.segment("s", SYN | ACK)
        self.segment("c", ACK)

    def segment(self, side, flags, data=b""):
        other = "s" if side == "c" else "c"
        source, target = self.ends[side], self.ends[other]
        options = struct.pack("!BBH", 2, 4, 1460) if flags & SYN else b""
        ack = self.seq[other] if flags & ACK else 0
        head = struct.pack("!HHIIBBHHH", source[1], target[1], self.seq[side] & 0xFFFFFFFF, ack & 0xFFFFFFFF,
                           (20 + len(options)) // 4 << 4, flags, 64240, 0, 0) + options
        total = checksum(self.capture.pseudo(source[0], target[0], 6, head + data))
        head = head[:16] + struct.pack("!H", total) + head[18:]
        self.capture.frame(source[0], target[0], 6, head + data, source[2])
        self.seq[side] += len(data) + (1 if flags & (SYN | FIN) else 0)
        self.capture.now += 0.0002

    def say(self, side, text, delay=ROUND_TRIP):
        self.capture.now += delay
        data = text if isinstance(text, bytes) else (text.replace("\n", "\r\n") + "\r\n").encode("latin-1")
        for at in range(0, len(data), 1400):
            self.segment(side, PSH | ACK, data[at:at + 1400])
        self.segment("s" if side == "c" else "c", ACK)

    def client(self, text, delay=0.001):
        self.say("c", text, delay)

    def server(self, text, delay=ROUND_TRIP):
        self.say("s", text, delay)

    def close(self, first="c"):
        other = "s" if first == "c" else "c"
        self.segment(first, FIN | ACK)
        self.capture.now += ROUND_TRIP
        self.segment(other, FIN | ACK)
        self.segment(first, ACK)
        self.capture.now += 1

    def idle(self, seconds):
        self.capture.now += seconds
