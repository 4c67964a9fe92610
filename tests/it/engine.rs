//! The engine through its sessions: statements in, answers out.

use crate::account::in_schema;

#[test]
fn selects() {
    let a = in_schema();
    a.script(&[
        ("SELECT 1", "1"),
        ("SELECT 1 + 2 * 3 AS X", "7"),
        ("SELECT COLUMN1, COLUMN2 FROM VALUES (1, 'a'), (2, 'b') ORDER BY 1 DESC", "2|b;1|a"),
        ("SELECT X.N FROM (SELECT 1 AS N UNION ALL SELECT 2) AS X WHERE N > 1", "2"),
        ("WITH C AS (SELECT 5 AS V) SELECT V FROM C", "5"),
        ("SELECT NOPE", "!000904"),
        ("SELECT * FROM NOPE", "!002003"),
        ("SELECT COUNT(*) FROM TABLE(GENERATOR(ROWCOUNT => 10))", "10"),
        ("SELEC 1", "!001003"),
        ("SELECT NO_SUCH_FUNCTION(1)", "!002140"),
    ]);
}

#[test]
fn dml_and_streams() {
    let a = in_schema();
    a.script(&[
        ("CREATE TABLE T (ID NUMBER(10,0) NOT NULL, NAME VARCHAR(10))", "Table T successfully created."),
        ("INSERT INTO T VALUES (1, 'a'), (2, 'b')", "2"),
        ("CREATE STREAM ST ON TABLE T", "Stream ST successfully created."),
        ("SELECT COUNT(*) FROM ST", "0"),
        ("INSERT INTO T (ID) SELECT 3", "1"),
        ("UPDATE T SET NAME = 'bb' WHERE ID = 2", "1|0"),
        ("DELETE FROM T WHERE ID = 1", "1"),
        (
            "SELECT ID, NAME, METADATA$ACTION, METADATA$ISUPDATE FROM ST ORDER BY ID, METADATA$ACTION",
            "1|a|DELETE|0;2|b|DELETE|1;2|bb|INSERT|1;3|NULL|INSERT|0",
        ),
        ("CREATE TABLE LOG (ID NUMBER, A VARCHAR)", ""),
        ("INSERT INTO LOG SELECT ID, METADATA$ACTION FROM ST", "4"),
        ("SELECT COUNT(*) FROM ST", "0"),
        ("INSERT INTO T VALUES (NULL, 'x')", "!100072"),
        ("MERGE INTO T USING (SELECT 2 AS ID, 'm' AS NAME UNION ALL SELECT 9, 'n') AS S ON T.ID = S.ID WHEN MATCHED THEN UPDATE SET NAME = S.NAME WHEN NOT MATCHED THEN INSERT (ID, NAME) VALUES (S.ID, S.NAME)", "1|1"),
        ("SELECT ID, NAME FROM T ORDER BY ID", "2|m;3|NULL;9|n"),
        ("INSERT ALL WHEN ID > 2 THEN INTO LOG VALUES (ID, 'big') ELSE INTO LOG (ID) VALUES (ID) SELECT ID FROM T", "2|1"),
        ("SELECT COUNT(*), COUNT(A) FROM LOG", "7|6"),
        ("BEGIN", ""),
        ("INSERT INTO LOG SELECT ID, 'tx' FROM ST", "3"),
        ("SELECT COUNT(*) FROM ST", "3"),
        ("ROLLBACK", ""),
        ("SELECT COUNT(*) FROM ST", "3"),
        ("INSERT OVERWRITE INTO LOG SELECT ID, 'o' FROM LOG WHERE A IS NULL", "1"),
        ("SELECT * FROM LOG", "2|o"),
        ("TRUNCATE TABLE T", ""),
        ("SELECT COUNT(*) FROM T", "0"),
    ]);
}
