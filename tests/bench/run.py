#!/usr/bin/python3
"""How much CPU time and memory smtptrace needs, against two yardsticks.

usage: run.py BUILD [--pairs N] [--packets N] [--sessions N] [--syns N] [--dir DIR] [--strict]

BUILD is a release build folder: it holds smtptrace, tests/bench/bench_generate and tests/bench/bench_pcap_loop.
Three captures are made in a temporary folder (about 1.1 GB, deleted at the end) and measured:

  the file     1.5 M packets, 40,000 sessions, 1,000 at a time, 10 % refused recipients
  a tenth      the same, a tenth as long, for tshark
  SYNs         1,000,000 SYNs from as many addresses

Printed: CPU time (user and system) of smtptrace with the text report over that of a libpcap loop that does nothing,
as the median of alternating pairs; CPU time per packet of tshark printing reply codes over that of smtptrace; and the
peak memory of smtptrace on both captures. With --strict the exit status is 1 when a limit is missed.
"""
import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

RATIO_MAX, TSHARK_MIN, RSS_MAX_MIB = 2.0, 30.0, 64.0


def run(*argv):
    """CPU seconds and peak MiB of one run; ends the program when the command fails."""
    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    error = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        sys.exit("%s: exit status %d\n%s" % (" ".join(argv), process.returncode, error.decode(errors="replace")[-2000:]))
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def generate(build, path, *options):
    """Returns the number of packets in the new capture."""
    tool = os.path.join(build, "tests/bench/bench_generate")
    said = subprocess.run([tool, *options, path], check=True, capture_output=True, text=True).stdout
    print("%-8s %s" % (os.path.basename(path), said.strip()), flush=True)
    return int(said.split()[0])


def measure_pairs(build, path, n_pairs):
    """CPU seconds of smtptrace and of the loop, one after the other, n_pairs times; and the peak memory."""
    program, loop = os.path.join(build, "smtptrace"), os.path.join(build, "tests/bench/bench_pcap_loop")
    run(loop, path)  # both find the file in the page cache
    run(program, path)
    pairs = []
    for _ in range(n_pairs):
        idle, _ = run(loop, path)
        busy, peak = run(program, path)
        pairs.append((busy, idle, peak))
        print("  smtptrace %.3f s, loop %.3f s, ratio %.2f, peak %.1f MiB" % (busy, idle, busy / idle, peak), flush=True)
    return pairs


def measure(arguments, folder):
    build = arguments.build
    full, tenth, syns = (os.path.join(folder, name) for name in ("file.pcap", "tenth.pcap", "syns.pcap"))
    n_full = generate(build, full, "--packets", str(arguments.packets), "--sessions", str(arguments.sessions))
    pairs = measure_pairs(build, full, arguments.pairs)
    ratio = statistics.median(busy / idle for busy, idle, _ in pairs)
    cpu = statistics.median(busy for busy, _, _ in pairs)
    os.unlink(full)

    n_tenth = generate(build, tenth, "--packets", str(arguments.packets // 10), "--sessions", str(arguments.sessions // 10))
    run("tshark", "-v")
    tshark, _ = run("tshark", "-n", "-r", tenth, "-Y", "smtp.response", "-T", "fields", "-e", "smtp.response.code")
    own_tenth, _ = run(os.path.join(build, "smtptrace"), tenth)
    os.unlink(tenth)

    generate(build, syns, "--syns", str(arguments.syns))
    syns_cpu, syns_peak = run(os.path.join(build, "smtptrace"), syns)
    return {
        "ratio": ratio,
        "cpu": cpu,
        "per_packet": cpu / n_full,
        "peak": max(peak for _, _, peak in pairs),
        "tshark": (tshark / n_tenth) / (cpu / n_full),
        "tshark_same_file": tshark / own_tenth,
        "syns_cpu": syns_cpu,
        "syns_peak": syns_peak,
    }


def report(found):
    """Prints each figure beside its limit; returns whether all limits are kept."""
    rows = [
        ("CPU time over a libpcap loop that does nothing", found["ratio"], "<=", RATIO_MAX),
        ("tshark's CPU time per packet over ours", found["tshark"], ">=", TSHARK_MIN),
        ("peak memory on the file, MiB", found["peak"], "<=", RSS_MAX_MIB),
        ("peak memory on the SYNs, MiB", found["syns_peak"], "<=", RSS_MAX_MIB),
    ]
    print("\nsmtptrace: %.3f s, %.0f ns per packet" % (found["cpu"], found["per_packet"] * 1e9))
    print("tshark over smtptrace on the tenth itself: %.1f; SYNs: %.3f s\n" % (found["tshark_same_file"], found["syns_cpu"]))
    is_fine = True
    for what, value, relation, limit in rows:
        kept = value <= limit if relation == "<=" else value >= limit
        is_fine = is_fine and kept
        print("%-50s %8.2f  %s %5.1f  %s" % (what, value, relation, limit, "ok" if kept else "MISSED"))
    return is_fine


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("build")
    parser.add_argument("--pairs", type=int, default=5)
    parser.add_argument("--packets", type=int, default=1500000)
    parser.add_argument("--sessions", type=int, default=40000)
    parser.add_argument("--syns", type=int, default=1000000)
    parser.add_argument("--dir", default=None, help="where the temporary folder is made")
    parser.add_argument("--strict", action="store_true", help="exit status 1 when a limit is missed")
    arguments = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="smtptrace-bench-", dir=arguments.dir)
    try:
        is_fine = report(measure(arguments, folder))
    finally:
        shutil.rmtree(folder)
    return 1 if arguments.strict and not is_fine else 0


if __name__ == "__main__":
    sys.exit(main())
