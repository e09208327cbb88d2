#!/usr/bin/python3
"""Plays many mail sessions, several at a time: some end as they should, others as programs end that crash or give up.

usage: corpus_client.py SETTINGS.json
  sessions   [{"host", "port", "tls": null | "starttls" | "implicit", "version", "end", "stage", "size", "pause_ms"}]
  threads    how many at a time
  stop_s     no session is begun later than this

end: quit        as it should be
     two         two messages, then QUIT
     smtplib     Python's own client, which does not read what follows the answer to QUIT
     abort       close with SO_LINGER 0 at the stage: a reset
     close       close at the stage: FIN, or a reset where bytes wait that nobody read
     unread      send the next command and close without reading the answer
     quit-abort  QUIT, and a reset at once;  quit-close: QUIT, and a close without reading
     half        shut down the sending side at the stage, then read to the end
     burst       commands that the server does not know, all at once, until it hangs up
     again       abort, and then a good session from the same port
stage: 0 connected, 1 greeting read, 2 after EHLO, 3 after MAIL, 4 after RCPT, 5 inside the message, 6 after its end
"""
import contextlib
import json
import queue
import smtplib
import socket
import struct
import sys
import threading
import time

from smtp_client import Client, message, tls_context

PATIENCE_S = 25
SENDER, RECIPIENT = "alice@example.com", "bob@example.net"


class Stop(Exception):
    """The stage has come at which the session ends."""


def set_linger_zero(s):
    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def raw_close(client, is_abort):
    s = client.socket
    if is_abort:
        set_linger_zero(s)
    s.close()


def at_stage(session, stage):
    if session["stage"] == stage:
        time.sleep(session["pause_ms"] / 1e3)
        raise Stop


def new_client(session):
    client = Client(session["host"], session["port"], PATIENCE_S)
    if session["tls"] == "implicit":
        client.tls(tls_context(minver=session["version"], maxver=session["version"]))
    return client


def transact(client, session):
    """One message; raises Stop at the stage of the session."""
    client.cmd("MAIL FROM:<%s>" % SENDER)
    at_stage(session, 3)
    client.cmd("RCPT TO:<%s>" % RECIPIENT)
    at_stage(session, 4)
    client.cmd("DATA")
    text = message(session["size"])
    client.send(text[:len(text) // 2])
    at_stage(session, 5)
    client.send(text[len(text) // 2:] + b".\r\n")
    at_stage(session, 6)
    client.reply()


def open_dialogue(client, session):
    at_stage(session, 0)
    client.reply()
    at_stage(session, 1)
    client.cmd("EHLO client.example.com")
    if session["tls"] == "starttls":
        client.starttls(tls_context(minver=session["version"], maxver=session["version"]))
    at_stage(session, 2)


def play_to_stage(session, finish):
    client = new_client(session)
    try:
        open_dialogue(client, session)
        transact(client, session)
        client.quit()
    except Stop:
        finish(client)


def good(session, n_messages=1):
    client = new_client(session)
    session = dict(session, stage=None)
    open_dialogue(client, session)
    for _ in range(n_messages):
        transact(client, session)
    client.quit()


def by_smtplib(session):
    context = tls_context(minver=session["version"], maxver=session["version"]) if session["tls"] else None
    kind = smtplib.SMTP_SSL if session["tls"] == "implicit" else smtplib.SMTP
    more = {"context": context} if session["tls"] == "implicit" else {}
    client = kind(session["host"], session["port"], local_hostname="client.example.com", timeout=PATIENCE_S, **more)
    if session["tls"] == "starttls":
        client.starttls(context=context)
    client.sendmail(SENDER, [RECIPIENT], message(session["size"]))
    client.quit()


def finish_unread(client):
    client.send("NOOP")
    raw_close(client, False)


def finish_half(client):
    with contextlib.suppress(OSError):
        client.socket.shutdown(socket.SHUT_WR)
        while client.socket.recv(4096):
            pass
    raw_close(client, False)


def quit_and(session, is_abort):
    client = new_client(session)
    open_dialogue(client, dict(session, stage=None))
    transact(client, dict(session, stage=None))
    client.send("QUIT")
    time.sleep(session["pause_ms"] / 1e3)
    raw_close(client, is_abort)


def burst(session):
    client = new_client(session)
    client.reply()
    for n in range(60):
        client.send("NONSENSE %d" % n)
        time.sleep(0.002)
    finish_half(client)


def again(session):
    """The port of a connection that was reset is free at once."""
    client = new_client(session)
    port, family = client.socket.getsockname()[1], client.socket.family
    client.reply()
    client.cmd("EHLO client.example.com")
    raw_close(client, True)
    time.sleep(session["pause_ms"] / 1e3)
    s = socket.socket(family)
    s.settimeout(PATIENCE_S)
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("", port))
    s.connect((session["host"], session["port"]))
    second = Client.__new__(Client)
    second.host, second.buffer, second.socket = session["host"], b"", s
    session = dict(session, stage=None, tls=None)
    open_dialogue(second, session)
    transact(second, session)
    second.quit()


ENDS = {
    "quit": good,
    "two": lambda session: good(session, 2),
    "smtplib": by_smtplib,
    "abort": lambda session: play_to_stage(session, lambda client: raw_close(client, True)),
    "close": lambda session: play_to_stage(session, lambda client: raw_close(client, False)),
    "unread": lambda session: play_to_stage(session, finish_unread),
    "half": lambda session: play_to_stage(session, finish_half),
    "quit-abort": lambda session: quit_and(session, True),
    "quit-close": lambda session: quit_and(session, False),
    "burst": burst,
    "again": again,
}


def work(todo, end):
    while time.monotonic() < end:
        try:
            session = todo.get_nowait()
        except queue.Empty:
            return
        try:
            ENDS[session["end"]](session)
            print("ok", session["end"], flush=True)
        except Exception as error:  # servers are killed while this runs
            print("EXC", session["end"], repr(error), flush=True)


def main():
    with open(sys.argv[1]) as text:
        settings = json.load(text)
    todo = queue.Queue()
    for session in settings["sessions"]:
        todo.put(session)
    end = time.monotonic() + settings["stop_s"]
    threads = [threading.Thread(target=work, args=(todo, end)) for _ in range(settings["threads"])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print("done", flush=True)


main()
