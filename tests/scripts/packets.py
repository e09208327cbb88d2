"""Packets of made captures, with correct lengths and checksums: Ethernet, IPv4 and IPv6, TCP, UDP, ICMP, DNS, and the
file around them. Knows headers only, no connections and no clock."""
import ipaddress
import struct

FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
TCP, UDP, ICMP, ICMPV6 = 6, 17, 1, 58
ETHERNET_V4 = bytes.fromhex("525400000001" "525400000002" "0800")
ETHERNET_V6 = ETHERNET_V4[:12] + bytes.fromhex("86dd")
DNS_TYPES = {"A": 1, "NS": 2, "CNAME": 5, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28, "TLSA": 52}
DNS_TRUNCATED = 0x0200
DNS_CODES = {"NOERROR": 0, "FORMERR": 1, "SERVFAIL": 2, "NXDOMAIN": 3, "NOTIMP": 4, "REFUSED": 5}
SNAPLEN = 262144
LINK_ETHERNET = 1


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def packed(address):
    return ipaddress.ip_address(address).packed


def pseudo_header(source, target, protocol, length):
    if ":" in source:
        return packed(source) + packed(target) + struct.pack("!II", length, protocol)
    return packed(source) + packed(target) + struct.pack("!BBH", 0, protocol, length)


def with_checksum(source, target, protocol, message, offset):
    """The message with its checksum field, two bytes at offset that are zero, filled in."""
    total = checksum(pseudo_header(source, target, protocol, len(message)) + message)
    return message[:offset] + struct.pack("!H", total) + message[offset + 2:]


def ip(source, target, protocol, payload, ttl, ident=0):
    """An IP packet of the version that the addresses have; ident is used by IPv4 only. Never fragmented."""
    if ":" in source:
        return struct.pack("!IHBB", 6 << 28, len(payload), protocol, ttl) + packed(source) + packed(target) + payload
    head = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(payload), ident & 0xFFFF, 0x4000, ttl, protocol, 0)
    head += packed(source) + packed(target)
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def tcp(source, target, ports, numbers, flags, window, options=b"", data=b""):
    """ports: of source and target; numbers: sequence and acknowledgement."""
    options += b"\1" * (-len(options) % 4)
    head = struct.pack("!HHIIBBHHH", *ports, numbers[0] & 0xFFFFFFFF, numbers[1] & 0xFFFFFFFF,
                       (20 + len(options)) // 4 << 4, flags, window, 0, 0)
    return with_checksum(source, target, TCP, head + options + data, 16)


def udp(source, target, ports, data):
    return with_checksum(source, target, UDP, struct.pack("!HHHH", *ports, 8 + len(data), 0) + data, 6)


def icmp_error(sender, target, kind, code, quoted, value=0):
    """ICMP or ICMPv6, as the addresses say. value: the second word of the header, such as the MTU."""
    message = struct.pack("!BBHI", kind, code, 0, value) + quoted
    if ":" in sender:
        return with_checksum(sender, target, ICMPV6, message, 2)
    return message[:2] + struct.pack("!H", checksum(message)) + message[4:]


def dns_name(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".") if label) + b"\0"


def dns_record(kind, value):
    """value as in a zone file: "192.0.2.1", "10 mx.example.net"; the strings of a TXT have | between them."""
    if kind == "MX":
        preference, name = value.split()
        data = struct.pack("!H", int(preference)) + dns_name(name)
    elif kind == "TXT":
        data = b"".join(bytes([len(part)]) + part.encode() for part in value.split("|"))
    else:
        data = dns_name(value) if kind in ("CNAME", "PTR") else packed(value)
    return b"\xc0\x0c" + struct.pack("!HHIH", DNS_TYPES[kind], 1, 300, len(data)) + data


def dns_query(ident, kind, name):
    return struct.pack("!HHHHHH", ident, 0x0100, 1, 0, 0, 0) + dns_name(name) + struct.pack("!HH", DNS_TYPES[kind], 1)


def dns_referral(ident, kind, name):
    """No answer, but a name server of the zone above."""
    data = dns_name("ns1." + name.split(".", 1)[1])
    authority = dns_name(name.split(".", 1)[1]) + struct.pack("!HHIH", DNS_TYPES["NS"], 1, 300, len(data)) + data
    return struct.pack("!HHHHHH", ident, 0x8000, 1, 0, 1, 0) + dns_query(ident, kind, name)[12:] + authority


def dns_answer(ident, kind, name, values, code="NOERROR", is_truncated=False):
    records = [dns_record(kind, value) for value in values]
    flags = 0x8180 | DNS_CODES[code] | (DNS_TRUNCATED if is_truncated else 0)
    head = struct.pack("!HHHHHH", ident, flags, 1, len(records), 0, 0)
    return head + dns_query(ident, kind, name)[12:] + b"".join(records)


def ethernet(packet):
    return (ETHERNET_V6 if packet[0] >> 4 == 6 else ETHERNET_V4) + packet


def write_pcap(path, packets, snaplen=SNAPLEN):
    """packets: (time, IP packet), written in this order, each cut at snaplen."""
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, snaplen, LINK_ETHERNET))
        for when, packet in packets:
            microseconds = int(round(when * 1e6))
            frame = ethernet(packet)
            kept = frame[:snaplen]
            out.write(struct.pack("<IIII", microseconds // 1000000, microseconds % 1000000, len(kept), len(frame)) + kept)


def tls_record(kind, data, version=b"\3\3"):
    return bytes([kind]) + version + struct.pack("!H", len(data)) + data


def tls_handshake(kind, body):
    return tls_record(22, bytes([kind]) + struct.pack("!I", len(body))[1:] + body)


TLS_VERSIONS = {"1.0": b"\3\1", "1.1": b"\3\2", "1.2": b"\3\3", "1.3": b"\3\3"}


def client_hello(server_name, version="1.3"):
    """A small ClientHello; version: the highest that it offers. The name "-": none."""
    name = server_name.encode()
    entry = b"\0" + struct.pack("!H", len(name)) + name
    extensions = b"" if server_name == "-" else struct.pack("!HHH", 0, len(entry) + 2, len(entry)) + entry
    extensions += bytes.fromhex("000a00040002001d" "000d000400020403")  # x25519; ecdsa_secp256r1_sha256
    if version == "1.3":
        extensions += bytes.fromhex("002b00050403040303")
        extensions += bytes.fromhex("003300260024001d0020") + b"\x11" * 32
    body = TLS_VERSIONS[version] + b"\x5a" * 32 + b"\0" + bytes.fromhex("0006" "1301" "c02f" "009c") + b"\1\0"
    return tls_handshake(1, body + struct.pack("!H", len(extensions)) + extensions)


def server_hello(version="1.3", suite=None):
    """suite: four hex digits."""
    body = TLS_VERSIONS[version] + b"\xa5" * 32 + b"\0"
    if version == "1.3":
        extensions = bytes.fromhex("002b00020304") + bytes.fromhex("00330024001d0020") + b"\x22" * 32
        chosen = bytes.fromhex((suite or "1301") + "00")
        return tls_handshake(2, body + chosen + struct.pack("!H", len(extensions)) + extensions)
    return tls_handshake(2, body + bytes.fromhex((suite or "c02f") + "00"))


def certificate(ders):
    """The Certificate message of TLS 1.2."""
    chain = b"".join(struct.pack("!I", len(der))[1:] + der for der in ders)
    return tls_handshake(11, struct.pack("!I", len(chain))[1:] + chain)


def finished():
    """ChangeCipherSpec and an encrypted Finished of TLS 1.2."""
    return tls_record(20, b"\1") + tls_record(22, b"\xee" * 40)
