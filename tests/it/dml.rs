//! DML rules: what is counted, what is refused, what a refusal leaves behind.

use crate::account::in_schema;

#[test]
fn a_merge_of_one_row_by_several_is_refused_with_the_row() {
    let a = in_schema();
    a.script(&[
        ("CREATE TABLE T (ID INT, NAME VARCHAR)", ""),
        ("INSERT INTO T VALUES (11, 'foo'), (12, NULL)", "2"),
        ("CREATE TABLE S (ID INT, NAME VARCHAR)", ""),
        ("INSERT INTO S VALUES (11, 'a'), (11, 'b'), (30, 'x'), (30, 'y')", "4"),
    ]);
    let update = "MERGE INTO T USING S ON T.ID = S.ID WHEN MATCHED THEN UPDATE SET NAME = S.NAME";
    let e = a.run(update).unwrap_err();
    assert_eq!((e.code, e.state), ("100090", "42P18"));
    assert_eq!(e.message, "Duplicate row detected during DML action\nRow Values: [11, \"foo\"]");
    let e = a.run("MERGE INTO T USING S ON T.ID = S.ID WHEN MATCHED AND S.NAME = 'a' THEN DELETE WHEN MATCHED THEN UPDATE SET NAME = 'z'");
    assert_eq!(e.unwrap_err().code, "100090");
    a.script(&[
        ("SELECT * FROM T ORDER BY 1", "11|foo;12|NULL"),
        // Several deletions of one row are no contradiction; what matches nothing is inserted as often as it comes.
        (
            "MERGE INTO T USING S ON T.ID = S.ID WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (S.ID, S.NAME)",
            "2|1",
        ),
        ("SELECT * FROM T ORDER BY 1, 2", "12|NULL;30|x;30|y"),
        ("ALTER SESSION SET ERROR_ON_NONDETERMINISTIC_MERGE = FALSE", ""),
        ("INSERT INTO T VALUES (11, 'foo')", "1"),
        (update, "3"),
    ]);
}

#[test]
fn an_update_from_several_rows_takes_one_unless_told_to_refuse() {
    let a = in_schema();
    a.script(&[
        ("CREATE TABLE T (ID INT, NAME VARCHAR)", ""),
        ("INSERT INTO T VALUES (1, 'a'), (2, 'b')", "2"),
        ("CREATE TABLE S (ID INT, NAME VARCHAR)", ""),
        ("INSERT INTO S VALUES (1, 'x'), (1, 'y'), (2, 'z')", "3"),
        ("UPDATE T SET NAME = S.NAME FROM S WHERE T.ID = S.ID", "2|1"),
        ("SELECT COUNT(*) FROM T WHERE (ID = 1 AND NAME IN ('x', 'y')) OR (ID = 2 AND NAME = 'z')", "2"),
        ("ALTER SESSION SET ERROR_ON_NONDETERMINISTIC_UPDATE = TRUE", ""),
        ("UPDATE T SET NAME = S.NAME FROM S WHERE T.ID = S.ID", "!100090"),
        ("UPDATE T SET NAME = S.NAME FROM S WHERE T.ID = S.ID AND S.ID = 2", "1|0"),
    ]);
}

#[test]
fn rows_go_to_several_tables_by_condition() {
    let a = in_schema();
    a.script(&[
        ("CREATE TABLE SMALL (N INT, LABEL VARCHAR DEFAULT 'none')", ""),
        ("CREATE TABLE LARGE (N INT)", ""),
        ("CREATE TABLE REST (N INT)", ""),
        (
            "INSERT ALL WHEN N < 3 THEN INTO SMALL (N) INTO SMALL VALUES (N + 100, DEFAULT) WHEN N < 2 THEN INTO LARGE \
             ELSE INTO REST SELECT COLUMN1 AS N FROM VALUES (1), (2), (3), (NULL)",
            "2|2|1|2",
        ),
        ("SELECT N, LABEL FROM SMALL ORDER BY 1", "1|none;2|none;101|none;102|none"),
        ("SELECT N FROM REST ORDER BY 1", "3;NULL"),
        (
            "INSERT OVERWRITE FIRST WHEN N < 3 THEN INTO SMALL (N) WHEN N < 10 THEN INTO LARGE \
             SELECT COLUMN1 AS N FROM VALUES (1), (5), (50)",
            "1|1",
        ),
        ("SELECT N FROM SMALL", "1"),
        ("SELECT N FROM LARGE", "5"),
        ("INSERT FIRST INTO SMALL SELECT 1", "!001003"),
        // One bad row undoes all of it.
        ("INSERT ALL INTO LARGE VALUES (A) INTO SMALL VALUES (B, 'x') SELECT 7 AS A, 'seven' AS B", "!100038"),
        ("SELECT COUNT(*) FROM LARGE WHERE N = 7", "0"),
    ]);
}

#[test]
fn an_overwrite_may_read_its_own_table() {
    let a = in_schema();
    a.script(&[
        ("CREATE TABLE T (N INT)", ""),
        ("INSERT INTO T VALUES (1), (2)", "2"),
        ("INSERT OVERWRITE INTO T SELECT N * 10 FROM T", "2"),
        ("SELECT N FROM T ORDER BY 1", "10;20"),
        ("INSERT OVERWRITE INTO T SELECT 'x' FROM T", "!100038"),
        ("SELECT N FROM T ORDER BY 1", "10;20"),
        ("INSERT INTO T (N) VALUES (1, 2)", "!002057"),
    ]);
}

#[test]
fn a_transaction_keeps_what_did_not_fail() {
    let a = in_schema();
    a.script(&[
        ("CREATE TABLE T (N INT)", ""),
        ("BEGIN", ""),
        ("BEGIN TRANSACTION NAME AGAIN", ""),
        ("INSERT INTO T VALUES (1)", "1"),
        ("INSERT INTO T VALUES ('one')", "!100038"),
        ("UPDATE T SET N = N + 1", "1|0"),
        ("SELECT N FROM T", "2"),
        ("TRUNCATE TABLE T", ""),
        ("ROLLBACK", ""),
        ("SELECT COUNT(*) FROM T", "0"),
        // DDL commits what is open.
        ("BEGIN", ""),
        ("INSERT INTO T VALUES (5)", "1"),
        ("CREATE TABLE U (N INT)", ""),
        ("ROLLBACK", ""),
        ("SELECT N FROM T", "5"),
    ]);
}
