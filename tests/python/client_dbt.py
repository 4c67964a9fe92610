"""dbt with its Snowflake adapter, unmodified: builds a project on the served cloud, builds it again, and follows a change.

The interpreter is one that has dbt-snowflake; the project is tests/dbt.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from cloud import connect, fresh_database, served

DATABASE = "CLIENT_DBT"
PROJECT = pathlib.Path(__file__).parent.parent / "dbt"


def dbt(folder, *words):
    environment = {
        **os.environ,
        "DBT_ACCOUNT": served["account"],
        "DBT_HOST": served["host"],
        "DBT_PORT": str(served["port"]),
        "DBT_PROTOCOL": served["protocol"],
        "DBT_ENV_SECRET_USER": served["user"],
        "DBT_ENV_SECRET_PASSWORD": served["password"],
        "DBT_PROFILES_DIR": str(folder),
        "DO_NOT_TRACK": "1",
    }
    command = [str(pathlib.Path(sys.executable).parent / "dbt"), *words]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=600)
    print(done.stdout, done.stderr, file=sys.stderr)
    results = json.loads((folder / "target/run_results.json").read_text())["results"]
    assert done.returncode == 0, [(r["unique_id"], r["status"], r["message"]) for r in results]
    return {r["unique_id"].split(".")[2]: r for r in results}


def rows(sql):
    with connect(database=DATABASE, schema="SHOP") as connection:
        return connection.cursor().execute(sql).fetchall()


fresh_database(DATABASE)
seen = {}
with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder) / "project"
    shutil.copytree(PROJECT, folder)

    first = dbt(folder, "build")
    seen["first"] = len(first)
    assert all(r["status"] in ("success", "pass") for r in first.values()), first
    assert rows("SELECT name, orders, total FROM customer_totals ORDER BY 1")[0][:2] == ("Ann", 2)
    assert first["orders_merged"]["adapter_response"]["rows_affected"] in (1, 4)
    content = {}
    tables = ("customer_totals", "orders_merged", "orders_replaced", "customers_snapshot", "raw_orders")
    for table in tables:
        content[table] = rows(f"SELECT * FROM {table} ORDER BY 1")
    assert len(content["customers_snapshot"]) == 3 and len(content["orders_merged"]) == 4

    # The same again changes nothing.
    second = dbt(folder, "build")
    assert len(second) == len(first)
    for table in tables:
        assert rows(f"SELECT * FROM {table} ORDER BY 1") == content[table], table

    # A changed customer and a new order: the snapshot keeps both versions, the merge takes in what is new.
    seeds = folder / "seeds"
    (seeds / "raw_customers.csv").write_text("id,name,joined\n1,Anna,2024-01-01\n2,Bob,2024-02-01\n3,Cid,2024-03-01\n")
    with (seeds / "raw_orders.csv").open("a") as file:
        file.write("5,2,1.00,2024-04-04 08:00:00\n")
    third = dbt(folder, "build")
    versions = rows("SELECT name, dbt_valid_to IS NULL FROM customers_snapshot WHERE customer_id = 1 ORDER BY 1")
    assert versions == [("Ann", False), ("Anna", True)], versions
    assert [row[0] for row in rows("SELECT order_id FROM orders_merged ORDER BY 1")] == [1, 2, 3, 4, 5]
    seen["merged"] = third["orders_merged"]["adapter_response"].get("rows_affected")
    assert rows("SELECT comment FROM information_schema.tables WHERE table_name = 'CUSTOMER_TOTALS'") == [("One row a customer",)]

    # A column added to an incremental model is added to its table.
    model = folder / "models/orders_merged.sql"
    model.write_text(model.read_text().replace("amount * 2 as doubled", "amount * 2 as doubled, 'new' as label"))
    dbt(folder, "build", "--select", "orders_merged")
    assert rows("SELECT COUNT(label) FROM orders_merged")[0][0] >= 1
    dbt(folder, "build", "--full-refresh", "--select", "orders_merged", "raw_orders")
    assert rows("SELECT COUNT(label) FROM orders_merged") == [(5,)]
    names = [r[1] for r in rows("SHOW TABLES IN SCHEMA SHOP")]
    assert not [n for n in names if "__DBT" in n], names

print(json.dumps({"version": __import__("importlib.metadata").metadata.version("dbt-snowflake"), **seen}))
