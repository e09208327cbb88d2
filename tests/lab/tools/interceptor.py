#!/usr/bin/python3
"""A transparent SMTP proxy for the middlebox; firewall rules redirect connections to it.

usage: interceptor.py SETTINGS.json
  listen           [[address, port], ..]
  mode             "strip", "tls", "tls-implicit" or "pass"
  pem, ciphers, maxver   of its own certificate and handshake
  drop_keywords    EHLO keywords that "strip" removes
  starttls_reply   its own reply to STARTTLS
  upstream         [address, port] instead of the original destination
  sni              name it asks the real server for
"""
import json
import re
import socket
import ssl
import struct
import sys
import threading

VERSIONS = {"1.0": ssl.TLSVersion.TLSv1, "1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
SO_ORIGINAL_DST = 80


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


class Lines:
    def __init__(self, s):
        self.socket, self.buffer = s, b""

    def line(self):
        while b"\n" not in self.buffer:
            data = self.socket.recv(4096)
            if not data:
                return b""
            self.buffer += data
        line, self.buffer = self.buffer.split(b"\n", 1)
        return line + b"\n"

    def reply(self):
        lines = [self.line()]
        while lines[-1][3:4] == b"-":
            lines.append(self.line())
        return lines


class Interceptor:
    def __init__(self, settings):
        self.settings = settings

    def server_context(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.settings["pem"])
        if self.settings.get("maxver"):
            context.maximum_version = VERSIONS[self.settings["maxver"]]
        if self.settings.get("ciphers"):
            context.set_ciphers(self.settings["ciphers"])
        return context

    def wrap_both(self, client, server):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        server = context.wrap_socket(server, server_hostname=self.settings.get("sni"))
        return self.server_context().wrap_socket(client, server_side=True), server

    def strip(self, reply):
        keywords = b"|".join(keyword.encode() for keyword in self.settings["drop_keywords"])
        kept = [line for line in reply if not re.match(rb"250[- ](%s)\b" % keywords, line, re.I)]
        return [line[:3] + b"-" + line[4:] for line in kept[:-1]] + [kept[-1][:3] + b" " + kept[-1][4:]]

    def relay_message(self, from_client, from_server, client, server):
        line = None
        while line not in (b".\r\n", b""):
            line = from_client.line()
            server.sendall(line)
        client.sendall(b"".join(from_server.reply()))

    def relay_commands(self, client, server):
        """Line by line, until TLS begins or one side ends."""
        from_client, from_server = Lines(client), Lines(server)
        client.sendall(b"".join(from_server.reply()))
        while True:
            command = from_client.line()
            verb = command.strip().upper()
            if not command:
                return False
            if verb == b"STARTTLS" and self.settings.get("starttls_reply"):
                client.sendall(self.settings["starttls_reply"].encode())
                continue
            server.sendall(command)
            reply = from_server.reply()
            if verb.startswith(b"EHLO") and self.settings["mode"] == "strip":
                reply = self.strip(reply)
            client.sendall(b"".join(reply))
            if not reply[-1] or verb == b"QUIT":
                return False
            if verb == b"STARTTLS" and reply[-1][:3] == b"220" and self.settings["mode"] == "tls":
                return True
            if verb == b"DATA" and reply[-1][:3] == b"354":
                self.relay_message(from_client, from_server, client, server)

    def relay(self, client, server):
        mode = self.settings["mode"]
        if mode == "pass":
            pump_both(client, server)
        elif mode == "tls-implicit" or self.relay_commands(client, server):
            pump_both(*self.wrap_both(client, server))
        client.close()
        server.close()

    def serve(self, client):
        try:
            original = client.getsockopt(socket.SOL_IP, SO_ORIGINAL_DST, 16)
            target = (socket.inet_ntoa(original[4:8]), struct.unpack("!H", original[2:4])[0])
            if self.settings.get("upstream"):
                target = tuple(self.settings["upstream"])
            server = socket.create_connection(target, 10)
            for s in (client, server):
                s.settimeout(60)
                s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.relay(client, server)
        except Exception as error:  # one bad session must not end the device
            print("session", repr(error), file=sys.stderr, flush=True)
            client.close()

    def accept(self, listener):
        while True:
            client, _ = listener.accept()
            threading.Thread(target=self.serve, args=(client,), daemon=True).start()


def main():
    with open(sys.argv[1]) as text:
        interceptor = Interceptor(json.load(text))
    threads = []
    for address, port in interceptor.settings["listen"]:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address, port))
        listener.listen(50)
        threads.append(threading.Thread(target=interceptor.accept, args=(listener,), daemon=True))
        threads[-1].start()
    print("ready", flush=True)
    threads[0].join()


main()
