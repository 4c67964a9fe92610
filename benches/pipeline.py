"""The pipeline from stage to marts in the embedded warehouse beside the same logic by hand in DuckDB SQL, in one run.

    python benches/pipeline.py SNOWDECK [--customers N] [--repeat N]

SNOWDECK is the binary. The interpreter needs `duckdb` of the embedded one's version (2.0). 183 000 customers make about a
million purchases. Loading is not measured on either side: snowdeck's time is that of the task tree, from the first task's
start to the last one's end (INFORMATION_SCHEMA.TASK_HISTORY), without the finalizer, which checks and counts and has no
counterpart by hand; DuckDB's that of benches/pipeline.sql on a file of its own.
One JSON document goes to standard output.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import duckdb

TABLES = """
CREATE TABLE raw_customers AS SELECT customer_id, try_cast(loyalty_score AS DECIMAL(10, 0)) AS loyalty, filename AS file,
  row_number() OVER () AS file_row, now()::TIMESTAMP AS loaded_at FROM read_csv('{data}/customers.csv', filename = true);
CREATE TABLE raw_products AS SELECT product_id, product_description AS description, product_category AS category,
  filename AS file, row_number() OVER () AS file_row, now()::TIMESTAMP AS loaded_at
  FROM read_csv('{data}/products.csv', filename = true);
CREATE TABLE raw_transactions AS SELECT json AS record, filename AS file,
  row_number() OVER (PARTITION BY filename) AS file_row, md5(filename) AS content_key, now()::TIMESTAMP AS loaded_at
  FROM read_ndjson_objects('{data}/transactions/*/*.json', filename = true);
CREATE TABLE stg_line (hk_line VARCHAR, hk_tx VARCHAR, hk_tx_customer VARCHAR, hk_customer VARCHAR, hk_product VARCHAR,
  customer_id VARCHAR, purchased_at TIMESTAMP, purchase_no BIGINT, basket_lines BIGINT, line_no BIGINT, product_id VARCHAR,
  price DECIMAL(12, 2), hd_tx VARCHAR, hd_line VARCHAR, file VARCHAR, file_row BIGINT, content_key VARCHAR,
  loaded_at TIMESTAMP);
CREATE TABLE hub_customer (hk VARCHAR, customer_id VARCHAR, loaded_at TIMESTAMP, source VARCHAR);
CREATE TABLE sat_customer (hk VARCHAR, loaded_at TIMESTAMP, hd VARCHAR, loyalty DECIMAL(10, 0), source VARCHAR);
CREATE TABLE hub_product (hk VARCHAR, product_id VARCHAR, loaded_at TIMESTAMP, source VARCHAR);
CREATE TABLE sat_product (hk VARCHAR, loaded_at TIMESTAMP, hd VARCHAR, description VARCHAR, category VARCHAR, source VARCHAR);
CREATE TABLE hub_transaction (hk VARCHAR, customer_id VARCHAR, purchased_at TIMESTAMP, purchase_no BIGINT,
  loaded_at TIMESTAMP, source VARCHAR);
CREATE TABLE link_tx_customer (hk VARCHAR, hk_tx VARCHAR, hk_customer VARCHAR, loaded_at TIMESTAMP, source VARCHAR);
CREATE TABLE sat_transaction (hk VARCHAR, loaded_at TIMESTAMP, hd VARCHAR, basket_lines BIGINT, source VARCHAR);
CREATE TABLE link_line (hk VARCHAR, hk_tx VARCHAR, hk_product VARCHAR, line_no BIGINT, loaded_at TIMESTAMP, source VARCHAR);
CREATE TABLE sat_line (hk VARCHAR, loaded_at TIMESTAMP, hd VARCHAR, price DECIMAL(12, 2), source VARCHAR);
CREATE TABLE effsat_line (hk_line VARCHAR, loaded_at TIMESTAMP, delivered BOOLEAN, content_key VARCHAR, source VARCHAR);
CREATE TABLE dim_customer (hk VARCHAR, customer_id VARCHAR, loyalty DECIMAL(10, 0), valid_from TIMESTAMP,
  valid_to TIMESTAMP, is_current BOOLEAN);
CREATE TABLE dim_product (hk VARCHAR, product_id VARCHAR, description VARCHAR, category VARCHAR, valid_from TIMESTAMP,
  valid_to TIMESTAMP, is_current BOOLEAN);
CREATE TABLE dim_date (date_key DATE, year_no INT, quarter_no INT, month_no INT, day_no INT, weekday_no INT,
  weekday_name VARCHAR, is_weekend BOOLEAN);
CREATE TABLE fact_line (hk VARCHAR, hk_tx VARCHAR, hk_customer VARCHAR, hk_product VARCHAR, date_key DATE,
  purchased_at TIMESTAMP, line_no BIGINT, quantity INT, price DECIMAL(12, 2), amount DECIMAL(14, 2));
CREATE TABLE pit_customer (hk VARCHAR, moment TIMESTAMP, sat_at TIMESTAMP);
CREATE TABLE pit_product (hk VARCHAR, moment TIMESTAMP, sat_at TIMESTAMP);
CREATE TABLE mart_customer_purchases (customer_id VARCHAR, loyalty DECIMAL(10, 0), product_id VARCHAR, category VARCHAR,
  purchases BIGINT);
CREATE TABLE mart_daily_sales (date_key DATE, weekday_name VARCHAR, transactions BIGINT, lines HUGEINT, customers BIGINT,
  amount DECIMAL(38, 2));
CREATE TABLE mart_category_loyalty (category VARCHAR, loyalty DECIMAL(10, 0), customers BIGINT, transactions BIGINT,
  lines HUGEINT, amount DECIMAL(38, 2), average DOUBLE);
CREATE TABLE mart_customer_rfm (customer_id VARCHAR, loyalty DECIMAL(10, 0), first_day DATE, last_day DATE, recency BIGINT,
  frequency BIGINT, monetary DECIMAL(38, 2), r INT, f INT, m INT);
"""

SPAN = """
SELECT DATEDIFF(MILLISECOND, MIN(QUERY_START_TIME), MAX(COMPLETED_TIME)) AS MS
FROM TABLE(CONVEX_INSURANCE.INFORMATION_SCHEMA.TASK_HISTORY(RESULT_LIMIT => 1000))
WHERE STATE = 'SUCCEEDED' AND NAME <> 'FINISH_CONVEX'
"""


def by_hand(data, folder):
    """Seconds by statement, and the marts' rows."""
    connection = duckdb.connect(str(pathlib.Path(folder) / "hand.duckdb"))
    connection.execute(TABLES.format(data=data))
    text = (pathlib.Path(__file__).parent / "pipeline.sql").read_text()
    parts = {}
    for statement in text.split("\n\n")[1:]:
        began = time.perf_counter()
        connection.execute(statement)
        parts[" ".join(statement.split()[:4]).rstrip("(")] = time.perf_counter() - began
    rows = {
        name.upper(): connection.execute(f"SELECT COUNT(*) FROM {name}").fetchone()[0]
        for name in ("mart_customer_purchases", "mart_daily_sales", "mart_category_loyalty", "mart_customer_rfm")
    }
    return parts, rows


def embedded(binary, customers, home):
    """Seconds of the task tree, those of each task, the marts' rows, purchases."""
    environment = {**os.environ, "SNOWDECK_HOME": home}

    def snowdeck(*words):
        done = subprocess.run([binary, *words], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode != 0:
            sys.exit(done.stderr)
        return json.loads(done.stdout)

    report = snowdeck("run", "--customers", str(customers), "--json")
    span = snowdeck("sql", "-q", SPAN, "--format", "json")
    seconds = float(span["answers"][0]["rows"][0][0]) / 1000
    tasks = {t["name"]: t["ms"] / 1000 for t in report["tasks"]}
    return seconds, tasks, {m["name"]: m["rows"] for m in report["marts"]}, report["generated"]["transactions"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("snowdeck")
    parser.add_argument("--customers", type=int, default=183_000)
    parser.add_argument("--repeat", type=int, default=1)
    options = parser.parse_args()
    runs = []
    for _ in range(options.repeat):
        with tempfile.TemporaryDirectory() as folder:
            data = str(pathlib.Path(folder) / "data")
            command = [options.snowdeck, "generate", "--out", data, "--customers", str(options.customers)]
            subprocess.run(command, check=True, env={**os.environ, "SNOWDECK_HOME": folder + "/home"}, stderr=subprocess.DEVNULL,
                           stdout=subprocess.DEVNULL)
            parts, hand_rows = by_hand(data, folder)
            seconds, tasks, rows, purchases = embedded(options.snowdeck, options.customers, folder + "/home")
            assert rows == hand_rows, (rows, hand_rows)
            hand = sum(parts.values())
            runs.append({"purchases": purchases, "by_hand_s": round(hand, 3), "embedded_s": round(seconds, 3),
                         "ratio": round(seconds / hand, 2), "tasks_s": tasks,
                         "statements_s": {k: round(v, 3) for k, v in parts.items()}})
    print(json.dumps({"duckdb": duckdb.__version__, "cores": os.cpu_count(), "runs": runs}, indent=1))


main()
