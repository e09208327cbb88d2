#!/usr/bin/python3
"""Servers for behaviour that no real mail server can be asked to show.

usage: scripted_server.py SETTINGS.json
  listen    [address, port]
  mode      script   greeting, replies [[regular expression, reply]] (the first match wins; "!close" closes),
                     greet_delay_s, close_after (regular expression), tls_pem (certificate for STARTTLS),
                     tls_old (TLS 1.0 and later, at the usual security level), tls_client_ca (the client must have a
                     certificate of it), tls_close (reads the first bytes after STARTTLS and closes)
            tarpit   the same, one byte per interval_s, tiny receive window
            proxy    HTTP CONNECT proxy;  socks5   SOCKS5 proxy;  deny_ports: ports that they refuse
"""
import json
import re
import socket
import ssl
import struct
import sys
import threading
import time


def lines_of(s):
    buffer = b""
    while True:
        while b"\n" not in buffer:
            data = s.recv(4096)
            if not data:
                return
            buffer += data
        line, buffer = buffer.split(b"\n", 1)
        yield line.rstrip(b"\r").decode("latin-1")


def pump(source, target):
    try:
        while True:
            data = source.recv(65536)
            if not data:
                break
            target.sendall(data)
    except OSError:
        pass
    try:
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def pump_both(a, b):
    thread = threading.Thread(target=pump, args=(a, b), daemon=True)
    thread.start()
    pump(b, a)
    thread.join(20)
    a.close()
    b.close()


class ScriptedServer:
    def __init__(self, settings):
        self.settings = settings

    def say(self, s, text):
        if self.settings["mode"] != "tarpit":
            s.sendall(text.encode())
            return
        for byte in text.encode():
            s.sendall(bytes([byte]))
            time.sleep(self.settings.get("interval_s", 1))

    def reply_to(self, line):
        """The expression that matches and its reply."""
        for expression, reply in self.settings["replies"]:
            if re.search(expression, line, re.I):
                return expression, reply
        return None, "502 5.5.2 Error: command not recognized\r\n"

    def context(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.settings["tls_pem"])
        if self.settings.get("tls_old"):
            context.minimum_version = ssl.TLSVersion.TLSv1
        if self.settings.get("tls_client_ca"):
            context.load_verify_locations(self.settings["tls_client_ca"])
            context.verify_mode = ssl.CERT_REQUIRED
        return context

    def script(self, s):
        time.sleep(self.settings.get("greet_delay_s", 0))
        if self.settings.get("greeting"):
            self.say(s, self.settings["greeting"])
        lines, in_message = lines_of(s), False
        for line in iter(lambda: next(lines, None), None):
            if in_message and line != ".":
                continue
            line = "<EOM>" if in_message else line
            expression, reply = self.reply_to(line)
            if reply.startswith("!close"):
                break
            self.say(s, reply)
            in_message = reply.startswith("354")
            if expression == "STARTTLS" and self.settings.get("tls_close"):
                s.recv(4096)
                break
            if expression == "STARTTLS" and self.settings.get("tls_pem"):
                s = self.context().wrap_socket(s, server_side=True)
                lines = lines_of(s)
            close_after = self.settings.get("close_after")
            if line.upper().startswith("QUIT") or close_after and re.search(close_after, line, re.I):
                break
        s.close()

    tarpit = script

    def refuse(self, s, status, body=b""):
        head = b"HTTP/1.1 %s\r\nVia: 1.1 proxy.example.com\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
        s.sendall(head % (status, len(body)) + body)
        s.close()

    def proxy(self, s):
        request = b""
        while b"\r\n\r\n" not in request:
            data = s.recv(4096)
            if not data:
                return
            request += data
        target = re.match(rb"CONNECT ([^ :]+):(\d+) HTTP/1", request)
        if not target:
            self.refuse(s, b"400 Bad Request")
            return
        host, port = target.group(1).decode(), int(target.group(2))
        if port in self.settings.get("deny_ports", []):
            self.refuse(s, b"403 Forbidden", b"<html><h1>Access Denied</h1>port not allowed by policy</html>")
            return
        try:
            upstream = socket.create_connection((host, port), 10)
        except OSError:
            self.refuse(s, b"503 Service Unavailable")
            return
        upstream.settimeout(None)
        s.sendall(b"HTTP/1.1 200 Connection established\r\nVia: 1.1 proxy.example.com\r\n\r\n")
        pump_both(s, upstream)

    def socks5(self, s):
        _, n_methods = s.recv(2)
        s.recv(n_methods)
        s.sendall(b"\5\0")
        kind = s.recv(4)[3]
        if kind == 3:
            host = s.recv(s.recv(1)[0]).decode()
        else:
            family, length = (socket.AF_INET, 4) if kind == 1 else (socket.AF_INET6, 16)
            host = socket.inet_ntop(family, s.recv(length))
        port = struct.unpack("!H", s.recv(2))[0]
        if port in self.settings.get("deny_ports", []):
            s.sendall(b"\5\2\0\1" + bytes(6))
            s.close()
            return
        upstream = socket.create_connection((host, port), 10)
        upstream.settimeout(None)
        s.sendall(b"\5\0\0\1" + bytes(6))
        pump_both(s, upstream)

    def serve(self, s):
        try:
            getattr(self, self.settings["mode"])(s)
        except Exception as error:  # one bad session must not end the server
            print(repr(error), file=sys.stderr, flush=True)


def main():
    with open(sys.argv[1]) as text:
        server = ScriptedServer(json.load(text))
    address, port = server.settings["listen"]
    listener = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if server.settings["mode"] == "tarpit":
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
    listener.bind((address, port))
    listener.listen(50)
    print("ready", flush=True)
    while True:
        s, _ = listener.accept()
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=server.serve, args=(s,), daemon=True).start()


main()
