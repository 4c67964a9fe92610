"""What a start of the console costs: milliseconds to the first bytes, to the first frame, and to the first real data.

    python benches/start.py SNOWDECK [--rounds N]

SNOWDECK is the binary. Runs the whole job once in a temporary home, then starts the console in it again and again, in a
pseudo-terminal of 120 × 40. The embedded cloud starts behind the first frame; the first real data are the rows of a mart.
"""

import argparse
import fcntl
import json
import os
import pty
import select
import statistics
import struct
import subprocess
import tempfile
import termios
import time

FRAME = "1 Overview".encode()
NAMES = ("first bytes", "first frame", "first real data")


def answer(fd, asked):
    """What a terminal says when it is asked for its colours, its kind and its cursor."""
    if b"\x1b[c" in asked:
        os.write(fd, b"\x1b]11;rgb:0000/0000/0000\x1b\\\x1b[?62;c")
    if b"\x1b[6n" in asked:
        os.write(fd, b"\x1b[1;1R")


def leave(pid, fd):
    os.write(fd, b"q")
    until = time.monotonic() + 10
    while os.waitpid(pid, os.WNOHANG)[0] == 0:
        if time.monotonic() > until:
            raise SystemExit("the console does not end on q")
        if select.select([fd], [], [], 0.02)[0]:
            try:
                os.read(fd, 65536)
            except OSError:  # its side is closed
                pass
    os.close(fd)


def start(binary, home, data):
    """Seconds to each of NAMES."""
    began = time.perf_counter()
    pid, fd = pty.fork()
    if pid == 0:
        os.execve(binary, [binary], {**os.environ, "SNOWDECK_HOME": home, "TERM": "xterm-256color"})
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    shown, times = b"", [None, None, None]
    while times[2] is None:
        if not select.select([fd], [], [], 20)[0]:
            raise SystemExit(f"no {data!r} on the screen within 20 s")
        part = os.read(fd, 65536)
        now = time.perf_counter() - began
        shown += part
        for i, wanted in enumerate((b"", FRAME, data)):
            if times[i] is None and wanted in shown:
                times[i] = now
        answer(fd, part)
    leave(pid, fd)
    return times


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("snowdeck")
    parser.add_argument("--rounds", type=int, default=15)
    args = parser.parse_args()
    binary = os.path.abspath(args.snowdeck)
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run([binary, "run", "--json"], env={**os.environ, "SNOWDECK_HOME": home}, check=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        rows = max(mart["rows"] for mart in json.loads(done.stdout)["marts"])
        data = f"{rows:,}".replace(",", " ").encode()
        rounds = [start(binary, home, data) for _ in range(args.rounds)]
    for name, times in zip(NAMES, zip(*rounds)):
        times = sorted(t * 1000 for t in times)
        print(f"{name:<18} median {statistics.median(times):6.1f} ms   best {times[0]:6.1f}   worst {times[-1]:6.1f}")


main()
