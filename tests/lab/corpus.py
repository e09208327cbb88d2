"""Records sessions in which no device interferes: all servers and clients, in clear and over TLS, on wires that lose,
repeat, reorder and take turns between paths, with programs that crash, give up or are killed. See README.md."""
import argparse
import contextlib
import os
import random
import signal
import sys
import threading
import time

from clients import deliver_with_msmtp, swaks
from lab import Lab
from main import finish_truth, on_time_limit
from network import MX1, MX1_6, MX2, MX3, MX4
from servers import exim, opensmtpd, postfix, sendmail

ABRUPT_PORT = 2525
WIRES = (  # name, what the wire does, where it is captured
    ("calm", dict(), "c"),
    ("calm-server", dict(server_ttl=64), "s"),
    ("loss1", dict(loss_ab=0.01, loss_ba=0.01), "c"),
    ("loss2", dict(loss_ab=0.02, loss_ba=0.02), "s"),
    ("loss3", dict(loss_ab=0.03, loss_ba=0.03, ttl_jitter=1), "c"),
    ("loss5", dict(loss_ab=0.05, loss_ba=0.05), "c"),
    ("reorder", dict(reorder=0.08, reorder_ms=12), "c"),
    ("dup", dict(dup=0.05, ttl_jitter=1), "c"),
    ("ttl2", dict(ttl_jitter=2), "c"),
    ("mixed-server", dict(ttl_jitter=2, reorder=0.04, dup=0.02, loss_ab=0.02, loss_ba=0.02), "s"),
    ("mixed", dict(ttl_jitter=2, reorder=0.06, reorder_ms=20, dup=0.03, loss_ab=0.03, loss_ba=0.03), "c"),
    ("worst", dict(ttl_jitter=2, reorder=0.05, dup=0.02, loss_ab=0.05, loss_ba=0.05), "m"),
)
INTERFACES = {"c": "eth0", "s": "eth0", "m": "wan"}
TARGETS = (  # host, port, TLS; weight by repetition
    (MX1, 25, None), (MX1, 25, "starttls"), (MX1, 587, "starttls"), (MX1, 465, "implicit"), (MX1_6, 25, None),
    (MX1_6, 25, "starttls"), (MX2, 25, None), (MX2, 25, "starttls"), (MX2, 465, "implicit"), (MX3, 25, None),
    (MX3, 25, "starttls"), (MX4, 25, None), (MX1, ABRUPT_PORT, None), (MX1, ABRUPT_PORT, None),
)
ENDS = ("quit",) * 5 + ("two", "smtplib", "smtplib", "abort", "abort", "close", "close", "unread", "unread",
                        "quit-abort", "quit-close", "half", "burst", "again")
SESSIONS_PER_CAPTURE = 62
CAPTURES_PER_WIRE = 3
THREADS = 12
SESSIONS_S = 40  # after so long a capture begins no more sessions
CAPTURE_LIMIT_S = 100


def some_session(chance):
    host, port, tls = chance.choice(TARGETS)
    return dict(host=host, port=port, tls=tls, version=chance.choice(("1.2", "1.3")), end=chance.choice(ENDS),
                stage=chance.randrange(7), size=int(chance.choice((300, 900, 4000, 12000))),
                pause_ms=chance.choice((0, 0, 1, 5, 13, 25, 60, 300)))


class Killer:
    """Kills processes that serve a session, by their number, as long as the context lasts."""

    def __init__(self, lab, servers, chance):
        self.lab, self.servers, self.chance = lab, servers, chance
        self.is_over = threading.Event()
        self.n_killed = 0
        self.thread = threading.Thread(target=self.work)

    def victims(self):
        """The first process of Exim and of Sendmail listens; the others serve. Of Postfix all serve."""
        for process, name, n_listening in self.servers:
            for pid in sorted(self.lab.pids_below(process, name))[n_listening:]:
                yield pid

    def strike(self):
        victims = list(self.victims())
        if not victims:
            return
        pid = self.chance.choice(victims)
        with contextlib.suppress(ProcessLookupError):
            if self.chance.random() < 0.6:  # what comes meanwhile stays unread
                os.kill(pid, signal.SIGSTOP)
                self.is_over.wait(self.chance.random() * 0.5)
            os.kill(pid, signal.SIGKILL)
            self.n_killed += 1

    def work(self):
        while not self.is_over.wait(0.3 + self.chance.random()):
            self.strike()

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.is_over.set()
        self.thread.join()


def start_servers(lab, seed):
    a = postfix(lab)
    b = exim(lab, tag="2", addresses=MX2)
    c = sendmail(lab, tag="3", address=MX3)
    opensmtpd(lab, "mx4.example.net", "example.net", MX4, tag="4")
    lab.start_tool("s", "abrupt_server.py", dict(listen=[MX1, ABRUPT_PORT], seed=seed))
    return [(a, "smtpd", 0), (b, "exim4", 1), (c, "sendmail-mta", 1)]


def play_programs(lab, chance):
    """The mail clients that are programs of their own."""
    for _ in range(3):
        swaks(lab, *chance.choice(((), ("--tls",), ("--pipeline",))), server=chance.choice((MX1, MX2, MX3, MX4)))
        deliver_with_msmtp(lab, chance.choice(("mx1.example.net", MX2)), 587, "NORMAL")


def record(name, folder, lab, point, servers, chance):
    """One capture of many sessions, in a network that runs already."""
    sessions = [some_session(chance) for _ in range(SESSIONS_PER_CAPTURE)]
    settings = dict(sessions=sessions, threads=THREADS, stop_s=SESSIONS_S)
    lab.name, lab.pcap = name, "%s/%s.pcap" % (folder, name)
    with lab.capture(point, INTERFACES[point]), Killer(lab, servers, chance) as killer:
        programs = threading.Thread(target=play_programs, args=(lab, chance))
        programs.start()
        client = lab.start_tool("c", "corpus_client.py", settings, wait_for=None)
        client.wait(CAPTURE_LIMIT_S)
        programs.join()
    if os.path.exists(lab.keys):  # of the programs that write them; most sessions have none
        os.unlink(lab.keys)
    lab.truth["scenario"] = name
    lab.truth["did"] = ["%d sessions of the corpus and 6 of swaks and msmtp; %d processes of servers killed" % (
        len(sessions), killer.n_killed)]
    lab.truth["expect_not"] = ["interference", "blocked-port"]
    finish_truth(lab, None)
    print("%s %d sessions, %d killed, %d B" % (name, len(sessions) + 6, killer.n_killed, os.path.getsize(lab.pcap)),
          flush=True)


def play_wire(number, folder, seed, end):
    name, settings, point = WIRES[number]
    chance = random.Random(seed * 1000 + number)
    lab = Lab("clean-" + name, folder, "sessions without interference, wire: %s, %s" % (name, settings or "calm"))
    try:
        lab.build_network("nic", seed=seed, zone={"mx1.example.net": {"A": [MX1], "AAAA": []}}, **settings)
        servers = start_servers(lab, seed)
        for n in range(CAPTURES_PER_WIRE):
            if time.monotonic() < end:
                record("clean-%s-%d" % (name, n + 1), folder, lab, point, servers, chance)
    except Exception as error:  # the other wires are recorded all the same
        print("clean-%s: %r" % (name, error), flush=True)
        return False
    finally:
        lab.close()
        lab.clean()
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder")
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--wires", help="names, separated by commas: " + ",".join(name for name, _, _ in WIRES))
    options = parser.parse_args()
    wanted = options.wires.split(",") if options.wires else [name for name, _, _ in WIRES]
    end = time.monotonic() + options.minutes * 60
    signal.signal(signal.SIGALRM, on_time_limit)
    signal.alarm(int(options.minutes * 60 + CAPTURE_LIMIT_S + 60))
    return all([play_wire(n, os.path.abspath(options.folder), options.seed, end)
                for n, (name, _, _) in enumerate(WIRES) if name in wanted])


if __name__ == "__main__":
    sys.exit(0 if main() else 1)
