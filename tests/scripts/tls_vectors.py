#!/usr/bin/python3
"""Prints protected TLS records with their keys and what is in them, for tests/unit/decode/tls_opener_test.c: handshakes of
OpenSSL with itself, in memory. The lines:
    # COMMENT
    case NAME
    suite VERSION SUITE [etm]         numbers in hex
    random CLIENT SERVER
    key LINE                          of a key log
    text C ALL                        application data of this side together
    open SIDE TYPE VERSION BODY = TYPE PLAIN
"open ... = -": what is in it is not known, but it opens.

usage: tls_vectors.py >tests/unit/decode/tls_vectors.txt"""
import os
import select
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time
import warnings

NO_ENCRYPT_THEN_MAC = 1 << 19
TLS = ssl.TLSVersion
LINES = {"C": [b"EHLO client.example\r\n", b"MAIL FROM:<a@example.com>\r\n"],
         "S": [b"250 mx.example\r\n", b"250 2.1.0 Ok\r\n"]}
REPEATED = {"tls13-aes128-gcm": 12, "tls12-aes128-gcm": 12, "tls10-aes256-cbc-sha": 12}  # dialogues long enough for gaps
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

    def talk(self, n):
        for side, other in (("C", "S"), ("S", "C")):
            for i, line in enumerate(LINES[side] * n):
                self.ends[side].write(b"%d " % i + line)
                self.move(side, b"%d " % i + line)
                self.ends[other].read()


def show(name, seen, keylog, text=None):
    """seen: side, type, version, body and plain text (or None) of each record. A second handshake is not looked for."""
    client_random = next(body for side, kind, _, body, _ in seen if kind == 22 and side == "C")[6:38]
    first_of_server = next(body for side, kind, _, body, _ in seen if kind == 22 and side == "S")
    after = 39 + first_of_server[38]
    suite = int.from_bytes(first_of_server[after:after + 2], "big")
    is_etm = b"\x00\x16\x00\x00" in first_of_server[after + 3:first_of_server[3] + (first_of_server[2] << 8) + 4]
    version = 0x304 if suite >> 8 == 0x13 else int.from_bytes(first_of_server[4:6], "big")
    print("case", name)
    print("suite %04x %04x%s" % (version, suite, " etm" if is_etm else ""))
    print("random", client_random.hex(), first_of_server[6:38].hex())
    for line in keylog.splitlines():
        if client_random.hex() in line and not line.startswith("EXPORTER"):
            print("key", line)
    is_protected = {"C": False, "S": False}
    for side, kind, record_version, body, plain in seen:
        if is_protected[side] and kind != 20:
            want = "%d %s" % (kind, plain.hex()) if plain is not None else "-"
            print("open %s %d %04x %s = %s" % (side, kind, record_version, body.hex(), want))
        is_protected[side] |= kind == 20 or (version == 0x304 and side == "S" and kind == 22)
    if text:
        print("text C", text.hex())
    print()


class Recorder(threading.Thread):
    """Lets one connection through, from a listening port to another port, and notes what each side sends."""

    def __init__(self, to_port):
        super().__init__(daemon=True)
        self.listener, self.to_port = socket.create_server(("127.0.0.1", 0)), to_port
        self.port, self.sent = self.listener.getsockname()[1], {"C": b"", "S": b""}

    def run(self):
        client, _ = self.listener.accept()
        server = socket.create_connection(("127.0.0.1", self.to_port))
        names = {client: ("C", server), server: ("S", client)}
        try:
            while names:
                for sock in select.select(list(names), [], [], 5)[0] or list(names):
                    side, other = names[sock]
                    data = sock.recv(65536)
                    self.sent[side] += data
                    if data:
                        other.sendall(data)
                    else:
                        del names[sock]
                        names and other.shutdown(socket.SHUT_WR)
        except OSError:  # one of them did not wait for the end
            pass

    def seen(self):
        return [(side, *record, None) for side in "SC" for record in records(self.sent[side])]


def client_of_openssl(folder, port, lines, *options):
    """Lines that are one letter are orders to s_client, as are those that begin with Q or R."""
    client = subprocess.Popen(["openssl", "s_client", "-connect", "127.0.0.1:%d" % port, "-keylogfile", folder + "/keylog",
                               "-tls1_3", *options], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL)
    for line in lines:
        time.sleep(0.3)
        client.stdin.write(line)
        client.stdin.flush()
    time.sleep(0.3)
    client.stdin.close()
    client.wait(5)


def show_programs(name, folder, lines, server_options, *client_options, text=b""):
    """One connection of openssl's programs; the client's text is told as a whole: first `text`, then the lines."""
    server = subprocess.Popen(["openssl", "s_server", "-accept", "127.0.0.1:0", "-cert", folder + "/cert", "-key",
                               folder + "/key", "-tls1_3", *server_options], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL)
    try:
        port = next(int(line.rsplit(b":", 1)[1]) for line in server.stdout if line.startswith(b"ACCEPT"))
        if client_options:  # a first connection, for a ticket
            client_of_openssl(folder, port, [b"hello\n"], "-sess_out", folder + "/session")
        recorder = Recorder(port)
        recorder.start()
        client_of_openssl(folder, recorder.port, lines, *client_options)
        recorder.join(5)
    finally:
        server.kill()
        server.wait()
        server.stdout.close()
    with open(folder + "/keylog") as f:
        show(name, recorder.seen(), f.read(), text + b"".join(line for line in lines if len(line) > 2))


def make_programs():
    lines = [b"EHLO client.example\n", b"MAIL FROM:<a@example.com>\n", b"rcpt to:<b@example.com>\n"]
    with tempfile.TemporaryDirectory() as folder:
        make_certificate(folder)
        with open(folder + "/early", "wb") as f:
            f.write(b"early data\n")
        show_programs("tls13-key-updates", folder, [lines[0], b"k\n", lines[1], b"K\n", lines[2], b"K\n", lines[0]], ["-rev"])
        show_programs("tls13-early-data", folder, lines, ["-early_data"], "-sess_in", folder + "/session", "-early_data",
                      folder + "/early", text=b"early data\n")
        make_gnutls(folder)


GNUTLS_CASES = [  # what Debian's OpenSSL does not negotiate any more
    ("tls12-rc4-sha", "+VERS-TLS1.2:+ARCFOUR-128:+SHA1:+RSA"),
    ("tls10-rc4-md5", "+VERS-TLS1.0:+ARCFOUR-128:+MD5:+RSA"),
    ("tls12-3des-cbc-sha-etm", "+VERS-TLS1.2:+3DES-CBC:+SHA1:+RSA"),
    ("tls10-3des-cbc-sha", "+VERS-TLS1.0:+3DES-CBC:+SHA1:+RSA:%NO_ETM"),
]


def serve_gnutls(gnutls, listener, priority, credentials):
    c = gnutls.Connection(listener.accept()[0], True, priority, credentials)
    c.handshake()
    for line in LINES["S"]:
        c.receive()
        c.send(line)
    c.close()


def make_gnutls(folder):
    os.environ["SSLKEYLOGFILE"] = folder + "/keylog.gnutls"
    import gnutls_library as gnutls
    import tls_matrix
    tls_matrix.make_files(folder)
    ends = [gnutls.Credentials(is_server, folder) for is_server in (True, False)]
    for name, words in GNUTLS_CASES:
        priority = "NONE:+COMP-NULL:+SIGN-ALL:+GROUP-ALL:%VERIFY_ALLOW_BROKEN:" + words
        listener = socket.create_server(("127.0.0.1", 0))
        server = threading.Thread(target=serve_gnutls, args=(gnutls, listener, priority, ends[0]))
        recorder = Recorder(listener.getsockname()[1])
        server.start()
        recorder.start()
        c = gnutls.Connection(socket.create_connection(("127.0.0.1", recorder.port)), False, priority, ends[1])
        c.handshake()
        for line in LINES["C"]:
            c.send(line)
            c.receive()
        c.close()
        server.join(5)
        recorder.join(5)
        with open(os.environ["SSLKEYLOGFILE"]) as f:
            show(name, recorder.seen(), f.read(), b"".join(LINES["C"]))


def make_certificate(folder):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder + "/key", "-out",
                    folder + "/cert", "-subj", "/CN=mx.example", "-days", "2"], check=True, capture_output=True)


def make(name, version, ciphers, options):
    with tempfile.TemporaryDirectory() as folder:
        make_certificate(folder)
        wire = Wire(version, ciphers, options, folder)
        wire.handshake()
        wire.talk(REPEATED.get(name, 1))
        with open(folder + "/keylog") as f:
            show(name, wire.seen, f.read())


def main():
    warnings.simplefilter("ignore", DeprecationWarning)  # old versions are what this is for
    if len(sys.argv) == 1:
        make_programs()
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
