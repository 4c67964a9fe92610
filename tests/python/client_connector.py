"""Snowflake's connector for Python, 4.x or 5.x, unmodified: what it offers, against the served cloud."""

import datetime
import json
import threading
import time
from decimal import Decimal

import snowflake.connector
from cloud import check, connect, fresh_database, refusal, run_checks
from snowflake.connector import DictCursor
from snowflake.connector.constants import QueryStatus

DATABASE = "CLIENT_CONNECTOR"
MAJOR = int(snowflake.connector.__version__.split(".")[0])


def session(**more):
    return connect(database=DATABASE, schema="PUBLIC", **more)


def one(cursor, sql, *parameters):
    return cursor.execute(sql, *parameters).fetchone()[0]


def raises(kind, function):
    try:
        function()
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was not raised")


@check
def cursors_fetch_one_many_all_and_iterate():
    with session() as c, c.cursor() as cur:
        cur.execute("SELECT seq4() AS n FROM TABLE(GENERATOR(ROWCOUNT => 10)) ORDER BY n")
        assert cur.rowcount == 10, cur.rowcount
        assert cur.fetchone() == (0,)
        assert cur.fetchmany(3) == [(1,), (2,), (3,)]
        assert [row[0] for row in cur] == [4, 5, 6, 7, 8, 9]
        assert cur.fetchone() is None and cur.fetchall() == []


@check
def dict_cursors_name_the_columns():
    with session() as c, c.cursor(DictCursor) as cur:
        cur.execute('SELECT 1 AS a, \'x\' AS "b c"')
        assert cur.fetchall() == [{"A": 1, "b c": "x"}]


@check
def every_type_arrives():
    sql = """SELECT 12345678901234567890123456789012345678::NUMBER(38,0), 1.50::NUMBER(10,2), 1.5::FLOAT, 'täxt', TRUE,
      '2024-02-29'::DATE, '12:34:56.789'::TIME, '2024-01-02 03:04:05.123456'::TIMESTAMP_NTZ,
      '2024-01-02 03:04:05 +02:00'::TIMESTAMP_TZ, TO_BINARY('CAFE', 'HEX'), PARSE_JSON('{"a":[1,null]}'),
      NULL, OBJECT_CONSTRUCT('k', 1), ARRAY_CONSTRUCT(1, 2), '9999-12-31'::DATE, '9999-12-31 23:59:59'::TIMESTAMP_NTZ"""
    for form in ("ARROW", "JSON"):
        with session(session_parameters={"PYTHON_CONNECTOR_QUERY_RESULT_FORMAT": form}) as c, c.cursor() as cur:
            row = cur.execute(sql).fetchone()
            assert row[0] == 12345678901234567890123456789012345678, row
            assert row[1] == Decimal("1.50") and isinstance(row[1], Decimal)
            assert row[2:5] == (1.5, "täxt", True)
            assert row[5] == datetime.date(2024, 2, 29)
            assert row[6] == datetime.time(12, 34, 56, 789000)
            assert row[7] == datetime.datetime(2024, 1, 2, 3, 4, 5, 123456)
            assert row[8].isoformat() == "2024-01-02T03:04:05+02:00", row[8]
            assert bytes(row[9]) == b"\xca\xfe"
            assert json.loads(row[10]) == {"a": [1, None]}
            assert row[11] is None
            assert json.loads(row[12]) == {"k": 1} and json.loads(row[13]) == [1, 2]
            assert row[14] == datetime.date(9999, 12, 31)
            assert row[15] == datetime.datetime(9999, 12, 31, 23, 59, 59)


@check
def local_timestamps_follow_the_session():
    with session(timezone="Asia/Singapore") as c, c.cursor() as cur:
        value = one(cur, "SELECT '2024-01-02 03:04:05'::TIMESTAMP_LTZ")
        assert value == datetime.datetime.fromisoformat("2024-01-02T03:04:05+08:00"), value


@check
def binds_by_question_mark():
    values = (
        7, Decimal("1.25"), 0.1, "it's", True, None, datetime.date(1969, 12, 31), datetime.time(1, 2, 3, 4),
        datetime.datetime(2024, 1, 2, 3, 4, 5, 6), b"\x00\xff",
    )
    with session(paramstyle="qmark") as c, c.cursor() as cur:
        row = cur.execute("SELECT " + ", ".join("?" * len(values)), values).fetchone()
        assert row[0] == 7 and Decimal(row[1]) == Decimal("1.25") and abs(float(row[2]) - 0.1) < 1e-12, row
        assert row[3] == "it's" and row[4] is True and row[5] is None, row
        assert row[6] == datetime.date(1969, 12, 31) and row[7] == datetime.time(1, 2, 3, 4), row
        assert row[8] == datetime.datetime(2024, 1, 2, 3, 4, 5, 6), row
        assert bytes(row[9]) == b"\x00\xff", row
        cur.execute("CREATE OR REPLACE TABLE q(a INT, t TIMESTAMP_TZ, l TIMESTAMP_LTZ)")
        moment = datetime.datetime(2024, 6, 1, 12, tzinfo=datetime.timezone(datetime.timedelta(hours=2)))
        cur.execute("INSERT INTO q SELECT ?, ?, ?", (1, ("TIMESTAMP_TZ", moment), ("TIMESTAMP_LTZ", moment)))
        _, zoned, local = cur.execute("SELECT * FROM q").fetchone()
        assert zoned == moment and local == moment, (zoned, local)
        if MAJOR == 4:  # 5.x sends the instant without its offset
            assert zoned.utcoffset() == datetime.timedelta(hours=2)
        assert refusal(cur, "SELECT ?, ?", (1,)) is not None


@check
def binds_by_number():
    with session(paramstyle="numeric") as c, c.cursor() as cur:
        assert cur.execute("SELECT :2, :1, :2", (1, "b")).fetchone() == ("b", 1, "b")


@check
def binds_by_name_and_format():
    with session() as c, c.cursor() as cur:
        assert cur.execute("SELECT %s, %s", ("o'clock", 3)).fetchone() == ("o'clock", 3)
        assert cur.execute("SELECT %(b)s, %(a)s", {"a": 1, "b": None}).fetchone() == (None, 1)
        assert cur.execute("SELECT 'x' WHERE 2 IN (%s)", ([1, 2],)).fetchone() == ("x",)


@check
def many_rows_are_inserted_at_once():
    for style, row in (("qmark", "(?, ?)"), ("numeric", "(:1, :2)"), ("pyformat", "(%s, %s)")):
        with session(paramstyle=style) as c, c.cursor() as cur:
            cur.execute("CREATE OR REPLACE TABLE many(a INT, b TEXT)")
            rows = [(i, f"row {i}" if i % 7 else None) for i in range(2000)]
            cur.executemany(f"INSERT INTO many VALUES {row}", rows)
            assert cur.rowcount == 2000, (style, cur.rowcount)
            assert cur.execute("SELECT * FROM many ORDER BY a").fetchall() == rows, style
            # All or nothing.
            if style == "qmark":
                error = raises(
                    snowflake.connector.errors.ProgrammingError,
                    lambda: cur.executemany("INSERT INTO many VALUES (?, ?)", [("5", "x"), ("five", "y")]),
                )
                assert error.errno is not None and one(cur, "SELECT COUNT(*) FROM many") == 2000
                cur.executemany("UPDATE many SET b = ? WHERE a = ?", [("u", 1), ("u", 2)])
                assert one(cur, "SELECT COUNT(*) FROM many WHERE b = 'u'") == 2


@check
def large_bind_arrays_work_whatever_their_size():
    with session(paramstyle="qmark") as c, c.cursor() as cur:
        cur.execute("CREATE OR REPLACE TABLE large_binds(a INT, b TEXT)")
        cur.executemany("INSERT INTO large_binds VALUES (?, ?)", [(i, str(i)) for i in range(40_000)])
        assert cur.execute("SELECT COUNT(*), SUM(a), COUNT(DISTINCT b) FROM large_binds").fetchone() == (
            40_000, 799_980_000, 40_000,
        )


@check
def asynchronous_queries_are_found_again():
    with session() as c, c.cursor() as cur:
        cur.execute_async("SELECT COUNT(*) FROM TABLE(GENERATOR(ROWCOUNT => 300000))")
        sfqid = cur.sfqid
        assert sfqid
        while c.is_still_running(c.get_query_status(sfqid)):
            time.sleep(0.05)
        assert c.get_query_status_throw_if_error(sfqid) == QueryStatus.SUCCESS
        with c.cursor() as other:
            other.get_results_from_sfqid(sfqid)
            assert other.fetchall() == [(300_000,)]
        # Without waiting oneself.
        cur.execute_async("SELECT 5 AS five")
        cur.get_results_from_sfqid(cur.sfqid)
        assert cur.fetchone() == (5,)


@check
def an_asynchronous_query_tells_its_failure():
    with session() as c, c.cursor() as cur:
        cur.execute_async("SELECT 1/0 AS x FROM TABLE(GENERATOR(ROWCOUNT => 10))")
        sfqid = cur.sfqid
        while c.is_still_running(c.get_query_status(sfqid)):
            time.sleep(0.05)
        assert c.get_query_status(sfqid) == QueryStatus.FAILED_WITH_ERROR
        error = raises(
            snowflake.connector.errors.ProgrammingError, lambda: c.get_query_status_throw_if_error(sfqid)
        )
        assert error.errno == 100051, error


@check
def results_come_as_pandas_and_arrow():
    with session() as c, c.cursor() as cur:
        sql = """SELECT seq4() AS n, (seq4() * 1.25)::NUMBER(12,2) AS price, 'item ' || seq4() AS name,
                 DATEADD(day, seq4(), '2024-01-01'::DATE) AS d, DATEADD(second, seq4(), '2024-01-01'::TIMESTAMP_NTZ) AS t
                 FROM TABLE(GENERATOR(ROWCOUNT => 1000)) ORDER BY 1"""
        frame = cur.execute(sql).fetch_pandas_all()
        assert list(frame.columns) == ["N", "PRICE", "NAME", "D", "T"] and len(frame) == 1000
        assert frame["N"].sum() == 499_500 and frame["NAME"][999] == "item 999"
        assert str(frame["T"][1]) == "2024-01-01 00:00:01"
        table = cur.execute(sql).fetch_arrow_all()
        assert table.num_rows == 1000 and table.column("N").to_pylist()[:3] == [0, 1, 2]
        assert sum(batch.num_rows for batch in cur.execute(sql).fetch_arrow_batches()) == 1000
        assert sum(len(batch) for batch in cur.execute(sql).fetch_pandas_batches()) == 1000
        empty = cur.execute("SELECT 1 AS a, 'x' AS b WHERE 1 = 0").fetch_pandas_all()
        assert list(empty.columns) == ["A", "B"] and len(empty) == 0


@check
def large_results_come_in_chunks():
    for form in ("ARROW", "JSON"):
        with session(session_parameters={"PYTHON_CONNECTOR_QUERY_RESULT_FORMAT": form}) as c, c.cursor() as cur:
            cur.execute(
                "SELECT seq8() AS n, RPAD('r' || seq8(), 300, 'x') AS t FROM TABLE(GENERATOR(ROWCOUNT => 120000))"
            )
            assert cur.rowcount == 120_000
            total, count = 0, 0
            for n, text in cur:
                total, count = total + n, count + 1
                assert text.startswith(f"r{n}x") and len(text) == 300
            assert (count, total) == (120_000, 120_000 * 119_999 // 2), form
            batches = cur.execute("SELECT seq8() AS n FROM TABLE(GENERATOR(ROWCOUNT => 700000))").get_result_batches()
            assert sum(batch.rowcount for batch in batches) == 700_000


@check
def several_statements_by_execute_string():
    with session() as c:
        cursors = c.execute_string(
            "CREATE OR REPLACE TABLE s(a INT); -- a comment; with a semicolon\nINSERT INTO s VALUES (1), (2);\nSELECT * FROM s ORDER BY a"
        )
        assert [cur.fetchall() for cur in cursors][1:] == [[(2,)], [(1,), (2,)]]


@check
def several_statements_in_one_request():
    with session() as c, c.cursor() as cur:
        cur.execute("SELECT 1 AS a; SELECT 2 AS b; SELECT 3 AS c", num_statements=3)
        got = [cur.fetchall()]
        while cur.nextset():
            got.append(cur.fetchall())
        assert got == [[(1,)], [(2,)], [(3,)]], got
        cur.execute("CREATE OR REPLACE TABLE m(a INT); INSERT INTO m VALUES (1); SELECT * FROM m", num_statements=0)
        while cur.nextset():
            last = cur.fetchall()
        assert last == [(1,)]
        error = refusal(cur, "SELECT 1; SELECT 2")
        assert error.errno == 8 and error.sqlstate == "0A000", error


@check
def a_running_statement_is_cancelled():
    with session() as c, session() as d, c.cursor() as cur:
        ended = {}

        def long():
            ended["error"] = refusal(cur, "SELECT SYSTEM$WAIT(60)")

        began = time.monotonic()
        thread = threading.Thread(target=long)
        thread.start()
        while cur.sfqid is None and not ended and time.monotonic() - began < 1:
            time.sleep(0.05)
        # Another session of the same user ends it by its text's id, which the history of running statements tells.
        running = []
        while not running and time.monotonic() - began < 20:
            running = [
                row[0]
                for row in d.cursor().execute(
                    "SELECT query_id FROM TABLE(INFORMATION_SCHEMA.QUERY_HISTORY()) "
                    "WHERE query_text = 'SELECT SYSTEM$WAIT(60)' AND execution_status = 'RUNNING'"
                )
            ]
        assert one(d.cursor(), f"SELECT SYSTEM$CANCEL_QUERY('{running[0]}')") is not None
        thread.join(20)
        assert not thread.is_alive() and ended["error"].errno == 604, ended
        assert ended["error"].sqlstate == "57014" and time.monotonic() - began < 40
        assert one(cur, "SELECT 1") == 1, "the session goes on"


@check
def an_asynchronous_query_is_cancelled_by_its_id():
    with session() as c, c.cursor() as cur:
        cur.execute_async("SELECT SYSTEM$WAIT(60)")
        sfqid = cur.sfqid
        assert cur.abort_query(sfqid)
        until = time.monotonic() + 20
        ended = (QueryStatus.ABORTED, QueryStatus.FAILED_WITH_ERROR)
        while (status := c.get_query_status(sfqid)) not in ended and time.monotonic() < until:
            time.sleep(0.05)
        assert status in ended, status


@check
def statements_run_out_of_time():
    with session() as c, c.cursor() as cur:
        # The client's own time limit: 5.x takes the argument and does nothing with it.
        if snowflake.connector.__version__.startswith("4."):
            began = time.monotonic()
            error = raises(
                snowflake.connector.errors.ProgrammingError, lambda: cur.execute("SELECT SYSTEM$WAIT(60)", timeout=1)
            )
            assert error.errno in (604, 630) and time.monotonic() - began < 20, error
        cur.execute("ALTER SESSION SET STATEMENT_TIMEOUT_IN_SECONDS = 1")
        error = refusal(cur, "SELECT SYSTEM$WAIT(60)")
        assert error.errno == 630 and error.sqlstate == "57014", error
        cur.execute("ALTER SESSION UNSET STATEMENT_TIMEOUT_IN_SECONDS")
        assert one(cur, "SELECT 1") == 1


@check
def statements_are_described_without_running():
    with session() as c, c.cursor() as cur:
        cur.execute("CREATE OR REPLACE TABLE described(a NUMBER(10,2) NOT NULL, b VARCHAR(20), t TIMESTAMP_NTZ(3))")
        columns = cur.describe("SELECT * FROM described")
        assert [(m.name, m.type_code, m.is_nullable) for m in columns] == [("A", 0, False), ("B", 2, True), ("T", 8, True)]
        assert (columns[0].precision, columns[0].scale, columns[1].internal_size) == (10, 2, 20)
        cur.describe("INSERT INTO described VALUES (1, 'x', CURRENT_TIMESTAMP())")
        assert one(cur, "SELECT COUNT(*) FROM described") == 0
        cur.execute("SELECT b, a FROM described")
        assert [m.name for m in cur.description] == ["B", "A"]


@check
def errors_carry_number_state_id_and_text():
    with session() as c, c.cursor() as cur:
        error = refusal(cur, "SELECT * FROM nowhere")
        assert (error.errno, error.sqlstate) == (2003, "42S02"), error
        assert error.sfqid and error.sfqid == cur.sfqid
        assert "Object 'NOWHERE' does not exist or not authorized." in error.msg, error.msg
        assert error.msg.startswith("002003 (42S02): "), error.msg
        if MAJOR == 4:  # 5.x leaves it out
            assert error.query == "SELECT * FROM nowhere"
        error = refusal(cur, "SELECT\n  FROM FROM x")
        assert (error.errno, error.sqlstate) == (1003, "42000") and "line 2" in error.msg, error.msg
        error = refusal(cur, "SELECT no_column FROM (SELECT 1 AS a)")
        assert (error.errno, error.sqlstate) == (904, "42000") and "invalid identifier 'NO_COLUMN'" in error.msg
        error = refusal(cur, "-- nothing but a comment")
        assert error.errno == 900 and "Empty SQL statement" in error.msg, error
        assert one(cur, "SELECT 1") == 1, "the session goes on"


@check
def session_parameters_are_kept_and_followed():
    with session(session_parameters={"QUERY_TAG": "from the client"}) as c, c.cursor() as cur:
        row = cur.execute("SHOW PARAMETERS LIKE 'QUERY_TAG' IN SESSION").fetchone()
        assert row[0] == "QUERY_TAG" and row[1] == "from the client", row
        cur.execute("ALTER SESSION SET TIMEZONE = 'America/New_York', DATE_OUTPUT_FORMAT = 'DD.MM.YYYY'")
        assert one(cur, "SELECT TO_CHAR('2024-02-01'::DATE)") == "01.02.2024"
        assert one(cur, "SELECT '2024-02-01 12:00:00'::TIMESTAMP_LTZ").utcoffset() == datetime.timedelta(hours=-5)
        assert refusal(cur, "ALTER SESSION SET NO_SUCH_PARAMETER = 1") is not None
        # One statement's own parameters.
        cur.execute("SELECT 1", _statement_params={"QUERY_TAG": "once"})
        assert cur.execute("SHOW PARAMETERS LIKE 'QUERY_TAG'").fetchone()[1] == "from the client"


@check
def the_connection_follows_use():
    with session() as c, c.cursor() as cur:
        assert (c.database, c.schema) == (DATABASE, "PUBLIC")
        cur.execute("CREATE SCHEMA IF NOT EXISTS other")
        assert c.schema == "OTHER", c.schema
        cur.execute("USE SCHEMA public")
        assert c.schema == "PUBLIC" and c.role == one(cur, "SELECT CURRENT_ROLE()")
        assert one(cur, "SELECT CURRENT_SESSION()") == str(c.session_id)
        cur.execute("USE WAREHOUSE compute_wh")
        assert c.warehouse == "COMPUTE_WH"


@check
def lists_are_shown():
    with session() as c, c.cursor(DictCursor) as cur:
        cur.execute("CREATE OR REPLACE TABLE shown(a INT)")
        rows = cur.execute("SHOW TABLES LIKE 'SHOWN'").fetchall()
        assert len(rows) == 1 and rows[0]["name"] == "SHOWN" and rows[0]["schema_name"] == "PUBLIC"
        assert isinstance(rows[0]["created_on"], datetime.datetime) and rows[0]["created_on"].tzinfo is not None
        assert isinstance(rows[0]["rows"], int)
        rows = cur.execute("SELECT \"name\" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))").fetchall()
        assert rows == [{"name": "SHOWN"}]
        assert [row["name"] for row in cur.execute("DESC TABLE shown").fetchall()] == ["A"]


@check
def affected_rows_are_counted():
    with session() as c, c.cursor() as cur:
        cur.execute("CREATE OR REPLACE TABLE n(a INT, b TEXT)")
        cur.execute("INSERT INTO n VALUES (1, 'a'), (2, 'b'), (3, 'c')")
        assert cur.rowcount == 3 and cur.fetchall() == [(3,)]
        assert [m.name for m in cur.description] == ["number of rows inserted"]
        cur.execute("UPDATE n SET b = 'z' WHERE a > 1")
        assert cur.rowcount == 2 and [m.name for m in cur.description] == [
            "number of rows updated", "number of multi-joined rows updated",
        ]
        cur.execute("DELETE FROM n WHERE a = 3")
        assert cur.rowcount == 1
        cur.execute("""MERGE INTO n USING (SELECT 1 AS a UNION ALL SELECT 9) s ON n.a = s.a
            WHEN MATCHED THEN UPDATE SET b = 'm' WHEN NOT MATCHED THEN INSERT (a, b) VALUES (s.a, 'new')""")
        assert cur.rowcount == 2 and cur.fetchall() == [(1, 1)]
        cur.execute("INSERT ALL INTO n INTO n (a) VALUES (x) SELECT 7 AS x, 'seven' AS y")
        assert cur.rowcount == 2


@check
def transactions_commit_and_roll_back():
    with session(autocommit=False) as c, session() as d, c.cursor() as cur:
        d.cursor().execute("CREATE OR REPLACE TABLE tx(a INT)")
        cur.execute("INSERT INTO tx VALUES (1)")
        assert one(d.cursor(), "SELECT COUNT(*) FROM tx") == 0
        c.rollback()
        assert one(cur, "SELECT COUNT(*) FROM tx") == 0
        cur.execute("INSERT INTO tx VALUES (2)")
        refusal(cur, "INSERT INTO tx VALUES ('two')")
        c.commit()
        assert one(d.cursor(), "SELECT COUNT(*) FROM tx") == 1
        c.autocommit(True)
        cur.execute("INSERT INTO tx VALUES (3)")
        assert one(d.cursor(), "SELECT COUNT(*) FROM tx") == 2


@check
def two_connections_work_side_by_side():
    seen = []

    def work(i):
        with session() as c, c.cursor() as cur:
            for k in range(5):
                seen.append(one(cur, f"SELECT {i} * 10 + {k}"))

    threads = [threading.Thread(target=work, args=(i,)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == sorted(i * 10 + k for i in range(6) for k in range(5))


fresh_database(DATABASE)
run_checks({"version": snowflake.connector.__version__})
