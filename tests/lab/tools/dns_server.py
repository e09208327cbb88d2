#!/usr/bin/python3
"""A small authoritative name server over UDP and TCP.

usage: dns_server.py SETTINGS.json
  listen     addresses
  zone       {name: {"A": [], "AAAA": [], "MX": [[preference, host]], "PTR": [], "TXT": []}}
  servfail   names that are answered SERVFAIL
  drop       names that are not answered at all
"""
import ipaddress
import json
import select
import socket
import struct
import sys

TYPES = {1: "A", 28: "AAAA", 15: "MX", 12: "PTR", 16: "TXT", 6: "SOA"}
SOA, NOERROR, SERVFAIL, NXDOMAIN = 6, 0, 2, 3


def encode_name(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".") if label) + b"\0"


def record_data(kind, value):
    if kind in ("A", "AAAA"):
        return ipaddress.ip_address(value).packed
    if kind == "MX":
        return struct.pack("!H", value[0]) + encode_name(value[1])
    if kind == "PTR":
        return encode_name(value)
    return bytes([len(value)]) + value.encode()


def record(name, type_number, data):
    return name + struct.pack("!HHIH", type_number, 1, 300, len(data)) + data


class NameServer:
    def __init__(self, settings):
        self.zone = {name.lower().rstrip("."): records for name, records in settings["zone"].items()}
        self.servfail, self.drop = settings.get("servfail", []), settings.get("drop", [])

    def answer(self, query):
        """The answer to a query, or None."""
        at, labels = 12, []
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode("latin-1"))
            at += 1 + query[at]
        question, name = query[12:at + 5], ".".join(labels).lower()
        type_number = struct.unpack("!H", query[at + 1:at + 3])[0]
        if name in self.drop:
            return None
        code, answers, authority = NOERROR, [], []
        if name in self.servfail:
            code = SERVFAIL
        elif name in self.zone:
            kind = TYPES.get(type_number)
            values = self.zone[name].get(kind, [])
            answers = [record(b"\xc0\x0c", type_number, record_data(kind, value)) for value in values]
        elif not any(known.endswith("." + name) for known in self.zone):
            code = NXDOMAIN
        if not answers and code != SERVFAIL:
            start = encode_name("ns1.example.net") + encode_name("hostmaster.example.net")
            soa = start + struct.pack("!IIIII", 2026010101, 3600, 900, 604800, 300)
            authority = [record(encode_name(".".join(labels[-2:])), SOA, soa)]
        head = query[:2] + struct.pack("!HHHHH", 0x8180 | code, 1, len(answers), len(authority), 0)
        return head + question + b"".join(answers + authority)

    def serve_tcp(self, listener):
        connection, _ = listener.accept()
        connection.settimeout(2)
        answer = self.answer(connection.recv(4096)[2:])
        connection.sendall(struct.pack("!H", len(answer)) + answer)
        connection.close()

    def serve_udp(self, s):
        query, sender = s.recvfrom(4096)
        answer = self.answer(query)
        if answer:
            s.sendto(answer, sender)


def open_sockets(addresses, server):
    serve = {}
    for address in addresses:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        udp = socket.socket(family, socket.SOCK_DGRAM)
        udp.bind((address, 53))
        serve[udp] = server.serve_udp
        tcp = socket.socket(family, socket.SOCK_STREAM)
        tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        tcp.bind((address, 53))
        tcp.listen(20)
        serve[tcp] = server.serve_tcp
    return serve


def main():
    with open(sys.argv[1]) as text:
        settings = json.load(text)
    serve = open_sockets(settings["listen"], NameServer(settings))
    print("ready", flush=True)
    while True:
        for s in select.select(list(serve), [], [])[0]:
            try:
                serve[s](s)
            except Exception as error:  # one bad query must not end the server
                print(repr(error), file=sys.stderr, flush=True)


main()
