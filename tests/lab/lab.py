"""One lab: a network with programs on it, a packet capture, and the truth about what it shows."""
import contextlib
import os
import re
import shutil
import signal
import time

from network import STATE, Network
from programs import Programs, read_log
from truth import Truth, load

# neighbour discovery, ARP and multicast reports say nothing about mail
QUIET_FILTER = "not arp and not (ip6 and ip6[6]==0) and not (icmp6 and ip6[40]>=130)"
POINTS = {"c": "client", "m": "middlebox", "s": "server", "t": "trunk between client and gateway (mirror port)"}


class Lab(Network, Programs, Truth):
    n_labs = 0

    def __init__(self, name, folder, title=""):
        Network.__init__(self)
        Programs.__init__(self)
        Truth.__init__(self, name, title)
        Lab.n_labs += 1
        self.name, self.folder = name, os.path.abspath(folder)
        self.prefix = "sl%d%c" % (os.getpid() % 100000, 97 + Lab.n_labs % 26)
        self.scratch = "%s/run/%d.%d" % (STATE, os.getpid(), Lab.n_labs)
        os.makedirs(self.folder, exist_ok=True)
        os.makedirs(self.scratch, exist_ok=True)
        self.pcap, self.keys = ("%s/%s.%s" % (self.folder, name, kind) for kind in ("pcap", "keys"))
        self.tcpdump = None
        for path in (self.pcap, self.keys):
            if os.path.exists(path):
                os.unlink(path)

    @contextlib.contextmanager
    def capture(self, host="c", interface="eth0", snaplen=None, capture_filter=QUIET_FILTER, tail_s=0.6):
        """tcpdump runs while the body of the with statement does."""
        self.start_capture(host, interface, snaplen, capture_filter)
        yield
        time.sleep(tail_s)
        self.stop_capture()

    def start_capture(self, host, interface, snaplen, capture_filter):
        argv = ["tcpdump", "-i", interface, "-U", "-n", "-Z", "root", "-B", "8192", "-w", self.pcap]
        argv += (["-s", str(snaplen)] if snaplen else []) + [capture_filter]
        self.tcpdump = self.start(self.enter(host) + argv, "tcpdump", "listening on")
        self.truth.setdefault("capture", {}).update(
            point=POINTS[host] + " " + interface, snaplen=snaplen or 262144, tool="tcpdump 4.99.3")
        time.sleep(0.25)

    def stop_capture(self):
        time.sleep(1.2)  # libpcap hands over a block after one second at the latest
        self.tcpdump.send_signal(signal.SIGINT)
        self.tcpdump.wait(10)
        dropped = re.search(r"(\d+) packets? dropped by kernel", read_log(self.tcpdump.log))
        self.truth["capture"]["dropped_by_kernel"] = int(dropped.group(1)) if dropped else None

    def close(self):
        """Ends everything that still runs and removes the network; the scratch folder stays."""
        if self.tcpdump and self.tcpdump.poll() is None:
            with contextlib.suppress(Exception):
                self.stop_capture()
        self.stop_programs()
        self.remove_network()
        wire = self.scratch + "/wire.json"
        if os.path.exists(wire):
            events = {name: n for name, n in load(wire).items() if n}
            if set(events) - {"ab", "ba"}:
                self.fact(wire_stats=events)

    def clean(self):
        if os.environ.get("LAB_KEEP") is None:
            shutil.rmtree(self.scratch, ignore_errors=True)
