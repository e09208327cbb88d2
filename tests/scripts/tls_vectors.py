#!/usr/bin/python3
"""Prints protected TLS records with their keys and what is in them, for tests/unit/decode/tls_opener_test.c: handshakes of
OpenSSL with itself, in memory. The lines:
    # COMMENT
    case NAME
    suite VERSION SUITE [etm]         numbers in hex
    random CLIENT SERVER
    key LINE                          of a key log
    open SIDE TYPE VERSION BODY = TYPE PLAIN
"open ... = -": what is in it is not known, but it opens.

usage: tls_vectors.py >tests/unit/decode/tls_vectors.txt"""
import os
import ssl
import struct
import subprocess
import sys
import tempfile
import warnings

NO_ENCRYPT_THEN_MAC = 1 << 19
TLS = ssl.TLSVersion
LINES = {"C": [b"EHLO client.example\r\n", b"MAIL FROM:<a@example.com>\r\n"],
         "S": [b"250 mx.example\r\n", b"250 2.1.0 Ok\r\n"]}
CASES = [  # name, version, ciphers, options
    ("tls13-aes128-gcm", TLS.TLSv1_3, "TLS_AES_128_GCM_SHA256", 0),
    ("tls13-aes256-gcm", TLS.TLSv1_3, "TLS_AES_256_GCM_SHA384", 0),
    ("tls13-chacha20", TLS.TLSv1_3, "TLS_CHACHA20_POLY1305_SHA256", 0),
    ("tls13-aes128-ccm", TLS.TLSv1_3, "TLS_AES_128_CCM_SHA256", 0),
    ("tls13-aes128-ccm8", TLS.TLSv1_3, "TLS_AES_128_CCM_8_SHA256", 0),
    ("tls12-aes128-gcm", TLS.TLSv1_2, "ECDHE-RSA-AES128-GCM-SHA256", 0),
    ("tls12-aes256-gcm", TLS.TLSv1_2, "ECDHE-RSA-AES256-GCM-SHA384", 0),
    ("tls12-aria128-gcm", TLS.TLSv1_2, "ECDHE-ARIA128-GCM-SHA256", 0),
    ("tls12-chacha20", TLS.TLSv1_2, "ECDHE-RSA-CHACHA20-POLY1305", 0),
    ("tls12-aes128-ccm", TLS.TLSv1_2, "AES128-CCM", 0),
    ("tls12-aes256-ccm8", TLS.TLSv1_2, "AES256-CCM8", 0),
    ("tls12-aes128-cbc-sha256-etm", TLS.TLSv1_2, "ECDHE-RSA-AES128-SHA256", 0),
    ("tls12-aes256-cbc-sha384", TLS.TLSv1_2, "ECDHE-RSA-AES256-SHA384", NO_ENCRYPT_THEN_MAC),
    ("tls12-camellia256-cbc-sha-etm", TLS.TLSv1_2, "CAMELLIA256-SHA", 0),
    ("tls12-null-sha256", TLS.TLSv1_2, "NULL-SHA256", 0),
    ("tls11-aes128-cbc-sha", TLS.TLSv1_1, "AES128-SHA", NO_ENCRYPT_THEN_MAC),
    ("tls11-aes128-cbc-sha-etm", TLS.TLSv1_1, "AES128-SHA", 0),
    ("tls10-aes256-cbc-sha", TLS.TLSv1, "AES256-SHA", NO_ENCRYPT_THEN_MAC),
    ("tls10-aes256-cbc-sha-etm", TLS.TLSv1, "AES256-SHA", 0),
    ("tls10-camellia128-cbc-sha", TLS.TLSv1, "CAMELLIA128-SHA", NO_ENCRYPT_THEN_MAC),
    ("tls10-null-md5", TLS.TLSv1, "NULL-MD5", 0),
]


def context(side, version, ciphers, options, folder):
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT if side == "C" else ssl.PROTOCOL_TLS_SERVER)
    c.check_hostname, c.verify_mode = False, ssl.CERT_NONE
    c.set_ciphers(("ALL" if version == TLS.TLSv1_3 else ciphers) + ":@SECLEVEL=0")
    c.minimum_version = c.maximum_version = version
    c.options |= options | ssl.OP_NO_TICKET
    if side == "S":
        c.load_cert_chain(folder + "/cert", folder + "/key")
        c.num_tickets = 0
    else:
        c.keylog_filename = folder + "/keylog"
    return c


def records(data):
    while data:
        kind, version, length = struct.unpack(">BHH", data[:5])
        yield kind, version, data[5:5 + length]
        data = data[5 + length:]


class Wire:
    """Both ends, and all records that went between them."""

    def __init__(self, version, ciphers, options, folder):
        self.ends, self.seen = {}, []
        bios = [ssl.MemoryBIO(), ssl.MemoryBIO()]
        self.bios = {"C": bios[1], "S": bios[0]}  # what each side wrote
        self.ends["C"] = context("C", version, ciphers, options, folder).wrap_bio(bios[0], bios[1])
        self.ends["S"] = context("S", version, ciphers, options, folder).wrap_bio(bios[1], bios[0], server_side=True)

    def move(self, side, plain=None):
        """Notes what a side has written, and leaves it for the other one to read."""
        data = self.bios[side].read()
        found = list(records(data))
        for kind, version, body in found[:-1]:  # before data, TLS 1.0 sends an empty record
            self.seen.append((side, kind, version, body, None))
        for kind, version, body in found[-1:]:
            self.seen.append((side, kind, version, body, plain))
        self.bios[side].write(data)

    def handshake(self):
        done = set()
        while len(done) < 2:
            for side in "CS":
                try:
                    self.ends[side].do_handshake()
                    done.add(side)
                except ssl.SSLWantReadError:
                    pass
                self.move(side)

    def talk(self):
        for side, other in (("C", "S"), ("S", "C")):
            for line in LINES[side]:
                self.ends[side].write(line)
                self.move(side, line)
                self.ends[other].read()


def show(name, wire, keylog):
    hello = [body for side, kind, _, body, _ in wire.seen if kind == 22]
    client_random = hello[0][6:38]
    first_of_server = next(body for side, kind, _, body, _ in wire.seen if kind == 22 and side == "S")
    after = 39 + first_of_server[38]
    suite = int.from_bytes(first_of_server[after:after + 2], "big")
    is_etm = b"\x00\x16\x00\x00" in first_of_server[after + 3:first_of_server[3] + (first_of_server[2] << 8) + 4]
    version = {"TLSv1.3": 0x304, "TLSv1.2": 0x303, "TLSv1.1": 0x302, "TLSv1": 0x301}[wire.ends["C"].version()]
    print("case", name)
    print("suite %04x %04x%s" % (version, suite, " etm" if is_etm else ""))
    print("random", client_random.hex(), first_of_server[6:38].hex())
    for line in keylog.splitlines():
        if not line.startswith(("#", "EXPORTER")):
            print("key", line)
    is_protected = {"C": False, "S": False}
    for side, kind, record_version, body, plain in wire.seen:
        if is_protected[side] and kind != 20:
            want = "%d %s" % (kind, plain.hex()) if plain is not None else "-"
            print("open %s %d %04x %s = %s" % (side, kind, record_version, body.hex(), want))
        is_protected[side] |= kind == 20 or (version == 0x304 and side == "S" and kind == 22)
    print()


def make(name, version, ciphers, options):
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:1024", "-nodes", "-keyout", folder + "/key", "-out",
                        folder + "/cert", "-subj", "/CN=mx.example", "-days", "2"], check=True, capture_output=True)
        wire = Wire(version, ciphers, options, folder)
        wire.handshake()
        wire.talk()
        with open(folder + "/keylog") as f:
            show(name, wire, f.read())


def main():
    warnings.simplefilter("ignore", DeprecationWarning)  # old versions are what this is for
    for case in CASES:
        if len(sys.argv) > 1 and case[0] == sys.argv[1]:
            make(*case)
        if len(sys.argv) == 1:  # each in a process of its own: suites of TLS 1.3 can be chosen in a configuration only
            with tempfile.NamedTemporaryFile("w") as f:
                f.write("openssl_conf=a\n[a]\nssl_conf=b\n[b]\nsystem_default=c\n[c]\nCiphersuites=%s\n"
                        % (case[2] if case[1] == TLS.TLSv1_3 else ""))
                f.flush()
                subprocess.run([sys.executable, sys.argv[0], case[0]], check=True, env=dict(os.environ, OPENSSL_CONF=f.name))


if __name__ == "__main__":
    main()
