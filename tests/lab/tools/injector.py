#!/usr/bin/python3
"""An off-path injector: watches an interface of the middlebox and forges TCP segments over IPv4.

usage: injector.py SETTINGS.json
  iface, port    where to look
  match          regular expression that a payload must match, or
  after_bytes    payload bytes of the flow after which to strike
  dir            "c2s" (default) or "s2c": whose payloads are looked at
  per_flow       how often per connection, default 1
  actions        [{"to": "client" | "server", "flags": "R" | "RA" | ..., "ttl", "ipid", "window", "df", "data",
                 "seq_off": [..], "delay_ms"}]
"""
import json
import re
import socket
import struct
import sys
import time

FLAGS = {"F": 1, "S": 2, "R": 4, "P": 8, "A": 16}
ETH_P_ALL = 3


def checksum(data):
    if len(data) & 1:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Segment:
    """The TCP segment of an Ethernet frame."""

    def __init__(self, frame):
        total = struct.unpack("!H", frame[16:18])[0]
        tcp = 14 + (frame[14] & 15) * 4
        self.source, self.target = frame[26:30], frame[30:34]
        self.source_port, self.target_port, self.seq, self.ack = struct.unpack("!HHII", frame[tcp:tcp + 12])
        payload = tcp + (frame[tcp + 12] >> 4) * 4
        self.payload = frame[payload:14 + total] if total else frame[payload:]


class Injector:
    def __init__(self, settings):
        self.settings = settings
        self.expression = re.compile(settings.get("match", "").encode("latin-1"), re.I)
        self.out = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
        self.out.setsockopt(socket.IPPROTO_IP, socket.IP_HDRINCL, 1)
        self.n_bytes, self.n_hits = {}, {}

    def send(self, source, target, seq, ack, action):
        """source, target: (packed address, port)"""
        flags = sum(FLAGS[letter] for letter in action["flags"])
        for offset in action.get("seq_off", [0]):
            tcp = struct.pack("!HHIIBBHHH", source[1], target[1], (seq + offset) & 0xFFFFFFFF,
                              ack if flags & FLAGS["A"] else 0, 0x50, flags, action.get("window", 0), 0, 0)
            tcp += action.get("data", "").encode("latin-1")
            pseudo = source[0] + target[0] + struct.pack("!BBH", 0, 6, len(tcp))
            tcp = tcp[:16] + struct.pack("!H", checksum(pseudo + tcp)) + tcp[18:]
            ip = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(tcp), action.get("ipid", 0),
                             0x4000 if action.get("df") else 0, action.get("ttl", 64), 6, 0) + source[0] + target[0]
            ip = ip[:10] + struct.pack("!H", checksum(ip)) + ip[12:]
            self.out.sendto(ip + tcp, (socket.inet_ntoa(target[0]), 0))

    def is_due(self, segment, flow):
        self.n_bytes[flow] = self.n_bytes.get(flow, 0) + len(segment.payload)
        if not self.expression.search(segment.payload):
            return False
        return self.n_bytes[flow] >= self.settings.get("after_bytes", 0)

    def see(self, segment):
        port, way = self.settings["port"], self.settings.get("dir", "c2s")
        if port not in (segment.source_port, segment.target_port):
            return
        source, target = (segment.source, segment.source_port), (segment.target, segment.target_port)
        is_from_client = segment.target_port == port
        flow = source + target if is_from_client else target + source
        if is_from_client != (way == "c2s") or not segment.payload:
            return
        if self.n_hits.get(flow, 0) >= self.settings.get("per_flow", 1) or not self.is_due(segment, flow):
            return
        self.n_hits[flow] = self.n_hits.get(flow, 0) + 1
        following = (segment.seq + len(segment.payload)) & 0xFFFFFFFF
        for action in self.settings["actions"]:
            time.sleep(action.get("delay_ms", 0) / 1e3)
            if (action["to"] == "client") == is_from_client:
                self.send(target, source, segment.ack, following, action)
            else:
                self.send(source, target, following, segment.ack, action)


def main():
    with open(sys.argv[1]) as text:
        settings = json.load(text)
    injector = Injector(settings)
    watch = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    watch.bind((settings["iface"], ETH_P_ALL))
    print("ready", flush=True)
    while True:
        frame = watch.recv(70000)
        if frame[12:14] == b"\x08\0" and frame[23] == 6:
            injector.see(Segment(frame))


main()
