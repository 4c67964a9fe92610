"""The served cloud, as the environment variable SERVED describes it: the line that `snowdeck local serve --json` prints."""

import json
import os
import signal
import sys
import time
import traceback

served = json.loads(os.environ["SERVED"])

CHECKS = []
#: Seconds after which a check that still waits has failed.
PATIENCE = int(os.environ.get("PATIENCE", "300"))


def check(function):
    """Registers a check: a function that raises where the cloud does not do what Snowflake does."""
    CHECKS.append(function)
    return function


def arguments(**more):
    """What snowflake.connector.connect needs."""
    return {
        "account": served["account"],
        "user": served["user"],
        "password": served["password"],
        "host": served["host"],
        "port": served["port"],
        "protocol": served["protocol"],
        "login_timeout": 20,
        **more,
    }


def connect(**more):
    """A connection of Snowflake's own connector."""
    import snowflake.connector

    return snowflake.connector.connect(**arguments(**more))


def fresh_database(name):
    """A new, empty database."""
    with connect() as connection:
        connection.cursor().execute(f"CREATE OR REPLACE DATABASE {name}")


def refusal(cursor, sql, *parameters):
    """The error that a statement ends with."""
    from snowflake.connector.errors import Error

    try:
        cursor.execute(sql, *parameters)
    except Error as error:
        return error
    raise AssertionError(f"not refused: {sql}")


def give_up(*_):
    raise TimeoutError(f"nothing for {PATIENCE} s")


def run_checks(about):
    """Runs every check and prints a JSON document with the names of those that passed and failed."""
    passed, failed = [], {}
    signal.signal(signal.SIGALRM, give_up)
    wanted = sys.argv[1:]
    for function in [c for c in CHECKS if not wanted or c.__name__ in wanted]:
        began = time.monotonic()
        signal.alarm(PATIENCE)
        try:
            function()
            passed.append(function.__name__)
        except Exception:
            failed[function.__name__] = traceback.format_exc()
        signal.alarm(0)
        print(f"{time.monotonic() - began:6.2f} s  {function.__name__}", file=sys.stderr, flush=True)
    print(json.dumps({**about, "passed": passed, "failed": failed}))
