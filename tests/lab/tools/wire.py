#!/usr/bin/python3
"""A wire in userspace: forwards Ethernet frames between two interfaces of its namespace.

Stands in for tc netem (delay, loss, reordering, duplicates) and for an in-line device that edits packets.

usage: wire.py SETTINGS.json
  a, b                   the interfaces
  delay_ms, jitter_ms    of each frame; jitter alone never reorders
  loss_ab, loss_ba       share of TCP packets that vanish, 0 to 1
  reorder, reorder_ms    share of TCP packets that are held back, and for how long
  dup                    share of TCP packets that are sent twice
  ttl_jitter             as if paths took turns: up to so many hops more for a TCP packet
  seed                   of the random choices
  vlan, vlan_dir         tag with this VLAN from a to b ("ab", the default) or from b to a ("ba")
  rewrite, ports         names of REWRITERS, and the ports whose payloads they see
  stats                  file for the counters at the end
"""
import heapq
import json
import random
import re
import select
import signal
import socket
import struct
import sys
import time

SOL_PACKET, PACKET_ADD_MEMBERSHIP, PACKET_VNET_HDR, PACKET_OUTGOING = 263, 1, 15, 4
VNET_HDR_LEN = 10
NEEDS_CHECKSUM = 1
IPV4, IPV6, ETH_P_ALL = b"\x08\0", b"\x86\xdd", 3


def open_interface(name):
    """A raw socket with virtio headers, so that large offloaded frames pass whole."""
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    s.setsockopt(SOL_PACKET, PACKET_VNET_HDR, 1)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    s.bind((name, ETH_P_ALL))
    promiscuous = struct.pack("IHH8s", socket.if_nametoindex(name), 1, 0, b"")
    s.setsockopt(SOL_PACKET, PACKET_ADD_MEMBERSHIP, promiscuous)
    s.setblocking(False)
    return s


def checksum(data):
    if len(data) & 1:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def mask_starttls(payload, to_client):
    """The STARTTLS keyword of the EHLO reply, masked."""
    return re.sub(rb"(250[- ])STARTTLS", rb"\1XXXXXXXA", payload) if to_client else payload


def mask_greeting(payload, to_client):
    """Of a greeting only 2, 0 and blanks survive."""
    is_greeting = payload[:4] in (b"220 ", b"220-") and payload.endswith(b"\r\n")
    if not to_client or not is_greeting or re.search(b"ready to start|start tls|go ahead", payload.lower()):
        return payload
    return payload[:4] + bytes(c if c in b"20 \r\n" else ord("*") for c in payload[4:])


def mask_commands(payload, to_client):
    """Commands that the device does not allow become X."""
    if to_client:
        return payload
    return re.sub(rb"^(EHLO|STARTTLS|AUTH)\b[^\r\n]*", lambda found: b"X" * len(found.group(0)), payload)


REWRITERS = {"xxxa": mask_starttls, "banner": mask_greeting, "cmdx": mask_commands}


def tcp_place(frame):
    """Offsets of the TCP header, of the payload and of its end; None when it is no TCP over IP."""
    if frame[12:14] == IPV4 and frame[23] == 6:
        tcp, end = 14 + (frame[14] & 15) * 4, 14 + struct.unpack("!H", frame[16:18])[0]
    elif frame[12:14] == IPV6 and frame[20] == 6:
        tcp, end = 54, 54 + struct.unpack("!H", frame[18:20])[0]
    else:
        return None
    return tcp, tcp + (frame[tcp + 12] >> 4) * 4, end


def spend_hops(frame, n):
    """n hops more: TTL, and the IPv4 header's checksum with it."""
    if frame[12:14] == IPV6:
        return frame[:21] + bytes([max(1, frame[21] - n)]) + frame[22:]
    end = 14 + (frame[14] & 15) * 4
    header = frame[14:22] + bytes([max(1, frame[22] - n), frame[23]]) + b"\0\0" + frame[26:end]
    return frame[:14] + header[:10] + struct.pack("!H", checksum(header)) + header[12:] + frame[end:]


def add_tag(header, frame, vlan):
    frame = frame[:12] + struct.pack("!HH", 0x8100, vlan) + frame[12:]
    flags, gso_type, header_len, gso_size, start, offset = struct.unpack("<BBHHHH", header)
    if flags & NEEDS_CHECKSUM:
        start += 4
    header_len = header_len + 4 if header_len else 0
    return struct.pack("<BBHHHH", flags, gso_type, header_len, gso_size, start, offset), frame


class Wire:
    def __init__(self, settings):
        self.settings = settings
        self.random = random.Random(settings.get("seed", 1))
        self.stats = dict.fromkeys(("ab", "ba", "lost_ab", "lost_ba", "reordered", "dup", "rewritten"), 0)
        self.a, self.b = open_interface(settings["a"]), open_interface(settings["b"])
        self.queue, self.n_queued = [], 0
        self.last_due = {self.a: 0.0, self.b: 0.0}

    def happens(self, name, is_tcp):
        share = self.settings.get(name, 0)
        return share and is_tcp and self.random.random() < share

    def rewrite(self, header, frame):
        place = tcp_place(frame)
        ports = self.settings.get("ports", [25])
        if not place or place[2] <= place[1]:
            return frame
        tcp, payload, end = place
        source, target = struct.unpack("!HH", frame[tcp:tcp + 4])
        if source not in ports and target not in ports:
            return frame
        new = frame[payload:end]
        for name in self.settings["rewrite"]:
            new = REWRITERS[name](new, source in ports)
        if new == frame[payload:end]:
            return frame
        assert len(new) == end - payload
        self.stats["rewritten"] += 1
        frame = frame[:payload] + new + frame[end:]
        if header[0] & NEEDS_CHECKSUM:
            return frame
        segment = frame[tcp:tcp + 16] + b"\0\0" + frame[tcp + 18:end]
        if frame[12:14] == IPV4:
            pseudo = frame[26:34] + struct.pack("!BBH", 0, 6, end - tcp)
        else:
            pseudo = frame[22:54] + struct.pack("!II", end - tcp, 6)
        return frame[:tcp + 16] + struct.pack("!H", checksum(pseudo + segment)) + frame[tcp + 18:]

    def push(self, due, out, data):
        self.n_queued += 1
        heapq.heappush(self.queue, (due, self.n_queued, out, data))

    def take(self, header, frame, way):
        is_tcp = tcp_place(frame) is not None
        self.stats[way] += 1
        if self.happens("loss_" + way, is_tcp):
            self.stats["lost_" + way] += 1
            return
        if self.settings.get("rewrite"):
            frame = self.rewrite(header, frame)
        if is_tcp and self.settings.get("ttl_jitter"):
            frame = spend_hops(frame, self.random.randint(0, self.settings["ttl_jitter"]))
        if self.settings.get("vlan") and way == self.settings.get("vlan_dir", "ab"):
            header, frame = add_tag(header, frame, self.settings["vlan"])
        out = self.b if way == "ab" else self.a
        due = time.monotonic() + self.settings.get("delay_ms", 0) / 1e3
        due += self.random.random() * self.settings.get("jitter_ms", 0) / 1e3
        if self.happens("reorder", is_tcp):
            self.stats["reordered"] += 1
            self.push(due + self.settings.get("reorder_ms", 8) / 1e3, out, header + frame)
        else:
            due = self.last_due[out] = max(due, self.last_due[out])
            self.push(due, out, header + frame)
        if self.happens("dup", is_tcp):
            self.stats["dup"] += 1
            self.push(due + 0.0005, out, header + frame)

    def read(self, interface):
        for _ in range(64):
            try:
                data, address = interface.recvfrom(70000)
            except BlockingIOError:
                return
            if address[2] != PACKET_OUTGOING:
                self.take(data[:VNET_HDR_LEN], data[VNET_HDR_LEN:], "ab" if interface is self.a else "ba")

    def write_due(self):
        while self.queue and self.queue[0][0] <= time.monotonic():
            _, _, out, data = heapq.heappop(self.queue)
            try:
                out.send(data)
            except OSError as error:
                print("send", len(data), error, file=sys.stderr, flush=True)

    def forward(self):
        while True:
            wait = max(0, self.queue[0][0] - time.monotonic()) if self.queue else 1.0
            for interface in select.select([self.a, self.b], [], [], wait)[0]:
                self.read(interface)
            self.write_due()


def main():
    with open(sys.argv[1]) as text:
        settings = json.load(text)
    wire = Wire(settings)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    print("ready", flush=True)
    try:
        wire.forward()
    finally:
        if settings.get("stats"):
            with open(settings["stats"], "w") as out:
                json.dump(wire.stats, out)


main()
