//! EXPLAIN: Snowflake's forms and names over the engine's plan; it needs the statement's privileges and does nothing.

use crate::account::{Account, in_schema};
use regex::Regex;
use serde_json::Value;
use snowdeck::local::snowflake::session::Login;

fn shop() -> Account {
    let a = in_schema();
    a.script(&[
        ("CREATE TABLE CUSTOMER (ID INT, NAME VARCHAR, \"since\" DATE)", ""),
        ("CREATE TABLE ORDERS (ID INT, CUSTOMER_ID INT, TOTAL NUMBER(10,2), AT TIMESTAMP_NTZ, DOC VARIANT)", ""),
        ("INSERT INTO CUSTOMER VALUES (1, 'a', '2024-01-01'), (2, 'b', '2024-02-01'), (3, 'c', NULL)", "3"),
        (
            "INSERT INTO ORDERS SELECT SEQ4(), MOD(SEQ4(), 3) + 1, SEQ4() / 7, '2024-01-01', PARSE_JSON('{\"a\": [1]}') \
             FROM TABLE(GENERATOR(ROWCOUNT => 1000))",
            "1000",
        ),
        ("CREATE VIEW BIG AS SELECT CUSTOMER_ID, TOTAL FROM ORDERS WHERE TOTAL > 100", ""),
    ]);
    a
}

/// The lines of a plan without its sizes, from the operations on.
fn plan(a: &Account, sql: &str) -> Vec<String> {
    let text = a.run(&format!("EXPLAIN USING TEXT {sql}")).unwrap_or_else(|e| panic!("{sql}\n{e}"));
    let sizes = Regex::new(r"  \{partitionsTotal=1, partitionsAssigned=1, bytesAssigned=\d+\}").unwrap();
    let text = sizes.replace_all(&text, " {}");
    text.lines().skip_while(|l| *l != "Operations:").skip(1).map(str::to_owned).collect()
}

#[test]
fn a_join_with_an_aggregate_is_told_in_three_forms() {
    let a = shop();
    let sql = "SELECT C.NAME, SUM(O.TOTAL) FROM CUSTOMER C JOIN ORDERS O ON O.CUSTOMER_ID = C.ID \
               WHERE O.TOTAL > 5 GROUP BY C.NAME ORDER BY 2 DESC LIMIT 2";
    let lines = plan(&a, sql);
    assert_eq!(lines[0], "1:0     ->Result  C.NAME, SUM(O.TOTAL)", "{lines:#?}");
    assert_eq!(
        lines[1], "1:1          ->SortWithLimit  sortKey: [SUM(O.TOTAL) DESC NULLS FIRST], rowCount: 2",
        "{lines:#?}"
    );
    assert_eq!(lines[2], "1:2               ->Aggregate  aggExprs: [SUM(O.TOTAL)], groupKeys: [C.NAME]", "{lines:#?}");
    let rest = lines[3..].join("\n");
    for part in [
        "->InnerJoin  joinKey: (",
        "O.CUSTOMER_ID",
        "->Filter  ",
        "O.TOTAL > 5",
        "->TableScan  DB.S.ORDERS  as O  ",
        "->TableScan  DB.S.CUSTOMER  as C  ID, NAME {}",
    ] {
        assert!(rest.contains(part), "{part}: {lines:#?}");
    }

    let json = a.run(&format!("EXPLAIN USING JSON {sql}")).unwrap();
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (&json["GlobalStats"]["partitionsTotal"], &json["GlobalStats"]["partitionsAssigned"]),
        (&2.into(), &2.into())
    );
    let operations = json["Operations"][0].as_array().unwrap();
    assert_eq!(operations.len(), lines.len());
    for (id, op) in operations.iter().enumerate() {
        assert_eq!(op["id"], id);
        assert!(op["parentOperators"][0].as_u64().map_or(id == 0, |p| p < id as u64), "{op}");
        assert_eq!(op["partitionsTotal"].is_u64(), op["operation"] == "TableScan", "{op}");
    }

    a.script(&[(
        &format!(
            "EXPLAIN {sql} ->> SELECT COUNT(*), COUNT_IF(\"operation\" = 'GlobalStats' AND \"partitionsTotal\" = 2 AND \"id\" IS NULL), \
             COUNT_IF(\"operation\" = 'TableScan' AND \"objects\" = 'DB.S.ORDERS' AND \"alias\" = 'O' AND \"step\" = 1) FROM $1"
        ),
        &format!("{}|1|1", lines.len() + 1),
    )]);
}

#[test]
fn every_operation_has_a_name_and_no_physical_name_is_shown() {
    let a = shop();
    a.script(&[
        ("CREATE SEQUENCE Q", ""),
        ("CREATE TABLE KEYED (K INT AUTOINCREMENT, V VARCHAR DEFAULT 'x', N INT)", ""),
        ("CREATE STREAM ST ON TABLE ORDERS", ""),
        ("CREATE FUNCTION TWICE(X INT) RETURNS INT AS 'X * 2'", ""),
    ]);
    let physical = Regex::new(
        r"(?i)\b[rcthqwvsbpx]\d+\b|\b_id\b|\b_from\b|\b_to\b|\bd\.[th]|sf_|SF\||__internal|LOGICAL_|\bBOUND_|#\d",
    )
    .unwrap();
    // Literals of the statement are not names.
    let literals = Regex::new(r#"'[^']*'|"[^"]*""#).unwrap();
    let mut wrong = Vec::new();
    for (sql, parts) in [
        ("SELECT 1", &["Result  1", "Generator"][..]),
        ("SELECT * FROM BIG WHERE CUSTOMER_ID = 2", &["DB.S.ORDERS", "Filter", "ORDERS.TOTAL > 100"]),
        (
            "SELECT A.NAME, B.NAME FROM CUSTOMER A LEFT JOIN CUSTOMER B ON B.ID = A.ID + 1",
            &["LeftOuterJoin", "as A", "as B", "A.NAME, B.NAME"],
        ),
        ("SELECT * FROM CUSTOMER A FULL JOIN ORDERS B USING (ID)", &["FullOuterJoin"]),
        ("SELECT * FROM CUSTOMER, ORDERS", &["CartesianJoin"]),
        ("SELECT * FROM CUSTOMER WHERE ID IN (SELECT CUSTOMER_ID FROM ORDERS)", &["Join", "joinKey"]),
        (
            "SELECT NAME, (SELECT MAX(TOTAL) FROM ORDERS O WHERE O.CUSTOMER_ID = C.ID) FROM CUSTOMER C",
            &["OuterJoin", "MAX("],
        ),
        ("SELECT ID FROM CUSTOMER UNION SELECT ID FROM ORDERS", &["UnionAll", "Aggregate"]),
        ("SELECT ID FROM CUSTOMER MINUS SELECT ID FROM ORDERS", &["Except"]),
        (
            "SELECT ID, ROW_NUMBER() OVER (PARTITION BY CUSTOMER_ID ORDER BY TOTAL) R FROM ORDERS QUALIFY R = 1",
            &["TableScan  DB.S.ORDERS"],
        ),
        (
            "SELECT SUM(TOTAL) OVER (PARTITION BY CUSTOMER_ID ORDER BY AT) FROM ORDERS",
            &["WindowFunction  SUM(", "PARTITION BY ORDERS.CUSTOMER_ID"],
        ),
        ("SELECT \"since\" FROM CUSTOMER ORDER BY 1", &["Sort  sortKey: [CUSTOMER.\"since\" ASC NULLS LAST]"]),
        ("SELECT ID FROM CUSTOMER LIMIT 2 OFFSET 1", &["Limit  rowCount: 2, offset: 1"]),
        (
            "SELECT F.VALUE, O.DOC:a[0]::INT FROM ORDERS O, LATERAL FLATTEN(INPUT => O.DOC:a) F",
            &["DB.S.ORDERS", "Flatten"],
        ),
        (
            "WITH R AS (SELECT 1 N UNION ALL SELECT N + 1 FROM R WHERE N < 3) SELECT * FROM R",
            &["RecursiveUnion", "WithReference"],
        ),
        ("SELECT COLUMN1 FROM VALUES (1), (2)", &["ValuesClause"]),
        ("SELECT SEQ4() FROM TABLE(GENERATOR(ROWCOUNT => 3))", &["Result"]),
        ("SELECT NAME, COUNT(DISTINCT ID), GROUPING(NAME) FROM CUSTOMER GROUP BY ROLLUP (NAME)", &["GroupingSets"]),
        (
            "SELECT TWICE(ID), UPPER(NAME), IFF(ID > 1, 'x', NULL), NAME LIKE 'a%', ID::VARCHAR FROM (SELECT ID, NAME FROM CUSTOMER)",
            &[],
        ),
        (
            "SELECT TO_CHAR(AT, 'YYYY'), DATEADD(DAY, 1, AT), TOTAL / 3, DOC:a FROM ORDERS WHERE AT >= '2024-01-01'",
            &["ORDERS.AT"],
        ),
        (
            "INSERT INTO CUSTOMER (ID, NAME) SELECT ID, 'n' FROM ORDERS WHERE TOTAL < 1",
            &["Insert  DB.S.CUSTOMER", "DB.S.ORDERS"],
        ),
        ("INSERT INTO KEYED (N) VALUES (1), (Q.NEXTVAL)", &["Insert  DB.S.KEYED"]),
        (
            "INSERT ALL WHEN TOTAL > 1 THEN INTO CUSTOMER (ID) VALUES (ID) ELSE INTO KEYED (N) VALUES (ID) SELECT * FROM ST",
            &["MultiTableInsert  DB.S.CUSTOMER, DB.S.KEYED"],
        ),
        (
            "UPDATE CUSTOMER SET NAME = O.ID FROM ORDERS O WHERE O.CUSTOMER_ID = CUSTOMER.ID",
            &["Update  DB.S.CUSTOMER", "InnerJoin"],
        ),
        ("DELETE FROM CUSTOMER WHERE ID = 1", &["Delete  DB.S.CUSTOMER", "CUSTOMER.ID = 1"]),
        ("DELETE FROM CUSTOMER", &["Delete  DB.S.CUSTOMER"]),
        (
            "MERGE INTO CUSTOMER T USING ORDERS S ON T.ID = S.ID WHEN MATCHED THEN UPDATE SET NAME = 'm' WHEN NOT MATCHED THEN INSERT (ID) VALUES (S.ID)",
            &["Merge  DB.S.CUSTOMER", "OuterJoin  joinKey"],
        ),
        ("SELECT * FROM ORDERS AT (OFFSET => 0)", &["DB.S.ORDERS"]),
    ] {
        let whole = plan(&a, sql).join("\n");
        let lacks: Vec<_> = parts.iter().filter(|part| !whole.contains(**part)).collect();
        let bare = literals.replace_all(&whole, "''").replace("1:", "");
        let found = physical.find(&bare).map(|m| m.as_str());
        if !lacks.is_empty() || found.is_some() {
            wrong.push(format!("{sql}\nlacks {lacks:?}, shows {found:?}\n{whole}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn it_runs_nothing_and_needs_what_the_statement_needs() {
    let a = shop();
    a.script(&[
        ("CREATE SEQUENCE Q", ""),
        ("CREATE STREAM ST ON TABLE ORDERS", ""),
        ("INSERT INTO ORDERS (ID) VALUES (5000)", "1"),
        ("EXPLAIN INSERT INTO CUSTOMER (ID) SELECT Q.NEXTVAL FROM ST", ""),
        ("EXPLAIN DELETE FROM ORDERS", ""),
        ("EXPLAIN UPDATE ORDERS SET TOTAL = 0", ""),
        ("EXPLAIN SELECT 1 / 0", ""),
        ("SELECT COUNT(*), SUM(IFF(TOTAL = 0, 1, 0)) FROM ORDERS", "1001|1"),
        ("SELECT COUNT(*) FROM CUSTOMER", "3"),
        ("SELECT COUNT(*) FROM ST", "1"),
        ("SELECT Q.NEXTVAL", "1"),
        ("ALTER SESSION SET AUTOCOMMIT = FALSE", ""),
        ("EXPLAIN DELETE FROM ORDERS", ""),
        ("SELECT CURRENT_TRANSACTION()", "NULL"),
        ("EXPLAIN", "!001003"),
        ("EXPLAIN USING XML SELECT 1", "!001003"),
        ("EXPLAIN SELECT * FROM NONE_SUCH", "!002003"),
        ("EXPLAIN SELECT NONE_SUCH FROM ORDERS", "!000904"),
        ("EXPLAIN CREATE TABLE X (A INT)", "!000002"),
        ("EXPLAIN SELECT * FROM INFORMATION_SCHEMA.TABLES", "!003001"),
        ("CREATE ROLE R", ""),
        ("GRANT USAGE ON DATABASE DB TO ROLE R", ""),
        ("GRANT USAGE ON SCHEMA DB.S TO ROLE R", ""),
        ("GRANT SELECT ON TABLE ORDERS TO ROLE R", ""),
        ("CREATE SECURE VIEW SAFE AS SELECT ID FROM CUSTOMER WHERE NAME <> 'bb'", ""),
        ("GRANT SELECT ON VIEW SAFE TO ROLE R", ""),
        ("CREATE USER U PASSWORD = 'pw' DEFAULT_ROLE = R", ""),
        ("GRANT ROLE R TO USER U", ""),
    ]);
    let login = Login { user: "U".into(), password: Some("pw".into()), ..Login::default() };
    let u = Account { engine: a.engine.clone(), session: a.engine.login(&login).unwrap() };
    u.script(&[
        ("USE SCHEMA DB.S", ""),
        ("EXPLAIN SELECT * FROM ORDERS", ""),
        ("EXPLAIN SELECT * FROM CUSTOMER", "!002003"),
        ("EXPLAIN DELETE FROM ORDERS", "!003001"),
    ]);
    // What a secure view hides is hidden here too: its tables, its conditions. Its owner sees them.
    let theirs = plan(&u, "SELECT * FROM SAFE WHERE ID = 2").join("\n");
    assert!(theirs.contains("DB.S.SAFE") && !theirs.contains("CUSTOMER") && !theirs.contains("'bb'"), "{theirs}");
    let own = plan(&a, "SELECT * FROM SAFE WHERE ID = 2").join("\n");
    assert!(own.contains("DB.S.CUSTOMER") && own.contains("'bb'"), "{own}");
    // A policy's body is nobody's to read.
    a.script(&[
        ("CREATE MASKING POLICY M AS (V VARCHAR) RETURNS VARCHAR -> IFF(CURRENT_ROLE() = 'R', V, 'masked-away')", ""),
        ("ALTER TABLE CUSTOMER MODIFY COLUMN NAME SET MASKING POLICY M", ""),
    ]);
    let masked = plan(&a, "SELECT NAME FROM CUSTOMER").join("\n");
    assert!(masked.contains("DB.S.CUSTOMER") && !masked.contains("masked-away"), "{masked}");
}
