#!/usr/bin/python3
"""A mail server whose process ends connections where it should not: with a reset, with a FIN, with bytes unread.

usage: abrupt_server.py SETTINGS.json
  listen   [address, port]
  seed     of the choice where and how each connection ends
"""
import json
import random
import socket
import struct
import sys
import threading
import time

ENDS = ("reset", "close", "unread", "421", "good")
REPLIES = {"EHLO": "250-mx1.example.net\r\n250 PIPELINING", "HELO": "250 mx1.example.net", "DATA": "354 go on",
           "QUIT": "221 bye"}


class Connection:
    def __init__(self, s, end, n_lines, pause):
        self.socket, self.end, self.n_lines, self.pause = s, end, n_lines, pause

    def lines(self):
        buffer = b""
        while True:
            while b"\n" not in buffer:
                data = self.socket.recv(512)
                if not data:
                    return
                buffer += data
            line, buffer = buffer.split(b"\n", 1)
            yield line.rstrip(b"\r").decode("latin-1")

    def finish(self):
        if self.end == "unread":  # what comes meanwhile is never read
            time.sleep(self.pause * 10)
        if self.end == "421":
            self.socket.sendall(b"421 4.3.2 shutting down\r\n")
        if self.end == "reset":
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()

    def talk(self):
        is_data = False
        self.socket.sendall(b"220 mx1.example.net ESMTP\r\n")
        for n, line in enumerate(self.lines()):
            if n == self.n_lines and self.end != "good":
                time.sleep(self.pause)
                self.finish()
                return
            if is_data:
                is_data = line != "."
                if not is_data:
                    self.socket.sendall(b"250 2.0.0 queued\r\n")
                continue
            verb = line[:4].upper()
            self.socket.sendall(REPLIES.get(verb, "250 ok").encode() + b"\r\n")
            is_data = verb == "DATA"
            if verb == "QUIT":
                break
        self.socket.close()


def talk(connection):
    try:
        connection.talk()
    except OSError as error:
        print(repr(error), flush=True)
        connection.socket.close()


def main():
    with open(sys.argv[1]) as text:
        settings = json.load(text)
    chance = random.Random(settings["seed"])
    listener = socket.create_server(tuple(settings["listen"]), backlog=64)
    print("ready", flush=True)
    while True:
        s, _ = listener.accept()
        connection = Connection(s, chance.choice(ENDS), chance.choice((0, 1, 2, 3, 6, 9, 15)), chance.random() / 20)
        threading.Thread(target=talk, args=(connection,), daemon=True).start()


main()
