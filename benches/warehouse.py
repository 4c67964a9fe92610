"""The embedded warehouse beside fakesnow's server, through the same connector (4.x), in one run: medians and ratios.

    python benches/warehouse.py SNOWDECK [--rows N] [--fetch N] [--repeat N]

SNOWDECK is the binary. The interpreter needs `fakesnow[server]` and `snowflake-connector-python[pandas]` below 5. Both
servers run on this machine, one measurement at a time, in turn. One JSON document goes to standard output.
"""

import argparse
import json
import os
import pathlib
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import snowflake.connector


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Snowdeck:
    name = "snowdeck"

    def __init__(self, binary, home):
        environment = {**os.environ, "SNOWDECK_HOME": home}
        command = [binary, "local", "serve", "--json"]
        self.child = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)
        about = json.loads(self.child.stdout.readline())
        self.arguments = {k: about[k] for k in ("account", "user", "password", "host", "port", "protocol")}


class Fakesnow:
    name = "fakesnow"

    def __init__(self):
        port = free_port()
        command = [str(pathlib.Path(sys.executable).parent / "fakesnow"), "-s", "-p", str(port)]
        self.child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.arguments = {
            "account": "fakesnow", "user": "fake", "password": "snow", "host": "127.0.0.1", "port": port, "protocol": "http",
        }


def connect(server):
    until = time.monotonic() + 60
    while True:
        try:
            with socket.create_connection(("127.0.0.1", server.arguments["port"]), 1):
                break
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
    more = {"session_parameters": {"CLIENT_OUT_OF_BAND_TELEMETRY_ENABLED": False}, "login_timeout": 30}
    connection = snowflake.connector.connect(**server.arguments, **more)
    cursor = connection.cursor()
    cursor.execute("CREATE DATABASE IF NOT EXISTS bench")
    cursor.execute("CREATE SCHEMA IF NOT EXISTS bench.b")
    cursor.execute("USE SCHEMA bench.b")
    return cursor


def timed(function):
    began = time.perf_counter()
    function()
    return time.perf_counter() - began


def prepare(cursor, rows, fetch):
    """The same data on both sides, made by the servers themselves."""
    series = "SELECT ROW_NUMBER() OVER (ORDER BY SEQ4()) AS n FROM TABLE(GENERATOR(ROWCOUNT => {}))"
    columns = "n AS id, n * 1.25 AS price, 'customer ' || n AS name, n % 97 AS kind"
    cursor.execute(f"CREATE OR REPLACE TABLE fetched AS SELECT {columns} FROM ({series.format(fetch)})")
    cursor.execute(f"CREATE OR REPLACE TABLE source AS SELECT {columns} FROM ({series.format(rows)})")


def select_one(cursor):
    return timed(lambda: cursor.execute("SELECT 1").fetchall())


def fetch_all(cursor, count):
    def run():
        assert len(cursor.execute("SELECT id, price, name, kind FROM fetched").fetchall()) == count

    return timed(run)


def insert_select(cursor):
    cursor.execute("CREATE OR REPLACE TABLE target AS SELECT * FROM source WHERE 1 = 0")
    return timed(lambda: cursor.execute("INSERT INTO target SELECT * FROM source"))


def merge(cursor, rows):
    """Half of the source's rows are in the target."""
    cursor.execute(f"CREATE OR REPLACE TABLE merged AS SELECT id + {rows // 2} AS id, price, name, kind FROM source")
    sql = """MERGE INTO merged t USING source s ON t.id = s.id
        WHEN MATCHED THEN UPDATE SET price = s.price, name = s.name
        WHEN NOT MATCHED THEN INSERT (id, price, name, kind) VALUES (s.id, s.price, s.name, s.kind)"""
    return timed(lambda: cursor.execute(sql))


def main():
    p = argparse.ArgumentParser()
    p.add_argument("snowdeck")
    p.add_argument("--rows", type=int, default=1_000_000)
    p.add_argument("--fetch", type=int, default=500_000)
    p.add_argument("--repeat", type=int, default=500, help="how often SELECT 1 runs")
    args = p.parse_args()
    with tempfile.TemporaryDirectory() as home:
        servers = [Snowdeck(args.snowdeck, home), Fakesnow()]
        try:
            cursors = {s.name: connect(s) for s in servers}
            for cursor in cursors.values():
                prepare(cursor, args.rows, args.fetch)
            few = 3
            measures = {
                "select_1": (args.repeat, select_one),
                "fetch": (few, lambda c: fetch_all(c, args.fetch)),
                "insert_select": (few, insert_select),
                "merge": (few, lambda c: merge(c, args.rows)),
            }
            report = {}
            for name, (times, measure) in measures.items():
                seconds = {s: [] for s in cursors}
                for _ in range(times):  # in turn, so that what else the machine does meets both
                    for server, cursor in cursors.items():
                        seconds[server].append(measure(cursor))
                medians = {s: statistics.median(v) for s, v in seconds.items()}
                ratio = medians["fakesnow"] / medians["snowdeck"]
                report[name] = {**{f"{s}_ms": round(m * 1000, 2) for s, m in medians.items()}, "times_faster": round(ratio, 2)}
                print(name, report[name], file=sys.stderr, flush=True)
            print(json.dumps(report))
        finally:
            for server in servers:
                server.child.send_signal(signal.SIGTERM)
                server.child.wait(10)


if __name__ == "__main__":
    main()
