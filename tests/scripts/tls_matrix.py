#!/usr/bin/python3
"""Records one SMTP session inside TLS for every cipher suite and version that OpenSSL (s_server and s_client, port 465)
and GnuTLS (port 587 with STARTTLS) still negotiate with themselves, everything old allowed, and reads all of them with
smtptrace -k. Prints a table; the exit status is 1 when a session is not decrypted that this OpenSSL could decrypt.

usage: tls_matrix.py PROGRAM [--keep FOLDER] [--only TEXT]      as root: it makes a network namespace of its own"""
import argparse
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time

GREETING = b"220 mx.example ESMTP\r\n"
NOT_IN_OPENSSL = re.compile("CAMELLIA_(128|256)_GCM|GOST|SM4")  # by EVP of OpenSSL 3.0
VERSIONS = ("1.0", "1.1", "1.2", "1.3")
COMMANDS = (b"EHLO %s.example\r\n", b"MAIL FROM:<%s@example.com>\r\n", b"quit\r\n")  # in capitals it would be a command to s_client
REPLIES = (b"250 mx.example\r\n", b"550 5.7.1 no mail for %s\r\n", b"221 2.0.0 Bye\r\n")
PSK = "00112233445566778899aabbccddeeff"


class Case:
    def __init__(self, library, suite, version, variant, how):
        self.library, self.suite, self.version, self.variant, self.how = library, suite, version, variant, how
        self.result = "-"  # not negotiated; later what smtptrace made of it

    def name(self):
        return "%s %s %s%s" % (self.library, self.suite, self.version, self.variant)


def run(*argv, **more):
    return subprocess.run(argv, check=True, capture_output=True, text=True, **more).stdout


def make_files(folder):
    for name, how in (("rsa", ["rsa:2048"]), ("ec", ["ec", "-pkeyopt", "ec_paramgen_curve:P-256"])):
        run("openssl", "req", "-x509", "-newkey", *how, "-nodes", "-keyout", folder + "/%s.key" % name, "-out",
            folder + "/%s.pem" % name, "-subj", "/CN=mx.example", "-days", "2")
    run("openssl", "dsaparam", "-genkey", "-out", folder + "/dsa.key", "1024")
    run("openssl", "req", "-x509", "-new", "-key", folder + "/dsa.key", "-out", folder + "/dsa.pem", "-subj",
        "/CN=mx.example", "-days", "2")
    with open(folder + "/psk", "w") as f:
        f.write("user:%s\n" % PSK)
    run("srptool", "--create-conf", folder + "/srp.conf")
    subprocess.run(["srptool", "--passwd", folder + "/srp.pwd", "--passwd-conf", folder + "/srp.conf", "-u", "user"],
                   input="password\n", check=True, capture_output=True, text=True)
    open(folder + "/srp.openssl", "w").close()
    subprocess.run(["openssl", "srp", "-srpvfile", folder + "/srp.openssl", "-add", "-passout", "pass:password", "user"],
                   check=True, capture_output=True)


# OpenSSL: a server and a client program, their standard input and output in our hands

def openssl_cases():
    for version, flag in (("1.0", "-tls1"), ("1.1", "-tls1_1"), ("1.2", "-tls1_2")):
        listing = run("openssl", "ciphers", "-s", "-v", flag, "-psk", "-srp", "-stdname", "ALL:COMPLEMENTOFALL:@SECLEVEL=0")
        for line in listing.splitlines():
            words = line.split()
            how = [flag, "-cipher", words[2] + ":@SECLEVEL=0"]
            yield Case("OpenSSL", words[0], version, "", (how, words[5][3:], words[4][3:]))
            if "Mac=AEAD" not in words and "Enc=None" not in words:
                yield Case("OpenSSL", words[0], version, " no-etm", (how + ["-no_etm"], words[5][3:], words[4][3:]))
    for suite in ("AES_128_GCM_SHA256", "AES_256_GCM_SHA384", "CHACHA20_POLY1305_SHA256", "AES_128_CCM_SHA256",
                  "AES_128_CCM_8_SHA256"):
        how = ["-tls1_3", "-ciphersuites", "TLS_" + suite]
        yield Case("OpenSSL", "TLS_" + suite, "1.3", "", (how, "RSA", "any"))


def credentials(folder, authentication, exchange):
    """Options of the server, and of the client."""
    certificate = {"RSA": "rsa", "ECDSA": "ec", "DSS": "dsa"}.get(authentication)
    server = ["-cert", folder + "/%s.pem" % certificate, "-key", folder + "/%s.key" % certificate] if certificate else [
        "-nocert"]
    client = []
    if "PSK" in exchange:
        server += ["-psk", PSK]
        client += ["-psk", PSK]
    if exchange == "SRP":
        server += ["-srpvfile", folder + "/srp.openssl"]
        client += ["-srpuser", "user", "-srppass", "pass:password"]
    return server, client


def is_listening(port):
    with open("/proc/net/tcp") as f:
        return any(line.split()[1].endswith(":%04X" % port) and line.split()[3] == "0A" for line in f.readlines()[1:])


def wait_until(condition, seconds=5):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.005)
    return True


def read_line(pipe):
    """One line, or what came before the end."""
    data = b""
    while not data.endswith(b"\n"):
        piece = os.read(pipe.fileno(), 1)
        if not piece:
            return data
        data += piece
    return data


def talk_openssl(case, word, folder):
    options, authentication, exchange = case.how
    for_server, for_client = credentials(folder, authentication, exchange)
    pipes = dict(stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0)
    server = subprocess.Popen(["openssl", "s_server", "-quiet", "-accept", "127.0.0.1:465", "-naccept", "1", *options,
                               *for_server], **pipes)
    client = None
    try:
        if not wait_until(lambda: is_listening(465)):
            return False
        client = subprocess.Popen(["openssl", "s_client", "-quiet", "-no_ign_eof", "-connect", "127.0.0.1:465", "-keylogfile",
                                   folder + "/keylog", *options, *for_client], **pipes)
        stop = threading.Timer(5, lambda: (server.kill(), client.kill()))
        stop.start()
        server.stdin.write(GREETING)
        is_fine = read_line(client.stdout) == GREETING
        for command, reply in zip(COMMANDS, REPLIES) if is_fine else ():
            client.stdin.write(command.replace(b"%s", word))
            is_fine &= read_line(server.stdout)[:4] == command[:4]
            server.stdin.write(reply.replace(b"%s", word))
            is_fine &= read_line(client.stdout).startswith(reply[:3])
        stop.cancel()
        return is_fine
    except OSError:
        return False
    finally:
        for process in (client, server):
            if process:
                process.stdin.close()
                try:
                    process.wait(1)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
                process.stdout.close()


# GnuTLS: both ends in this process

def gnutls_cases(gnutls, names):
    for number, exchange, cipher, mac, oldest in gnutls.suites():
        suite = names.get(number, "%04X" % number)
        if not oldest or oldest.startswith("DTLS"):
            continue
        first = max(VERSIONS.index(oldest[3:]) if oldest[3:] in VERSIONS else 0, 0)
        for version in VERSIONS[first:] if exchange else ["1.3"]:
            if exchange and version == "1.3":
                continue
            how = "NONE:+VERS-TLS%s:+%s:+%s:%s+SIGN-ALL:+SIGN-RSA-SHA1:+SIGN-DSA-SHA1:+SIGN-ECDSA-SHA1:+SIGN-DSA-SHA256" \
                  ":+GROUP-ALL:+COMP-NULL:%%VERIFY_ALLOW_BROKEN:%%PROFILE_VERY_WEAK" % (
                      version, cipher, mac, "+%s:" % exchange if exchange else "")
            yield Case("GnuTLS", suite, version, "", how)
            if cipher.endswith("CBC"):
                yield Case("GnuTLS", suite, version, " no-etm", how + ":%NO_ETM")


class GnutlsServer(threading.Thread):
    """Takes one connection, speaks plain until STARTTLS, then the dialogue."""

    def __init__(self, gnutls, listener, priority, word, own):
        super().__init__()
        self.gnutls, self.listener, self.priority, self.word, self.own = gnutls, listener, priority, word, own
        self.is_fine = False

    def run(self):
        sock, _ = self.listener.accept()
        sock.settimeout(5)
        try:
            sock.sendall(GREETING)
            for reply in (b"250-mx.example\r\n250 STARTTLS\r\n", b"220 2.0.0 go ahead\r\n"):
                sock.recv(4096)
                sock.sendall(reply)
            sock.settimeout(None)
            c = self.gnutls.Connection(sock, True, self.priority, self.own)
            c.handshake()
            for reply in REPLIES:
                c.receive()
                c.send(reply.replace(b"%s", self.word))
            self.is_fine = True
            c.close()
        except (OSError, self.gnutls.Failed):
            sock.close()


def talk_gnutls(gnutls, listener, case, word, of_server, of_client):
    server = GnutlsServer(gnutls, listener, case.how, word, of_server)
    server.start()
    sock = socket.create_connection(("127.0.0.1", 587), 5)
    try:
        for command in (b"EHLO plain.example\r\n", b"STARTTLS\r\n"):
            sock.recv(4096)
            sock.sendall(command)
        sock.recv(4096)
        sock.settimeout(None)
        c = gnutls.Connection(sock, False, case.how, of_client)
        c.handshake()
        for command in COMMANDS:
            c.send(command.replace(b"%s", word))
            c.receive()
        c.close()
    except (OSError, gnutls.Failed) as e:
        case.why = str(e)
        sock.close()
    server.join(10)
    return server.is_fine


def record(cases, gnutls, folder):
    """Talks all cases while tcpdump looks; those that worked have a word of their own in their dialogue."""
    listener = socket.create_server(("127.0.0.1", 587))
    of_server, of_client = (gnutls.Credentials(is_server, folder) for is_server in (True, False))
    dump = subprocess.Popen(["tcpdump", "-i", "lo", "-s", "0", "-U", "-w", folder + "/matrix.pcap", "tcp"],
                            stderr=subprocess.PIPE)
    dump.stderr.readline()  # it listens now
    for i, case in enumerate(cases):
        word = b"case%d" % i
        if case.library == "OpenSSL":
            is_fine = talk_openssl(case, word, folder)
        else:
            is_fine = talk_gnutls(gnutls, listener, case, word, of_server, of_client)
        case.result = "recorded" if is_fine else "-"
    time.sleep(1)
    dump.terminate()
    dump.wait()


def judge(cases, program, folder):
    done = subprocess.run([program, "--format", "json", "-k", folder + "/keylog", folder + "/matrix.pcap"],
                          capture_output=True, text=True, check=False)
    if done.returncode not in (0, 1):
        sys.exit("%s: exit status %d: %s" % (program, done.returncode, done.stderr))
    seen = {}
    for session in json.loads(done.stdout)["sessions"]:
        word = (session["smtp"]["ehlo"] or "").split(".")[0]
        seen[word] = session
    for i, case in enumerate(cases):
        session = seen.get("case%d" % i)
        if case.result == "-":
            continue
        case.result = "closed"
        if session and session["tls"] and session["tls"].get("decrypted"):
            codes = [r["code"] for r in session["replies"]][-3:]
            texts = " ".join(r["text"] or "" for r in session["replies"])
            case.result = "ok" if codes == [250, 550, 221] and "case%d" % i in texts else "wrong"
            if case.suite != session["tls"]["cipher"]:
                case.result = "cipher?"


def print_table(cases):
    columns = [(library, version) for library in ("OpenSSL", "GnuTLS") for version in VERSIONS]
    rows = {}
    for case in cases:
        rows.setdefault(case.suite + case.variant, {})[case.library, case.version] = case.result
    print("%-52s" % "suite" + "".join("%9s" % (library[:3] + " " + version) for library, version in columns))
    for suite in sorted(rows):
        print("%-52s" % suite + "".join("%9s" % rows[suite].get(column, "") for column in columns))


def cipher_names():
    text = open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../decode/tls_suites.def")).read()
    return {int(number, 16): name for number, name in re.findall(r'SUITE\(0x(\w+), "(\w+)"\)', text)}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--keep", metavar="FOLDER")
    parser.add_argument("--only", metavar="TEXT", default="")
    o = parser.parse_args()
    if os.environ.get("TLS_MATRIX_INSIDE") != "1":
        os.execvpe("unshare", ["unshare", "-n", sys.executable, "-B", *sys.argv], dict(os.environ, TLS_MATRIX_INSIDE="1"))
    run("ip", "link", "set", "lo", "up")
    with tempfile.TemporaryDirectory() as folder:
        folder = o.keep or folder
        os.makedirs(folder, exist_ok=True)
        os.environ["SSLKEYLOGFILE"] = folder + "/keylog"
        import gnutls_library as gnutls
        make_files(folder)
        cases = [c for c in (*openssl_cases(), *gnutls_cases(gnutls, cipher_names())) if o.only in c.name()]
        record(cases, gnutls, folder)
        judge(cases, o.program, folder)
    print_table(cases)
    recorded = [c for c in cases if c.result != "-"]
    bad = [c for c in recorded if c.result != "ok" and not NOT_IN_OPENSSL.search(c.suite)]
    for case in bad:
        print("not decrypted: %s: %s" % (case.name(), case.result))
    print("tls_matrix: %d combinations, %d negotiated, %d decrypted, %d not in OpenSSL, %d failed" % (
        len(cases), len(recorded), sum(c.result == "ok" for c in cases),
        sum(c.result != "ok" for c in recorded) - len(bad), len(bad)))
    sys.exit(1 if bad or not recorded else 0)


if __name__ == "__main__":
    main()
