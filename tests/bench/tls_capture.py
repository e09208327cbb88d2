#!/usr/bin/python3
"""Makes a capture of one mail inside TLS 1.3 with AES-128-GCM, port 465, and its key log: OpenSSL with itself in memory.

usage: tls_capture.py MEGABYTES FOLDER      writes FOLDER/mail.pcap and FOLDER/mail.keys"""
import os
import ssl
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "scripts"))
import packets  # noqa: E402

CLIENT, SERVER = ("192.0.2.10", 40000), ("198.51.100.25", 465)
MSS, PIECE = 1448, 1 << 20
TEXT = (b"The quick brown fox jumps over the lazy dog, and once more for the bench\r\n" * (PIECE // 74 + 1))[:PIECE // 74 * 74]


class Line:
    """Segments of both sides, each acknowledged by the next of the other one."""

    def __init__(self):
        self.now, self.found, self.next = 1700000000.0, [], {"C": 1000, "S": 2000}
        for side, flags in (("C", packets.SYN), ("S", packets.SYN | packets.ACK)):
            self.put(side, flags)
            self.next[side] += 1
        self.put("C", packets.ACK)

    def put(self, side, flags, data=b""):
        (source, target), other = ((CLIENT, SERVER), "S") if side == "C" else ((SERVER, CLIENT), "C")
        numbers = self.next[side], self.next[other] if flags & packets.ACK else 0
        segment = packets.tcp(source[0], target[0], (source[1], target[1]), numbers, flags, 65535, data=data)
        self.found.append((self.now, packets.ip(source[0], target[0], packets.TCP, segment, 64, len(self.found))))
        self.next[side] += len(data)
        self.now += 1e-5

    def send(self, side, data):
        for i in range(0, len(data), MSS):
            self.put(side, packets.ACK | packets.PSH, data[i:i + MSS])
            if i // MSS % 2:
                self.put("S" if side == "C" else "C", packets.ACK)


class Mail:
    def __init__(self, folder):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder + "/key", "-out",
                        folder + "/cert", "-subj", "/CN=mx.example", "-days", "2"], check=True, capture_output=True)
        server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        server.load_cert_chain(folder + "/cert", folder + "/key")
        client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
        client.keylog_filename = folder + "/mail.keys"
        to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.line, self.out = Line(), {"C": to_server, "S": to_client}
        self.ends = {"C": client.wrap_bio(to_client, to_server), "S": server.wrap_bio(to_server, to_client, server_side=True)}

    def flush(self, side):
        data = self.out[side].read()
        self.line.send(side, data)
        self.out[side].write(data)

    def handshake(self):
        for side in "CSCS":
            try:
                self.ends[side].do_handshake()
            except ssl.SSLWantReadError:
                pass
            self.flush(side)
        if self.ends["C"].cipher()[0] != "TLS_AES_128_GCM_SHA256":
            sys.exit("the cipher is %s" % self.ends["C"].cipher()[0])

    def say(self, side, data):
        self.ends[side].write(data)
        self.flush(side)
        other, left = self.ends["S" if side == "C" else "C"], len(data)
        while left > 0:
            left -= len(other.read(left))


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    megabytes, folder = int(sys.argv[1]), sys.argv[2]
    conf = folder + "/openssl.cnf"
    if os.environ.get("OPENSSL_CONF") != conf:  # suites of TLS 1.3 can be chosen in a configuration only
        with open(conf, "w") as f:
            f.write("openssl_conf=a\n[a]\nssl_conf=b\n[b]\nsystem_default=c\n[c]\nCiphersuites=TLS_AES_128_GCM_SHA256\n")
        os.execve(sys.executable, [sys.executable, *sys.argv], dict(os.environ, OPENSSL_CONF=conf))
    mail = Mail(folder)
    mail.handshake()
    mail.say("S", b"220 mx.example\r\n")
    for command, reply in (("EHLO a.example", "250 mx.example"), ("MAIL FROM:<a@example.com>", "250 2.1.0 Ok"),
                           ("RCPT TO:<b@example.com>", "250 2.1.5 Ok"), ("DATA", "354 go on")):
        mail.say("C", command.encode() + b"\r\n")
        mail.say("S", reply.encode() + b"\r\n")
    mail.say("C", b"From: <a@example.com>\r\nSubject: a\r\n\r\n")
    for _ in range(megabytes):
        mail.say("C", TEXT)
    mail.say("C", b".\r\n")
    mail.say("S", b"250 2.0.0 Ok\r\n")
    packets.write_pcap(folder + "/mail.pcap", mail.line.found)


main()
