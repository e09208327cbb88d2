"""Starts programs on the lab's hosts: our own tools, mail clients, and servers in their overlay roots."""
import glob
import json
import os
import shutil
import signal
import subprocess
import time

from network import PKI, PYTHON, STATE, LabError, sh, write_file

HERE = os.path.dirname(os.path.abspath(__file__))
TOOLS = os.path.join(HERE, "tools")
HOST_NAMES = {"c": "client.example.com", "s": "mx1.example.net"}
RESOLVING_TOOLS = ("interceptor.py", "scripted_server.py")  # these look up names

# A server's root: a private copy of the overlay of its packages, on top of the machine's own files.
BOOT = """set -e
mkdir -p {work}/t
mount -t tmpfs -o size=400m tmpfs {work}/t
cp -a {root}/upper {work}/t/u
mkdir -p {work}/t/w {work}/t/m
mount -t overlay overlay -o lowerdir=/,upperdir={work}/t/u,workdir={work}/t/w {work}/t/m
M={work}/t/m
mount -t proc proc $M/proc
mount --rbind /dev $M/dev
mount -t tmpfs tmpfs $M/run
mkdir -p $M/run/lock $M/pki
cp -r {work}/files/. $M/
cp {work}/go $M/go
chmod +x $M/go
cp {pki}/*.pem {pki}/*.crt {pki}/*.key $M/pki/
chmod 644 $M/pki/*
rm -f $M/etc/resolv.conf
cp {scratch}/resolv.{host} $M/etc/resolv.conf
printf '127.0.0.1 localhost\\n::1 localhost\\n' > $M/etc/hosts
hostname {name}
exec chroot $M /go
"""

CLIENT_PREFACE = """import os, smtplib, socket, ssl, struct, sys, threading, time
sys.path.insert(0, %r)
sys.dont_write_bytecode = True
import smtp_client
from smtp_client import Client, message, simple, tls_context
CA = %r
CA_ANTIVIRUS = %r
KEYS = %r
"""

WAIT_FOR_PORT = """
import socket, sys, time
end = time.time() + %d
while True:
    s = socket.socket(socket.AF_INET6 if ":" in "%s" else socket.AF_INET)
    try:
        s.connect(("%s", %d))
        break
    except OSError:
        time.sleep(0.1)
    if time.time() > end:
        sys.exit(1)
"""


def read_log(path):
    with open(path, errors="replace") as log:
        return log.read()


def read_tool(name):
    """The text of a tool that is to run inside a server's root."""
    with open(os.path.join(TOOLS, name)) as source:
        return source.read()


def client_program(name):
    """A mail client of the machine, or of the overlay of clients: its path and the environment it needs."""
    if shutil.which(name):
        return name, {}
    root = STATE + "/roots/client/upper"
    libraries = glob.glob(root + "/usr/lib/*-linux-gnu")
    perl = [root + "/usr/share/perl5"] + glob.glob(root + "/usr/lib/*-linux-gnu/perl5/*")
    return root + "/usr/bin/" + name, {"LD_LIBRARY_PATH": ":".join(libraries), "PERL5LIB": ":".join(perl)}


def first_process_of(process):
    """PID, as seen from outside, of PID 1 of a server's namespace: unshare's only child."""
    with open("/proc/%d/task/%d/children" % (process.pid, process.pid)) as children:
        pids = children.read().split()
    return int(pids[0]) if pids else process.pid


class Programs:
    """The part of a Lab that runs things; needs self.scratch, self.keys and Network."""

    def __init__(self):
        self.processes = []
        self.n_runs = 0

    def in_host(self, host, argv, name=None):
        """A command line that runs argv on a host, with its resolver and its name."""
        prepare = 'mount --bind %s/resolv.%s /etc/resolv.conf; mount --bind %s/hosts /etc/hosts; hostname %s; exec "$@"'
        prepare %= (self.scratch, host, self.scratch, name or HOST_NAMES.get(host, "box.example"))
        return self.enter(host) + ["unshare", "-m", "-u", "sh", "-c", prepare, "sh"] + [str(a) for a in argv]

    def start(self, argv, log, wait_for=None, timeout=15):
        """Starts argv in the background; returns when its log holds wait_for."""
        path = "%s/%s.log" % (self.scratch, log)
        with open(path, "ab") as out:
            process = subprocess.Popen(argv, stdout=out, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
        self.processes.append(process)
        process.log = path
        end = time.time() + timeout
        while wait_for and wait_for not in read_log(path):
            if process.poll() is not None or time.time() > end:
                raise LabError("%s did not start: %s" % (log, read_log(path)[-600:]))
            time.sleep(0.02)
        return process

    def start_tool(self, host, script, settings, tag="", wait_for="ready"):
        """Starts one of tools/*.py; it says "ready" when it is."""
        self.n_runs += 1
        path = "%s/%s%s.%d.json" % (self.scratch, script, tag, self.n_runs)
        write_file(path, json.dumps(settings))
        argv = [PYTHON, "-u", os.path.join(TOOLS, script), path]
        argv = self.in_host(host, argv) if script in RESOLVING_TOOLS else self.enter(host) + argv
        return self.start(argv, "%s%s.%d" % (script, tag, self.n_runs), wait_for)

    def run(self, *argv, host="c", timeout=90, env=None, stdin=None):
        """Runs a client program, bounded in time; its failure is a result like any other."""
        try:
            result = subprocess.run(self.in_host(host, argv), capture_output=True, text=True, errors="replace",
                                    timeout=timeout, env=dict(os.environ, **(env or {})), input=stdin,
                                    stdin=None if stdin is not None else subprocess.DEVNULL)
        except subprocess.TimeoutExpired as late:
            result = subprocess.CompletedProcess(argv, 124, (late.stdout or b"").decode("utf-8", "replace"),
                                                 (late.stderr or b"").decode("utf-8", "replace"))
        with open(self.scratch + "/client.log", "a") as log:
            line = " ".join(map(str, argv))[:300]
            log.write("$ %s\nrc=%d\n%s%s\n" % (line, result.returncode, result.stdout, result.stderr))
        return result

    def client_script(self, code):
        self.n_runs += 1
        path = "%s/client%d.py" % (self.scratch, self.n_runs)
        write_file(path, CLIENT_PREFACE % (TOOLS, PKI + "/trust.pem", PKI + "/trust-av.pem", self.keys) + code)
        return path

    def run_python(self, code, timeout=120):
        """Runs a small client written in Python, with tools/smtp_client.py at hand."""
        return self.run(PYTHON, "-u", self.client_script(code), timeout=timeout)

    def start_python(self, code):
        path = self.client_script(code)
        return self.start(self.in_host("c", [PYTHON, "-u", path]), os.path.basename(path)[:-3])

    def start_in_root(self, root, host, script, name="mx1.example.net", tag="", files=None):
        """Runs a shell script inside an overlay root, in a PID namespace of its own. files: {path: text}"""
        self.n_runs += 1
        work = "%s/%s%s.%d" % (self.scratch, root, tag, self.n_runs)
        os.makedirs(work + "/files")
        for path, text in (files or {}).items():
            os.makedirs(os.path.dirname(work + "/files" + path), exist_ok=True)
            write_file(work + "/files" + path, text)
        write_file(work + "/go", "#!/bin/sh\n" + script)
        boot = BOOT.format(work=work, root=STATE + "/roots/" + root, pki=PKI, scratch=self.scratch, host=host,
                           name=name)
        write_file(work + "/boot", boot)
        argv = self.enter(host) + ["unshare", "-m", "-u", "--pid", "--fork", "--kill-child", "sh", work + "/boot"]
        process = self.start(argv, root + tag)
        process.has_root = True
        return process

    def run_in_root_of(self, process, *argv, stdin=None, timeout=60):
        """Runs a command inside a running server's root and namespaces."""
        pid = str(first_process_of(process))
        enter = ["nsenter", "-t", pid, "-m", "-u", "-n", "-p", "--root=/proc/%s/root" % pid]
        result = subprocess.run(enter + ["sh", "-c", 'cd / && exec "$@"', "sh", *argv], capture_output=True, text=True,
                                input=stdin, timeout=timeout)
        with open(self.scratch + "/client.log", "a") as log:
            log.write("$ %s\n%s%s\n" % (" ".join(argv), result.stdout, result.stderr))
        return result

    def pids_below(self, process, name):
        """PIDs of the processes called name that descend from process."""
        children = {}
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open("/proc/%s/stat" % pid) as stat:
                    before, after = stat.read().rsplit(")", 1)
            except OSError:
                continue  # it has just ended
            children.setdefault(int(after.split()[1]), []).append((int(pid), before.split("(", 1)[1]))
        found, todo = [], [process.pid]
        while todo:
            for pid, called in children.get(todo.pop(), []):
                todo.append(pid)
                if called == name:
                    found.append(pid)
        return found

    def wait_for_port(self, address, port, host="s", timeout=20):
        code = WAIT_FOR_PORT % (timeout, address, address, port)
        if sh(*self.enter(host), PYTHON, "-c", code, check=False).returncode:
            logs = [read_log(p.log)[-500:] for p in self.processes if hasattr(p, "has_root")]
            raise LabError("port %s:%d not up; %s" % (address, port, logs))
        time.sleep(0.1)

    def stop_programs(self):
        for process in reversed(self.processes):
            if process.poll() is None and hasattr(process, "has_root"):
                os.kill(first_process_of(process), signal.SIGKILL)  # and with it all in its namespace; unshare follows
            elif process.poll() is None:
                process.send_signal(signal.SIGTERM)
        end = time.time() + 3
        for process in self.processes:
            try:
                process.wait(max(0.1, end - time.time()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(5)
