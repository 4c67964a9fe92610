"""Moves files through Snowflake's connector, binds arrays and writes data frames; prints what it saw as one JSON document.

The served cloud is described by the environment variable SERVED: the line that `snowdeck local serve --json` prints.
"""

import datetime
import decimal
import io
import json
import os
import pathlib
import tempfile
import warnings

import snowflake.connector

warnings.simplefilter("ignore")
served = json.loads(os.environ["SERVED"])
snowflake.connector.paramstyle = "qmark"
seen = {"version": snowflake.connector.__version__}
folder = pathlib.Path(tempfile.mkdtemp())


def rows(sql, *more):
    cursor = connection.cursor()
    cursor.execute(sql, *more)
    return [list(row) for row in cursor.fetchall()]


def refusal(sql):
    try:
        rows(sql)
    except snowflake.connector.errors.Error as e:
        return e.errno
    return None


def files():
    for name, text in {"a 1.csv": "1,one\n2,two\n", "a-2.csv": "3,three\n"}.items():
        (folder / name).write_text(text)
    (folder / "big.csv").write_text("".join(f"{i},{'x' * 50}\n" for i in range(300_000)))
    seen["put"] = rows(f"PUT 'file://{folder}/a*.csv' @box/in PARALLEL = 2")
    (folder / "a-2.csv").write_text("4,four\n")
    seen["again"] = [r[6] for r in rows(f"PUT file://{folder}/a-2.csv @box/in")]
    seen["kept"] = rows("SELECT $2 FROM @box/in/a-2.csv")
    rows(f"PUT file://{folder}/a-2.csv @box/in OVERWRITE = TRUE")
    seen["replaced"] = rows("SELECT $2 FROM @box/in/a-2.csv")
    rows(f"PUT file://{folder}/big.csv @~/big AUTO_COMPRESS = FALSE")
    rows(f"PUT file://{folder}/a-2.csv @%numbers")
    seen["listed"] = [r[:2] for r in rows("LIST @box")] + [r[:2] for r in rows("LIST @~")] + [r[:1] for r in rows("LS @%numbers")]
    seen["loaded"] = rows("COPY INTO numbers FROM @box/in PATTERN = '.*a.*[.]gz'")
    back = folder / "back"
    back.mkdir()
    seen["got"] = rows(f"GET @box/in file://{back} PATTERN = '.*csv.gz'")
    rows(f"GET @~/big file://{back}")
    seen["back"] = sorted(p.name for p in back.iterdir())
    seen["whole"] = (back / "big.csv").read_bytes() == (folder / "big.csv").read_bytes()
    seen["removed"] = rows("REMOVE @box PATTERN = '.*a-2.*'")
    cursor = connection.cursor()
    cursor.execute("PUT file://stream.csv @box", file_stream=io.BytesIO(b"9,nine\n"))
    seen["stream"] = rows("SELECT $1, $2 FROM @box/stream.csv")
    rows("CREATE STAGE outside URL = 's3://convex-insurance/'")
    seen["refused"] = refusal(f"PUT file://{folder}/a-2.csv @outside")


def binds():
    table = "CREATE OR REPLACE TABLE bound (i NUMBER(38, 2), t VARCHAR, d DATE, ts TIMESTAMP_NTZ, b BOOLEAN, f FLOAT, x BINARY)"
    row = lambda i: (
        decimal.Decimal(f"{i}.25") if i % 3 else None,
        f'text "{i}", it\'s\nnext' if i % 2 else None,
        datetime.date(2024, 1, 1) + datetime.timedelta(days=i % 300),
        datetime.datetime(2024, 1, 2, 3, 4, 5, 678000) + datetime.timedelta(seconds=i),
        i % 2 == 0,
        i / 4,
        bytes([i % 256, 255]),
    )
    check = "SELECT COUNT(*), COUNT(t), SUM(i), MIN(d), MAX(ts), SUM(IFF(b, 1, 0)), SUM(f), MAX(x), MAX(t) FROM bound"
    insert = "INSERT INTO bound VALUES (?, ?, ?, ?, ?, ?, ?)"
    for name, count in {"few": 500, "many": 10_000}.items():
        rows(table)
        cursor = connection.cursor()
        cursor.executemany(insert, [row(i) for i in range(count)])
        seen[name] = [cursor.rowcount, *rows(check)[0]]


def frames():
    try:
        import pandas
        import pyarrow  # noqa: F401
        from snowflake.connector.pandas_tools import write_pandas
    except ImportError:
        seen["frames"] = None
        return
    frame = pandas.DataFrame(
        {
            "id": [1, 2, 3],
            "Name": ["a", None, "c'c"],
            "price": [1.5, float("nan"), -2.25],
            "at": pandas.to_datetime(["2024-01-02 03:04:05.678", None, "1999-12-31 00:00:00.000"]),
            "ok": [True, False, True],
        }
    )
    rows('CREATE TABLE "made" ("id" INT, "Name" VARCHAR, "price" FLOAT, "at" TIMESTAMP_NTZ, "ok" BOOLEAN)')
    ok, chunks, count, _ = write_pandas(connection, frame, "made", chunk_size=2)
    seen["frames"] = [ok, chunks, count]
    read = connection.cursor().execute('SELECT * FROM "made" ORDER BY "id"').fetch_pandas_all()
    seen["read"] = json.loads(read.to_json(orient="values", date_format="iso"))
    ok, _, count, _ = write_pandas(connection, frame, "inferred", auto_create_table=True)
    seen["inferred"] = [ok, count, [r[1].split("(")[0] for r in rows('DESC TABLE "inferred"')]]
    ok, _, count, _ = write_pandas(connection, frame, "inferred", auto_create_table=True, overwrite=True)
    seen["overwritten"] = [ok, count, rows('SELECT COUNT(*), SUM("price") FROM "inferred" WHERE "at" < \'2024-02-01\'')]


with snowflake.connector.connect(
    account=served["account"],
    user=served["user"],
    password=served["password"],
    host=served["host"],
    port=served["port"],
    protocol=served["protocol"],
    login_timeout=20,
) as connection:
    for sql in [
        "CREATE WAREHOUSE IF NOT EXISTS files_wh",
        "USE WAREHOUSE files_wh",
        "CREATE DATABASE files",
        "CREATE SCHEMA files.s",
        "CREATE STAGE box",
        "CREATE TABLE numbers (n INT, t VARCHAR)",
    ]:
        rows(sql)
    files()
    binds()
    frames()

print(json.dumps(seen, default=str))
