//! Streams and CHANGES: what they show, when they move on, and when they end.

use crate::sessions::{Account, DAY_MS, User};
use std::time::Duration;

const SEE: &str = "SELECT ID, V, METADATA$ACTION, METADATA$ISUPDATE FROM ST ORDER BY ID, METADATA$ACTION, V";

fn table(options: &str) -> (Account, User) {
    let account = Account::new();
    let s = account.in_schema();
    s.script(&[
        ("CREATE TABLE T (ID NUMBER, V VARCHAR)", ""),
        ("INSERT INTO T VALUES (1, 'a'), (2, 'b'), (3, 'c')", ""),
        ("UPDATE T SET V = 'A' WHERE ID = 1", ""),
        ("DELETE FROM T WHERE ID = 3", ""),
        (&format!("CREATE STREAM ST ON TABLE T {options}"), "Stream ST successfully created."),
    ]);
    (account, s)
}

#[test]
fn net_change_by_history_of_a_row() {
    let rows: &[(&[&str], &str)] = &[
        (&["INSERT INTO T VALUES (9, 'x')"], "9|x|INSERT|0"),
        (
            &[
                "INSERT INTO T VALUES (9, 'x')",
                "UPDATE T SET V = 'y' WHERE ID = 9",
                "UPDATE T SET V = 'z' WHERE ID = 9",
            ],
            "9|z|INSERT|0",
        ),
        (&["INSERT INTO T VALUES (9, 'x')", "DELETE FROM T WHERE ID = 9"], ""),
        (&["UPDATE T SET V = 'y' WHERE ID = 2", "UPDATE T SET V = 'z' WHERE ID = 2"], "2|b|DELETE|1;2|z|INSERT|1"),
        (&["UPDATE T SET V = 'y' WHERE ID = 2", "DELETE FROM T WHERE ID = 2"], "2|b|DELETE|0"),
        (&["DELETE FROM T WHERE ID = 2"], "2|b|DELETE|0"),
        (&["DELETE FROM T WHERE ID = 2", "INSERT INTO T VALUES (2, 'b')"], "2|b|DELETE|0;2|b|INSERT|0"),
        (&["INSERT OVERWRITE INTO T VALUES (7, 'n')"], "1|A|DELETE|0;2|b|DELETE|0;7|n|INSERT|0"),
        (&["TRUNCATE TABLE T"], "1|A|DELETE|0;2|b|DELETE|0"),
        (&["UPDATE T SET V = V WHERE ID = 1"], "1|A|DELETE|1;1|A|INSERT|1"),
        (
            &[
                "MERGE INTO T USING (SELECT 2 AS ID, 'm' AS V UNION ALL SELECT 8, 'n') AS S ON T.ID = S.ID WHEN MATCHED THEN UPDATE SET V = S.V WHEN NOT MATCHED THEN INSERT (ID, V) VALUES (S.ID, S.V)",
            ],
            "2|b|DELETE|1;2|m|INSERT|1;8|n|INSERT|0",
        ),
    ];
    for (changes, want) in rows {
        let (_account, s) = table("");
        assert_eq!(s.get(SEE), "", "a new stream is empty");
        for sql in *changes {
            s.get(sql);
        }
        assert_eq!(s.get(SEE), *want, "{changes:?}");
    }
}

#[test]
fn row_ids_are_stable_and_differ_between_rows() {
    let (_account, s) = table("");
    s.script(&[
        ("UPDATE T SET V = 'y' WHERE ID = 2", ""),
        ("SELECT COUNT(*), COUNT(DISTINCT METADATA$ROW_ID), MIN(LENGTH(METADATA$ROW_ID)) FROM ST", "2|1|40"),
        ("CREATE TABLE SEEN AS SELECT DISTINCT METADATA$ROW_ID AS R FROM ST", ""),
        ("UPDATE T SET V = 'w' WHERE ID = 2", ""),
        ("SELECT COUNT(*) FROM ST JOIN SEEN ON R = METADATA$ROW_ID", "2"),
        ("DELETE FROM T WHERE ID = 2", ""),
        ("INSERT INTO T VALUES (2, 'b')", ""),
        ("SELECT COUNT(DISTINCT METADATA$ROW_ID) FROM ST", "2"),
    ]);
}

#[test]
fn append_only_shows_insertions_as_they_were() {
    let (_account, s) = table("APPEND_ONLY = TRUE");
    s.script(&[
        ("INSERT INTO T VALUES (9, 'x'), (10, 'q')", ""),
        ("UPDATE T SET V = 'y' WHERE ID IN (9, 2)", ""),
        ("DELETE FROM T WHERE ID IN (10, 1)", ""),
        (SEE, "9|x|INSERT|0;10|q|INSERT|0"),
        ("TRUNCATE TABLE T", ""),
        (SEE, "9|x|INSERT|0;10|q|INSERT|0"),
        ("CREATE TABLE DST AS SELECT ID FROM ST", ""),
        (SEE, ""),
    ]);
    assert_eq!(s.column("SHOW STREAMS", "mode"), "APPEND_ONLY");
}

#[test]
fn initial_rows_come_once() {
    for options in ["SHOW_INITIAL_ROWS = TRUE", "SHOW_INITIAL_ROWS = TRUE APPEND_ONLY = TRUE"] {
        let (_account, s) = table(options);
        s.script(&[
            // Row 3 had gone and row 1 had been updated before the stream was made.
            (SEE, "1|A|INSERT|0;2|b|INSERT|0"),
            ("SELECT SYSTEM$STREAM_HAS_DATA('ST')", "1"),
            ("INSERT INTO T VALUES (4, 'd')", ""),
            (SEE, "1|A|INSERT|0;2|b|INSERT|0;4|d|INSERT|0"),
            ("CREATE TABLE DST AS SELECT ID, V FROM ST", ""),
            (SEE, ""),
            ("INSERT INTO T VALUES (5, 'e')", ""),
            (SEE, "5|e|INSERT|0"),
        ]);
    }
}

#[test]
fn what_moves_the_offset_and_what_does_not() {
    let (_account, s) = table("");
    s.script(&[("CREATE TABLE DST (ID NUMBER, V VARCHAR)", ""), ("CREATE TABLE D2 (ID NUMBER)", "")]);
    let left = |why: &str, sql: &[&str], want: &str| {
        s.get("INSERT INTO T VALUES (50, 'n')");
        assert_ne!(s.get("SELECT COUNT(*) FROM ST"), "0", "{why}");
        for sql in sql {
            s.get(sql);
        }
        assert_eq!(s.get("SELECT COUNT(*) > 0 FROM ST"), want, "{why}");
        s.get("CREATE OR REPLACE TEMP TABLE X AS SELECT * FROM ST WHERE 1 = 0");
        assert_eq!(s.get("SELECT COUNT(*) FROM ST"), "0", "CTAS consumes even without rows");
    };
    left("a query", &["SELECT * FROM ST"], "1");
    left("a query in a transaction", &["BEGIN", "SELECT * FROM ST", "COMMIT"], "1");
    left("a view", &["CREATE OR REPLACE VIEW VS AS SELECT ID FROM ST", "SELECT * FROM VS"], "1");
    left("asking", &["SELECT SYSTEM$STREAM_HAS_DATA('ST')"], "1");
    left("changes", &["SELECT COUNT(*) FROM T CHANGES (INFORMATION => DEFAULT) AT (OFFSET => 0)"], "1");
    left("insert without rows", &["INSERT INTO DST SELECT ID, V FROM ST WHERE 0 = 1"], "0");
    left("insert", &["INSERT INTO DST SELECT ID, V FROM ST"], "0");
    left("insert of a part", &["INSERT INTO DST SELECT ID, V FROM ST LIMIT 0"], "0");
    left(
        "multi-table insert",
        &["INSERT ALL INTO DST VALUES (ID, V) INTO D2 (ID) VALUES (ID) SELECT ID, V FROM ST"],
        "0",
    );
    left("update", &["UPDATE DST SET V = 'u' FROM ST WHERE DST.ID = ST.ID"], "0");
    left("delete", &["DELETE FROM D2 USING ST WHERE D2.ID = ST.ID"], "0");
    left("merge", &["MERGE INTO D2 USING ST ON D2.ID = ST.ID WHEN MATCHED THEN DELETE"], "0");
    left("through a view", &["INSERT INTO D2 SELECT ID FROM VS"], "0");
    left("ctas", &["CREATE OR REPLACE TABLE D3 AS SELECT ID FROM ST"], "0");
    left("rollback", &["BEGIN", "INSERT INTO D2 SELECT ID FROM ST", "ROLLBACK"], "1");
    s.get("INSERT INTO T VALUES (51, 'n')");
    s.script(&[("INSERT INTO D2 SELECT V FROM ST", "!100038"), ("SELECT COUNT(*) > 0 FROM ST", "1")]);
}

#[test]
fn a_transaction_reads_the_same_stream_throughout() {
    let (account, s) = table("");
    let other = account.admin();
    other.get("USE SCHEMA DB.S");
    s.script(&[
        ("CREATE TABLE D1 (ID NUMBER)", ""),
        ("CREATE TABLE D2 (ID NUMBER)", ""),
        ("INSERT INTO T VALUES (10, 'x')", ""),
        ("BEGIN", ""),
    ]);
    // Behind BEGIN, before the transaction's first statement: not for this transaction.
    other.get("INSERT INTO T VALUES (11, 'later')");
    s.script(&[
        ("SELECT ID FROM ST", "10"),
        ("INSERT INTO T VALUES (12, 'own')", ""),
        ("SELECT ID FROM ST", "10"),
        ("INSERT INTO D1 SELECT ID FROM ST", "1"),
        ("SELECT ID FROM ST", "10"),
        ("INSERT INTO D2 SELECT ID FROM ST", "1"),
        ("INSERT INTO D1 SELECT V FROM ST", "!100038"),
        ("SELECT ID FROM ST", "10"),
        ("COMMIT", ""),
        ("SELECT ID FROM D1", "10"),
        ("SELECT ID FROM D2", "10"),
        ("SELECT ID FROM ST ORDER BY ID", "11;12"),
    ]);
}

#[test]
fn a_second_consumer_waits_and_gets_the_rest() {
    let (account, s) = table("");
    s.script(&[
        ("CREATE TABLE D1 (ID NUMBER)", ""),
        ("CREATE TABLE D2 (ID NUMBER)", ""),
        ("INSERT INTO T VALUES (10, 'x')", ""),
        ("BEGIN", ""),
        ("INSERT INTO D1 SELECT ID FROM ST", "1"),
    ]);
    let second = account.admin();
    second.get("USE SCHEMA DB.S");
    let waiting = std::thread::spawn(move || second.get("INSERT INTO D2 SELECT ID FROM ST"));
    std::thread::sleep(Duration::from_millis(300));
    assert!(!waiting.is_finished(), "the first consumer has not committed");
    s.get("COMMIT");
    assert_eq!(waiting.join().unwrap(), "0");
    s.script(&[("SELECT COUNT(*) FROM D1", "1"), ("SELECT COUNT(*) FROM D2", "0")]);
}

#[test]
fn a_procedure_commits_each_statement() {
    let (_account, s) = table("");
    s.script(&[
        ("CREATE TABLE D1 (ID NUMBER)", ""),
        ("INSERT INTO T VALUES (10, 'x')", ""),
        (
            "CREATE PROCEDURE P() RETURNS VARCHAR LANGUAGE SQL AS $$ BEGIN INSERT INTO D1 SELECT ID FROM ST; \
             INSERT INTO D1 SELECT ID + 100 FROM ST; RETURN 'ok'; END $$",
            "",
        ),
        ("CALL P()", "ok"),
        ("SELECT ID FROM D1", "10"),
        ("SELECT COUNT(*) FROM ST", "0"),
        (
            "CREATE PROCEDURE P2() RETURNS VARCHAR LANGUAGE SQL AS $$ BEGIN BEGIN TRANSACTION; INSERT INTO D1 SELECT ID FROM ST; \
             INSERT INTO D1 SELECT ID + 100 FROM ST; COMMIT; RETURN 'ok'; END $$",
            "",
        ),
        ("INSERT INTO T VALUES (11, 'x')", ""),
        ("CALL P2()", "ok"),
        ("SELECT ID FROM D1 ORDER BY ID", "10;11;111"),
    ]);
}

#[test]
fn made_switches_tracking_on_and_replaced_starts_anew() {
    let (_account, s) = table("");
    assert_eq!(s.column("SHOW TABLES LIKE 'T'", "change_tracking"), "ON");
    s.script(&[
        ("INSERT INTO T VALUES (10, 'x')", ""),
        ("CREATE STREAM S2 CLONE ST", "Stream S2 successfully created."),
        ("CREATE STREAM S3 ON TABLE T AT (STREAM => 'ST')", ""),
        ("CREATE OR REPLACE STREAM ST ON TABLE T", ""),
        ("SELECT COUNT(*) FROM ST", "0"),
        ("SELECT ID FROM S2", "10"),
        ("SELECT ID FROM S3", "10"),
        ("CREATE STREAM S4 ON VIEW T", "~Object found is of type 'TABLE', not specified type 'VIEW'."),
        ("CREATE STREAM S4 ON TABLE T INSERT_ONLY = TRUE", "~can only be created on external tables"),
        ("CREATE TEMP TABLE TT (A INT)", ""),
        ("CREATE STREAM S4 ON TABLE TT", "!000002"),
        ("ALTER TABLE T RENAME TO T9", ""),
        ("SELECT ID FROM S2", "10"),
        ("ALTER TABLE T9 ADD COLUMN W NUMBER", ""),
        ("SELECT W FROM S2", "NULL"),
    ]);
}

#[test]
fn a_stream_ends_with_its_table() {
    let (_account, s) = table("");
    s.script(&[
        ("INSERT INTO T VALUES (10, 'x')", ""),
        ("DROP TABLE T", ""),
        ("SELECT * FROM ST", "~Base table of stream 'ST' was dropped"),
        ("SELECT SYSTEM$STREAM_HAS_DATA('ST')", "~Base table of stream 'ST' was dropped"),
        ("UNDROP TABLE T", ""),
        ("SELECT ID FROM ST", "10"),
        ("CREATE OR REPLACE TABLE T (ID NUMBER, V VARCHAR)", ""),
        ("SELECT * FROM ST", "~Base table of stream 'ST' was dropped"),
    ]);
    assert_eq!(s.column("SHOW STREAMS", "stale"), "true");
    assert_ne!(s.column("SHOW STREAMS", "invalid_reason"), "N/A");
}

#[test]
fn a_stream_that_is_not_read_becomes_stale() {
    let (account, s) = table("");
    let (stale, after) = (
        "SELECT \"stale\" FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))",
        "SELECT DATEDIFF(day, CURRENT_TIMESTAMP(), \"stale_after\") FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))",
    );
    let show = |query: &str| {
        s.get("SHOW STREAMS LIKE 'ST'");
        s.get(query)
    };
    assert_eq!(show(after), "14");
    account.clock.pass(10 * DAY_MS);
    assert_eq!(show(after), "4");
    s.script(&[("SELECT SYSTEM$STREAM_HAS_DATA('ST')", "0")]);
    assert_eq!(show(after), "14", "asking an empty stream extends it");
    s.get("INSERT INTO T VALUES (10, 'x')");
    account.clock.pass(10 * DAY_MS);
    s.script(&[("SELECT SYSTEM$STREAM_HAS_DATA('ST')", "1")]);
    assert_eq!(show(after), "4", "asking one with data does not");
    s.get("CREATE TABLE D AS SELECT ID FROM ST");
    assert_eq!(show(after), "14", "consuming does");
    account.clock.pass(15 * DAY_MS);
    assert_eq!(show(stale), "true");
    s.script(&[("SELECT * FROM ST", "~Stream 'ST' has become stale"), ("CREATE OR REPLACE STREAM ST ON TABLE T", "")]);
    assert_eq!(show(stale), "false");
    s.get("ALTER TABLE T SET DATA_RETENTION_TIME_IN_DAYS = 30");
    assert_eq!(show(after), "30");
    s.get("ALTER TABLE T SET DATA_RETENTION_TIME_IN_DAYS = 0 MAX_DATA_EXTENSION_TIME_IN_DAYS = 3");
    assert_eq!(show(after), "3");
}

fn changes_of(information: &str, rest: &str) -> String {
    format!(
        "SELECT ID, V, METADATA$ACTION, METADATA$ISUPDATE FROM T CHANGES (INFORMATION => {information}) {rest} \
         ORDER BY ID, METADATA$ACTION"
    )
}

#[test]
fn changes_between_two_points() {
    let (account, s) = table("");
    account.clock.pass(60_000);
    s.get("INSERT INTO T VALUES (10, 'x')");
    let inserted = s.get("SELECT LAST_QUERY_ID()");
    account.clock.pass(60_000);
    s.get("UPDATE T SET V = 'y' WHERE ID = 10");
    account.clock.pass(60_000);
    s.get("DELETE FROM T WHERE ID = 2");
    let before = format!("BEFORE (STATEMENT => '{inserted}')");
    s.script(&[
        (&changes_of("DEFAULT", &before), "2|b|DELETE|0;10|y|INSERT|0"),
        (&changes_of("APPEND_ONLY", &before), "10|x|INSERT|0"),
        (
            &changes_of("DEFAULT", &format!("AT (STATEMENT => '{inserted}')")),
            "2|b|DELETE|0;10|x|DELETE|1;10|y|INSERT|1",
        ),
        (&changes_of("DEFAULT", &format!("{before} END (STATEMENT => '{inserted}')")), "10|x|INSERT|0"),
        (&changes_of("DEFAULT", "AT (OFFSET => -90)"), "2|b|DELETE|0;10|x|DELETE|1;10|y|INSERT|1"),
        (&changes_of("DEFAULT", "AT (OFFSET => -90) END (OFFSET => -30)"), "10|x|DELETE|1;10|y|INSERT|1"),
        (&changes_of("DEFAULT", "AT (STREAM => 'ST')"), "2|b|DELETE|0;10|y|INSERT|0"),
        ("SELECT COUNT(*) FROM ST", "2"),
        ("CREATE TABLE U (A INT)", ""),
        ("SELECT * FROM U CHANGES (INFORMATION => DEFAULT) AT (OFFSET => 0)", "~Change tracking is not enabled"),
        ("ALTER TABLE U SET CHANGE_TRACKING = TRUE", ""),
        ("INSERT INTO U VALUES (1)", ""),
        ("SELECT A FROM U CHANGES (INFORMATION => APPEND_ONLY) AT (OFFSET => 0)", ""),
    ]);
}

fn views() -> (Account, User) {
    let account = Account::new();
    let s = account.in_schema();
    s.script(&[
        ("CREATE TABLE O (OID NUMBER, CID NUMBER)", ""),
        ("CREATE TABLE C (CID NUMBER, NAME VARCHAR)", ""),
        ("INSERT INTO O VALUES (1, 1), (2, 2)", ""),
        ("INSERT INTO C VALUES (1, 'ann'), (2, 'bob')", ""),
    ]);
    (account, s)
}

const SEE_JOIN: &str =
    "SELECT OID, NAME, METADATA$ACTION, METADATA$ISUPDATE FROM SV ORDER BY OID, NAME, METADATA$ACTION";

#[test]
fn a_stream_on_a_join() {
    let (_account, s) = views();
    s.script(&[
        ("CREATE VIEW V AS SELECT O.OID, C.NAME FROM O JOIN C ON O.CID = C.CID", ""),
        ("CREATE STREAM SV ON VIEW V", "Stream SV successfully created."),
        (SEE_JOIN, ""),
        ("SELECT SYSTEM$STREAM_HAS_DATA('SV')", "0"),
        // ΔA × B, A × ΔB and ΔA × ΔB.
        ("INSERT INTO O VALUES (3, 1)", ""),
        (SEE_JOIN, "3|ann|INSERT|0"),
        ("INSERT INTO C VALUES (1, 'amy')", ""),
        (SEE_JOIN, "1|amy|INSERT|0;3|amy|INSERT|0;3|ann|INSERT|0"),
        ("UPDATE C SET NAME = 'rob' WHERE NAME = 'bob'", ""),
        (SEE_JOIN, "1|amy|INSERT|0;2|bob|DELETE|1;2|rob|INSERT|1;3|amy|INSERT|0;3|ann|INSERT|0"),
        ("DELETE FROM O WHERE OID IN (2, 3)", ""),
        (SEE_JOIN, "1|amy|INSERT|0;2|bob|DELETE|0"),
        ("SELECT COUNT(DISTINCT METADATA$ROW_ID), MIN(LENGTH(METADATA$ROW_ID)) FROM SV", "2|40"),
        ("SELECT SYSTEM$STREAM_HAS_DATA('SV')", "1"),
        ("CREATE TABLE D AS SELECT OID, NAME FROM SV", ""),
        (SEE_JOIN, ""),
        ("INSERT INTO O VALUES (4, 2)", ""),
        (SEE_JOIN, "4|rob|INSERT|0"),
    ]);
    assert_eq!(s.column("SHOW STREAMS", "source_type"), "View");
    assert_eq!(s.column("SHOW STREAMS", "table_name"), "DB.S.V");
    assert_eq!(s.column("DESC STREAM SV", "base_tables"), "DB.S.O, DB.S.C");
    assert_eq!(s.column("SHOW VIEWS LIKE 'V'", "change_tracking"), "ON");
    assert_eq!(s.column("SHOW TABLES LIKE 'O'", "change_tracking"), "ON");
}

#[test]
fn an_append_only_stream_on_a_join() {
    let (_account, s) = views();
    s.script(&[
        ("CREATE VIEW V AS SELECT O.OID, C.NAME FROM O JOIN C ON O.CID = C.CID", ""),
        ("CREATE STREAM SV ON VIEW V APPEND_ONLY = TRUE", ""),
        ("CREATE STREAM SI ON VIEW V APPEND_ONLY = TRUE SHOW_INITIAL_ROWS = TRUE", ""),
        ("SELECT OID, NAME FROM SI ORDER BY OID", "1|ann;2|bob"),
        ("INSERT INTO O VALUES (3, 1)", ""),
        // Against the offset: the update of the other side is not seen.
        ("UPDATE C SET NAME = 'amy' WHERE CID = 1", ""),
        ("DELETE FROM O WHERE OID = 3", ""),
        (SEE_JOIN, "3|ann|INSERT|0"),
        ("INSERT INTO C VALUES (1, 'abe')", ""),
        (SEE_JOIN, "1|abe|INSERT|0;3|abe|INSERT|0;3|ann|INSERT|0"),
        ("CREATE TABLE D AS SELECT OID FROM SV", ""),
        (SEE_JOIN, ""),
    ]);
}

#[test]
fn streams_on_other_views() {
    let (_account, s) = views();
    s.script(&[
        ("CREATE VIEW INNER_V AS SELECT OID AS N, CID FROM O WHERE OID < 100", ""),
        (
            "CREATE VIEW V AS WITH X AS (SELECT N, CID FROM INNER_V) SELECT N * 10 AS N, 'o' AS K FROM X \
             UNION ALL SELECT CID, NAME FROM (SELECT CID, NAME FROM C WHERE NAME <> 'hidden') AS Y",
            "",
        ),
        ("CREATE STREAM SV ON VIEW V", ""),
        ("INSERT INTO O VALUES (5, 1), (500, 1)", ""),
        ("INSERT INTO C VALUES (7, 'joe'), (8, 'hidden')", ""),
        // Out of the filter's reach is as good as deleted.
        ("UPDATE O SET OID = 200 WHERE OID = 1", ""),
        (
            "SELECT N, K, METADATA$ACTION, METADATA$ISUPDATE FROM SV ORDER BY N",
            "7|joe|INSERT|0;10|o|DELETE|0;50|o|INSERT|0",
        ),
        ("CREATE VIEW SELF AS SELECT A.OID AS L, B.OID AS R FROM O AS A CROSS JOIN O AS B", ""),
        ("CREATE STREAM SS ON VIEW SELF", ""),
        ("INSERT INTO O VALUES (6, 6)", ""),
        ("SELECT COUNT(*), SUM(IFF(L = 6 AND R = 6, 1, 0)) FROM SS", "9|1"),
        ("SELECT N, METADATA$ACTION FROM V CHANGES (INFORMATION => DEFAULT) AT (OFFSET => 0) ORDER BY N", ""),
    ]);
    assert_eq!(s.column("SHOW STREAMS LIKE 'SV'", "base_tables"), "DB.S.O, DB.S.C");
}

#[test]
fn views_that_cannot_be_tracked() {
    let (_account, s) = views();
    for (query, what) in [
        ("SELECT CID, COUNT(*) AS N FROM O GROUP BY CID", "GROUP BY"),
        ("SELECT COUNT(*) AS N FROM O", "AGGREGATE"),
        ("SELECT DISTINCT CID FROM O", "DISTINCT"),
        ("SELECT OID FROM O LIMIT 1", "LIMIT"),
        ("SELECT TOP 1 OID FROM O", "TOP"),
        ("SELECT OID FROM O QUALIFY ROW_NUMBER() OVER (ORDER BY OID) = 1", "QUALIFY"),
        ("SELECT ROW_NUMBER() OVER (ORDER BY OID) AS N FROM O", "WINDOW FUNCTION"),
        ("SELECT O.OID FROM O LEFT JOIN C ON O.CID = C.CID", "OUTER JOIN"),
        ("SELECT OID FROM O WHERE CID IN (SELECT CID FROM C)", "SUBQUERY"),
        ("SELECT OID FROM O WHERE EXISTS (SELECT 1 FROM C WHERE C.CID = O.CID)", "SUBQUERY"),
        ("SELECT (SELECT MAX(CID) FROM C) AS M FROM O", "SUBQUERY"),
        ("SELECT OID FROM O UNION SELECT CID FROM C", "UNION"),
        ("SELECT OID FROM O INTERSECT SELECT CID FROM C", "INTERSECT"),
        ("SELECT OID, X.COLUMN1 AS N FROM O, (VALUES (1)) AS X", "VALUES"),
    ] {
        s.get(&format!("CREATE OR REPLACE VIEW V AS {query}"));
        let e = s.fail("CREATE STREAM SV ON VIEW V");
        assert!(e.message.contains(&format!("not supported on queries with '{what}'")), "{query}: {e}");
        assert!(e.message.contains("(inside view 'DB.S.V')"), "{query}: {e}");
    }
    s.script(&[
        ("CREATE OR REPLACE VIEW V AS SELECT OID FROM O", ""),
        ("CREATE STREAM SV ON VIEW V INSERT_ONLY = TRUE", "~INSERT_ONLY is not supported on queries"),
        ("CREATE STREAM SV ON VIEW V", ""),
        ("CREATE VIEW W AS SELECT OID FROM SV", ""),
        ("CREATE STREAM SW ON VIEW W", "~'STREAM'"),
        ("CREATE STREAM SW ON STAGE X", "!000002"),
        // Another view, another table: neither carries the stream on.
        ("CREATE OR REPLACE TABLE O (OID NUMBER, CID NUMBER)", ""),
        ("SELECT * FROM SV", "~Base table of stream 'SV' was dropped"),
    ]);
}

#[test]
fn streams_on_views_are_cloned_with_their_database() {
    let (_account, s) = views();
    s.script(&[
        ("CREATE VIEW V AS SELECT OID FROM O UNION ALL SELECT CID FROM S.C", ""),
        ("CREATE VIEW FULL_V AS SELECT OID FROM DB.S.O", ""),
        ("CREATE STREAM SV ON VIEW V", ""),
        ("CREATE STREAM SF ON VIEW FULL_V", ""),
        ("INSERT INTO O VALUES (9, 9)", ""),
        ("CREATE DATABASE DB2 CLONE DB", ""),
        ("SELECT COUNT(*) FROM DB2.S.SV", "0"),
        ("INSERT INTO DB2.S.O VALUES (77, 1)", ""),
        ("SELECT OID FROM DB2.S.SV", "77"),
        ("SELECT OID FROM DB.S.SV", "9"),
        // A view that names its table in full still reads the original.
        ("INSERT INTO DB.S.O VALUES (78, 1)", ""),
        ("SELECT OID FROM DB2.S.SF", "78"),
    ]);
    assert_eq!(s.column("SHOW STREAMS LIKE 'SV' IN SCHEMA DB2.S", "table_name"), "DB2.S.V");
}

#[test]
fn reading_a_stream_needs_privileges_on_its_source_too() {
    let (account, s) = views();
    s.script(&[
        ("CREATE VIEW V AS SELECT OID FROM O", ""),
        ("CREATE STREAM SV ON VIEW V", ""),
        ("CREATE ROLE R", ""),
        ("CREATE USER U PASSWORD = 'pw' DEFAULT_ROLE = R", ""),
        ("GRANT ROLE R TO USER U", ""),
        ("GRANT USAGE ON DATABASE DB TO ROLE R", ""),
        ("GRANT USAGE ON SCHEMA DB.S TO ROLE R", ""),
    ]);
    let u = account.login("U", "pw", None).unwrap();
    u.script(&[("USE SCHEMA DB.S", ""), ("SELECT * FROM SV", "!002003")]);
    s.get("GRANT SELECT ON STREAM SV TO ROLE R");
    u.script(&[("SELECT COUNT(*) FROM SV", "!003001")]);
    s.get("GRANT SELECT ON VIEW V TO ROLE R");
    u.script(&[("SELECT COUNT(*) FROM SV", "0"), ("SELECT COUNT(*) FROM O", "!002003")]);
}
