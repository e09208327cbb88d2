"""TCP sessions out of recorded captures (classic pcap, Ethernet): their packets as objects whose addresses and header
fields can be changed, to make from real traffic what the recording machine cannot be made to send."""
import ipaddress
import struct

from packets import ACK, FIN, RST, SYN, checksum, ip, packed, tcp

OTHER = {"C": "S", "S": "C"}
TCP_PROTOCOL = 6


class Packet:
    """An IP packet with TCP inside, of side "C" or "S"."""

    def __init__(self, time, data):
        self.time, self.data, self.side, self.is_made = time, data, None, False
        self.is_v6 = data[0] >> 4 == 6
        self.tcp = 40 if self.is_v6 else (data[0] & 15) * 4
        addresses = (8, 24, 40) if self.is_v6 else (12, 16, 20)
        self.source, self.target = data[addresses[0]:addresses[1]], data[addresses[1]:addresses[2]]
        self.ports = struct.unpack("!HH", data[self.tcp:self.tcp + 4])
        self.seq, self.ack, offset, self.flags, self.window = struct.unpack("!IIBBH", data[self.tcp + 4:self.tcp + 16])
        self.payload = data[self.tcp + (offset >> 4) * 4:self.end_of_ip()]
        self.options = data[self.tcp + 20:self.tcp + (offset >> 4) * 4]

    def end_of_ip(self):
        if self.is_v6:
            return 40 + struct.unpack("!H", self.data[4:6])[0]
        total = struct.unpack("!H", self.data[2:4])[0]
        return total or len(self.data)

    @property
    def ttl(self):
        return self.data[7] if self.is_v6 else self.data[8]

    @property
    def ident(self):
        return 0 if self.is_v6 else struct.unpack("!H", self.data[4:6])[0]

    @property
    def end(self):
        """Sequence number behind it."""
        return (self.seq + len(self.payload) + (1 if self.flags & (SYN | FIN) else 0)) & 0xFFFFFFFF

    @property
    def stamp(self):
        """TSval and TSecr, or None."""
        at = 0
        while at < len(self.options):
            kind = self.options[at]
            if kind == 8:
                return struct.unpack("!II", self.options[at + 2:at + 10])
            at += 1 if kind < 2 else max(2, self.options[at + 1])
        return None

    def moved(self, time, addresses):
        """The same at another time, between other addresses of the same family; its TCP checksum is not renewed."""
        source, target = addresses[self.side], addresses[OTHER[self.side]]
        if self.is_v6:
            return Packet.of(self, time, self.data[:8] + packed(source) + packed(target) + self.data[40:])
        head = self.data[:10] + b"\0\0" + packed(source) + packed(target) + self.data[20:(self.data[0] & 15) * 4]
        head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
        return Packet.of(self, time, head + self.data[len(head):])

    @staticmethod
    def of(model, time, data):
        packet = Packet(time, data)
        packet.side, packet.is_made = model.side, model.is_made
        return packet


def distance(a, b):
    """a - b of sequence numbers."""
    return ((a - b + 0x80000000) & 0xFFFFFFFF) - 0x80000000


def read_frames(path):
    """Time and IP packet of each Ethernet frame that holds TCP."""
    data = path.read_bytes()
    order = "<" if data[:4] == b"\xd4\xc3\xb2\xa1" else ">"
    at = 24
    while at + 16 <= len(data):
        seconds, micro, kept, length = struct.unpack(order + "IIII", data[at:at + 16])
        frame = data[at + 16:at + 16 + kept]
        at += 16 + kept
        is_v4, is_v6 = frame[12:14] == b"\x08\0", frame[12:14] == b"\x86\xdd"
        if kept == length and (is_v4 and frame[23] == TCP_PROTOCOL or is_v6 and frame[20] == TCP_PROTOCOL):
            yield seconds + micro / 1e6, frame[14:]


def sessions_of(path):
    """Lists of packets, one for each connection that begins with a SYN."""
    sessions = {}
    for time, data in read_frames(path):
        packet = Packet(time, data)
        ends = (packet.source, packet.ports[0]), (packet.target, packet.ports[1])
        key = tuple(sorted(ends))
        if packet.flags & (SYN | ACK) == SYN and key not in sessions:
            sessions[key] = (ends[0], [])
        if key in sessions:
            client, packets = sessions[key]
            packet.side = "C" if ends[0] == client else "S"
            packets.append(packet)
    return [packets for _, packets in sessions.values()]


def is_undisturbed(packets):
    """A whole session in which every byte was sent once, in order, and both sides closed with FIN."""
    due, closed = {}, set()
    for packet in packets:
        side = packet.side
        if packet.flags & RST or (packet.flags & SYN and side in due):
            return False
        if side in due and packet.seq != due[side]:
            return False
        due[side] = packet.end
        if packet.flags & FIN:
            closed.add(side)
    return len(closed) == 2


def made_segment(model, time, numbers, flags, window, ttl, ident, stamp=None):
    """A segment of model's side, between the same ends."""
    options = b"\1\1" + struct.pack("!BBII", 8, 10, *stamp) if stamp else b""
    source, target = (str(ipaddress.ip_address(address)) for address in (model.source, model.target))
    data = tcp(source, target, model.ports, numbers, flags, window, options)
    packet = Packet(time, ip(source, target, TCP_PROTOCOL, data, ttl, ident))
    packet.side, packet.is_made = model.side, True
    return packet
