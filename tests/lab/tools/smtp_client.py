"""An SMTP client that can do the odd things smtplib will not. Commands return the text of the reply."""
import base64
import socket
import ssl
import struct
import time

VERSIONS = {"1.0": ssl.TLSVersion.TLSv1, "1.1": ssl.TLSVersion.TLSv1_1, "1.2": ssl.TLSVersion.TLSv1_2,
            "1.3": ssl.TLSVersion.TLSv1_3}
LINE = "The quick brown fox jumps over the lazy dog 0123456789 abcdefg.\r\n"


def tls_context(ca=None, keylog=None, minver=None, maxver=None, ciphers=None):
    """Verifies against ca, or not at all; keylog: file for the session keys."""
    context = ssl.create_default_context(cafile=ca) if ca else ssl._create_unverified_context()
    if ciphers:
        context.set_ciphers(ciphers)
    if minver:
        context.minimum_version = VERSIONS[minver]
    if maxver:
        context.maximum_version = VERSIONS[maxver]
    if keylog:
        context.keylog_filename = keylog
    return context


def message(n=600, sender="alice@example.com", to="bob@example.net"):
    """A message of about n bytes."""
    head = ("From: <%s>\r\nTo: <%s>\r\nSubject: lab message\r\nMessage-ID: <%d.lab@example.com>\r\n"
            "Date: Mon, 01 Jun 2026 10:00:00 +0000\r\n\r\n" % (sender, to, int(time.time() * 1e6)))
    return (head + LINE * (max(0, n - len(head)) // len(LINE) + 1)).encode()


def connect_through_http(proxy, host, port, timeout):
    s = socket.create_connection(proxy, timeout)
    target = "%s:%d" % (host, port)
    s.sendall(("CONNECT %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: mailer/1.0\r\n\r\n" % (target, target)).encode())
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += s.recv(1)
    if b" 200 " not in answer:
        raise OSError(answer.split(b"\r\n")[0].decode())
    return s


def connect_through_socks(proxy, host, port, timeout):
    s = socket.create_connection(proxy, timeout)
    s.sendall(b"\5\1\0")
    assert s.recv(2) == b"\5\0"
    s.sendall(b"\5\1\0\3" + bytes([len(host)]) + host.encode() + struct.pack("!H", port))
    answer = s.recv(10)
    if answer[1]:
        raise OSError("socks reply %d" % answer[1])
    return s


class Client:
    def __init__(self, host, port, timeout=15, proxy=None):
        """proxy: ("http" or "socks", host, port)"""
        self.host, self.buffer = host, b""
        if proxy:
            connect = connect_through_http if proxy[0] == "http" else connect_through_socks
            self.socket = connect(proxy[1:], host, port, timeout)
        else:
            self.socket = socket.create_connection((host, port), timeout)
        self.socket.settimeout(timeout)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def reply(self):
        lines = []
        while not lines or lines[-1][3:4] == "-":
            while b"\n" not in self.buffer:
                data = self.socket.recv(8192)
                if not data:
                    return "\n".join(lines) + "<EOF>"
                self.buffer += data
            line, self.buffer = self.buffer.split(b"\n", 1)
            lines.append(line.decode("utf-8", "replace").rstrip("\r"))
        return "\n".join(lines)

    def send(self, text):
        self.socket.sendall(text if isinstance(text, bytes) else (text + "\r\n").encode())

    def cmd(self, text):
        self.send(text)
        reply = self.reply()
        print(">", text[:70], "| <", reply.split("\n")[-1], flush=True)
        return reply

    def tls(self, context, name=None):
        self.socket = context.wrap_socket(self.socket, server_hostname=name or self.host)
        self.buffer = b""
        print("TLS", self.socket.version(), self.socket.cipher()[0], flush=True)

    def starttls(self, context, name=None, ehlo="client.example.com"):
        reply = self.cmd("STARTTLS")
        if reply[:3] != "220":
            return reply
        self.tls(context, name)
        return self.cmd("EHLO " + ehlo)

    def auth(self, user, password):
        token = base64.b64encode(b"\0" + user.encode() + b"\0" + password.encode()).decode()
        return self.cmd("AUTH PLAIN " + token)

    def mail(self, sender="alice@example.com", recipients=("bob@example.net",), n=600, params="", pause=None):
        """One transaction; pause: (bytes, function to call after so many bytes of the message)."""
        reply = self.cmd("MAIL FROM:<%s>%s" % (sender, params))
        if reply[0] != "2":
            return reply
        replies = [self.cmd("RCPT TO:<%s>" % recipient) for recipient in recipients]
        if not any(r[0] == "2" for r in replies):
            return replies[-1]
        reply = self.cmd("DATA")
        if reply[:3] != "354":
            return reply
        text = message(n, sender, recipients[0])
        if pause:
            self.send(text[:pause[0]])
            pause[1]()
            text = text[pause[0]:]
        self.send(text)
        self.send(b".\r\n")
        reply = self.reply()
        print("EOM <", reply, flush=True)
        return reply

    def quit(self):
        try:
            reply = self.cmd("QUIT")
        except (OSError, ValueError) as error:
            reply = repr(error)
        self.close()
        return reply

    def close(self):
        try:
            self.socket.close()
        except OSError:
            pass


def simple(host="mx1.example.net", port=25, tls=None, to=("bob@example.net",), n=600, user=None, pw=None, timeout=15,
           name=None, params="", proxy=None, ehlo="client.example.com", before=None):
    """One message, start to end; tls: None or ("starttls" or "implicit", context). Returns the last reply of note."""
    try:
        client = Client(host, port, timeout, proxy)
        if tls and tls[0] == "implicit":
            client.tls(tls[1], name)
        reply = client.reply()
        print("<", reply, flush=True)
        if reply[:3] != "220":
            client.close()
            return reply
        client.cmd("EHLO " + ehlo)
        if tls and tls[0] == "starttls":
            reply = client.starttls(tls[1], name)
        if before:
            reply = client.cmd(before)
        if reply[0] == "2" and user:
            reply = client.auth(user, pw)
        if reply[0] == "2":
            reply = client.mail("alice@example.com", to, n, params)
        client.quit()
        return reply
    except Exception as error:  # what goes wrong is what the scenario wants to record
        print("EXC", repr(error), flush=True)
        return repr(error)
