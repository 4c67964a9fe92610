"""snow CLI, unmodified: statements and lists against the served cloud. The interpreter is one that has snowflake-cli."""

import importlib.metadata
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from cloud import check, fresh_database, run_checks, served

DATABASE = "CLIENT_SNOW_CLI"
HOME = pathlib.Path(tempfile.mkdtemp())


def snow(*words, fails=False, plain=False):
    environment = {
        **os.environ,
        "HOME": str(HOME),
        "SNOWFLAKE_HOME": str(HOME),
        "SNOWFLAKE_ACCOUNT": served["account"],
        "SNOWFLAKE_USER": served["user"],
        "SNOWFLAKE_PASSWORD": served["password"],
        "SNOWFLAKE_HOST": served["host"],
        "SNOWFLAKE_PORT": str(served["port"]),
        "SNOWFLAKE_PROTOCOL": served["protocol"],
        "SNOWFLAKE_DATABASE": DATABASE,
        "SNOWFLAKE_SCHEMA": "PUBLIC",
        "SNOWFLAKE_WAREHOUSE": "COMPUTE_WH",
        "SNOWFLAKE_CLI_FEATURES_ENABLE_SNOWFLAKE_PROJECTS": "false",
    }
    command = [str(pathlib.Path(sys.executable).parent / "snow"), *words, "--temporary-connection"]
    if not plain:
        command += ["--format", "json"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert (done.returncode != 0) == fails, (words, done.returncode, done.stdout[-2000:], done.stderr[-2000:])
    if fails or plain:
        return done.stdout + done.stderr
    return json.loads(done.stdout)


@check
def a_statement_is_run():
    assert snow("sql", "-q", "SELECT 1 AS a, 'x' AS b") == [{"A": 1, "B": "x"}]


@check
def several_statements_are_run():
    results = snow("sql", "-q", "CREATE OR REPLACE TABLE t(a INT); INSERT INTO t VALUES (1), (2); SELECT SUM(a) AS s FROM t")
    assert results[-1] == [{"S": 3}] and results[1] == [{"number of rows inserted": 2}], results


@check
def a_file_with_a_procedure_is_run():
    path = HOME / "script.sql"
    path.write_text(
        "CREATE OR REPLACE TABLE p(a INT);\n-- a comment; with a semicolon\n"
        "CREATE OR REPLACE PROCEDURE fill() RETURNS STRING LANGUAGE SQL AS $$\nBEGIN\n  INSERT INTO p VALUES (7);\n  RETURN 'filled';\nEND;\n$$;\n"
        "CALL fill();\nSELECT a FROM p;\n"
    )
    results = snow("sql", "-f", str(path))
    assert results[-1] == [{"A": 7}] and list(results[-2][0].values()) == ["filled"], results


@check
def templates_are_filled_in():
    assert snow("sql", "-q", "SELECT <% n %> AS n", "-D", "n=5") == [{"N": 5}]


@check
def a_refusal_is_told():
    assert "does not exist or not authorized" in " ".join(snow("sql", "-q", "SELECT * FROM nowhere", fails=True).split())


@check
def the_connection_is_tested():
    answer = snow("connection", "test")
    assert answer["Status"] == "OK" and answer["Database"] == DATABASE, answer


@check
def objects_are_listed_described_and_dropped():
    snow("sql", "-q", "CREATE OR REPLACE TABLE listed(a INT, b TEXT); CREATE OR REPLACE VIEW v AS SELECT 1 AS a")
    assert "LISTED" in [row["name"] for row in snow("object", "list", "table")]
    assert [row["name"] for row in snow("object", "list", "table", "--like", "LIST%")] == ["LISTED"]
    assert "V" in [row["name"] for row in snow("object", "list", "view", "--in", "database", DATABASE)]
    for kind in ("warehouse", "role", "task", "procedure"):
        assert isinstance(snow("object", "list", kind), list), kind
    assert [row["name"] for row in snow("object", "describe", "table", "listed")] == ["A", "B"]
    snow("object", "drop", "table", "listed")
    assert "LISTED" not in [row["name"] for row in snow("object", "list", "table")]
    # `snow object create` speaks the REST interface, which is not offered.
    snow("sql", "-q", "CREATE SCHEMA made")
    assert "MADE" in [row["name"] for row in snow("object", "list", "schema")]


@check
def files_go_to_a_stage_and_come_back():
    there, back = HOME / "there", HOME / "back"
    there.mkdir()
    back.mkdir()
    for name, text in (("a.csv", "1,x\n2,y\n"), ("b.csv", "3,z\n")):
        (there / name).write_text(text)
    snow("stage", "create", "box")
    sent = snow("stage", "copy", str(there), "@box/in", "--no-auto-compress")
    assert {row["status"] for row in sent} == {"UPLOADED"}, sent
    assert sorted(row["name"] for row in snow("stage", "list-files", "@box")) == ["box/in/a.csv", "box/in/b.csv"]
    assert snow("sql", "-q", "SELECT COUNT(*) AS n FROM @box")[0] == {"N": 3}
    snow("stage", "copy", "@box/in", str(back))
    assert {p.name: p.read_text() for p in back.rglob("*.csv")} == {p.name: p.read_text() for p in there.iterdir()}
    snow("stage", "remove", "box", "in/a.csv")
    assert [row["name"] for row in snow("stage", "list-files", "@box")] == ["box/in/b.csv"]


fresh_database(DATABASE)
run_checks({"version": importlib.metadata.version("snowflake-cli")})
