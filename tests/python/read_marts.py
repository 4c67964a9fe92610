"""Reads the marts through Snowflake's connector and prints what it saw as one JSON document.

The served cloud is described by the environment variable SERVED: the line that `snowdeck local serve --json` prints.
"""

import json
import os

import snowflake.connector

MARTS = ("MART_CUSTOMER_PURCHASES", "MART_DAILY_SALES", "MART_CATEGORY_LOYALTY", "MART_CUSTOMER_RFM")
SCHEMA = "CONVEX_INSURANCE.CONVEX_DATAMART"

served = json.loads(os.environ["SERVED"])


def connect(user, password, **more):
    return snowflake.connector.connect(
        account=served["account"],
        user=user,
        password=password,
        host=served["host"],
        port=served["port"],
        protocol=served["protocol"],
        login_timeout=20,
        **more,
    )


def count(cursor):
    return {mart: cursor.execute(f"SELECT COUNT(*) FROM {SCHEMA}.{mart}").fetchone()[0] for mart in MARTS}


seen = {"version": snowflake.connector.__version__}

with connect(served["user"], served["password"], warehouse="CONVEX_WH") as connection:
    with connection.cursor() as cursor:
        cursor.execute("USE ROLE CONVEX_ENGINEER")
        seen["admin"] = count(cursor)
        cursor.execute(f"SELECT SUM(PURCHASE_COUNT) FROM {SCHEMA}.MART_CUSTOMER_PURCHASES")
        seen["purchases"] = int(cursor.fetchone()[0])
        cursor.execute(f"SELECT * FROM {SCHEMA}.MART_CUSTOMER_PURCHASES")
        rows = cursor.fetchall()
        assert len(rows) == seen["admin"]["MART_CUSTOMER_PURCHASES"], "every row arrives"

scientist = served["data_scientist"]
with connect(scientist["user"], scientist["password"]) as connection:
    with connection.cursor() as cursor:
        seen["scientist"] = count(cursor)
        try:
            cursor.execute("SELECT * FROM CONVEX_INSURANCE.CONVEX_VAULT.HUB_CUSTOMER")
            seen["refused"] = None
        except snowflake.connector.errors.ProgrammingError as error:
            seen["refused"] = {"errno": error.errno, "sqlstate": error.sqlstate}

print(json.dumps(seen))
