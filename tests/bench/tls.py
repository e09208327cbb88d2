#!/usr/bin/python3
"""What decrypting costs, in CPU time against `openssl speed` of the same cipher: records of TLS 1.3 opened one after the
other; and a mail of 400 MB inside TLS 1.3, read with its keys and without them, the difference being what decryption and
the dialogue in it cost. And a key log of a million lines. Exits with 1 when a limit is missed (half of openssl's speed;
2 s, 200 MiB).

usage: tls.py BUILD        a release build; 400 MB of room for a temporary capture"""
import os
import re
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

MAIL_MB = 400
RATIO_MIN, LOAD_S_MAX, LOAD_MIB_MAX = 0.5, 2.0, 200


def openssl_speed(size):
    """MB/s of encrypting with AES-128-GCM, in pieces of this size."""
    out = subprocess.run(["openssl", "speed", "-mr", "-seconds", "2", "-bytes", str(size), "-evp", "aes-128-gcm"],
                         check=True, capture_output=True, text=True)
    return float(re.search(r"^\+F:\d+:[^:]*:([0-9.]+)", out.stdout, re.M).group(1)) / 1e6


def opening(program, size):
    return float(subprocess.run([program, str(size)], check=True, capture_output=True, text=True).stdout)


def cpu_seconds(*argv):
    times = []
    for _ in range(5):
        process = subprocess.Popen(argv, stdout=subprocess.DEVNULL)
        usage = os.wait4(process.pid, 0)[2]
        process.returncode = 0
        times.append(usage.ru_utime + usage.ru_stime)
    return statistics.median(times)


def measure_mail(program):
    """MB/s of reading a mail with its keys, and of what that takes longer than reading it without."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([Path(__file__).parent / "tls_capture.py", str(MAIL_MB), folder], check=True)
        capture, keys = folder + "/mail.pcap", folder + "/mail.keys"
        size = os.path.getsize(capture) / 1e6
        closed = cpu_seconds(program, "-q", "--trust", "none", capture)
        opened = cpu_seconds(program, "-q", "--trust", "none", "-k", keys, capture)
    return size / opened, size / (opened - closed)


def write_log(f, n):
    for i in range(n):
        f.write("CLIENT_RANDOM %08x%056x %096x\n" % (i, 0, i * 0x9e3779b97f4a7c15))
    f.flush()


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder = Path(sys.argv[1])
    bench = {p.name: p for p in folder.rglob("bench_tls_*") if p.is_file() and os.access(p, os.X_OK)}
    is_fine = True
    for size in (16384, 1400, 100):
        ours, theirs = opening(bench["bench_tls_open"], size), openssl_speed(size)
        print("records of %5d bytes opened: %7.0f MB/s; openssl speed: %7.0f MB/s; ratio %.2f"
              % (size, ours, theirs, ours / theirs))
        is_fine &= size != 16384 or ours / theirs >= RATIO_MIN
    whole, added = measure_mail(folder / "smtptrace")
    theirs = openssl_speed(16384)
    print("a mail of %d MB in TLS: %.0f MB/s, ratio %.2f; without what reading it costs anyway: %.0f MB/s, ratio %.2f"
          % (MAIL_MB, whole, whole / theirs, added, added / theirs))
    is_fine &= added / theirs >= RATIO_MIN
    with tempfile.NamedTemporaryFile("w") as f:
        write_log(f, 1000000)
        out = subprocess.run([bench["bench_tls_keys"], f.name], check=True, capture_output=True, text=True).stdout
        n, seconds, kilobytes, hit, miss = out.split()
        print("key log of %s lines: %s s, %.0f MiB; a look: %s ns, in vain: %s ns"
              % (n, seconds, int(kilobytes) / 1024, hit, miss))
        is_fine &= float(seconds) < LOAD_S_MAX and int(kilobytes) / 1024 < LOAD_MIB_MAX
    sys.exit(0 if is_fine else 1)


main()
