//! Snowflake Scripting: cursors, handlers, loops, result sets, procedures and their transactions.

use crate::account::{Account, in_schema};

fn with_rows() -> Account {
    let a = in_schema();
    a.script(&[
        ("USE WAREHOUSE COMPUTE_WH", ""),
        ("CREATE TABLE T (X NUMBER, Y VARCHAR)", ""),
        ("INSERT INTO T VALUES (1, 'a'), (2, 'b'), (3, 'c')", "3"),
    ]);
    a
}

/// The whole text of a refusal.
fn refusal(a: &Account, sql: &str) -> String {
    a.run(sql).expect_err(sql).to_string()
}

#[test]
fn a_cursor_is_open_or_closed() {
    let a = with_rows();
    for (sql, text) in [
        ("DECLARE c CURSOR FOR SELECT X FROM T; BEGIN CLOSE c; END", "CURSOR C is not open"),
        ("DECLARE c CURSOR FOR SELECT X FROM T; BEGIN OPEN c; OPEN c; END", "CURSOR C is already open"),
        ("DECLARE c CURSOR FOR SELECT X FROM T; v NUMBER; BEGIN FETCH c INTO v; END", "CURSOR C is not open"),
        ("DECLARE c CURSOR FOR SELECT X FROM T; BEGIN OPEN c; CLOSE c; CLOSE c; END", "CURSOR C is not open"),
        ("BEGIN OPEN nope; END", "invalid identifier 'NOPE'"),
    ] {
        let got = refusal(&a, sql);
        assert!(got.contains("Uncaught exception of type 'STATEMENT_ERROR'") && got.contains(text), "{sql}\n{got}");
    }
    a.script(&[
        (
            "DECLARE c CURSOR FOR SELECT X FROM T WHERE X > ? ORDER BY X; v NUMBER; n NUMBER DEFAULT 1; \
             BEGIN OPEN c USING (n); FETCH c INTO v; CLOSE c; n := 2; OPEN c USING (n); FETCH c INTO n; RETURN v * 10 + n; END",
            "23",
        ),
        (
            "DECLARE c CURSOR FOR SELECT X FROM T; v NUMBER DEFAULT 9; \
             BEGIN OPEN c; FOR i IN 1 TO 4 DO FETCH c INTO v; END FOR; RETURN v; END",
            "NULL",
        ),
        (
            "DECLARE c CURSOR FOR SELECT X FROM T ORDER BY X; BEGIN OPEN c; RETURN TABLE(RESULTSET_FROM_CURSOR(c)); END",
            "1;2;3",
        ),
        ("BEGIN LET c CURSOR FOR SELECT SUM(X) AS S FROM T; FOR r IN c DO RETURN r.S; END FOR; END", "6"),
        (
            "BEGIN LET rs RESULTSET := (SELECT X FROM T ORDER BY X); LET c CURSOR FOR rs; LET t := ''; \
             FOR r IN c DO t := t || r.X; END FOR; RETURN t; END",
            "123",
        ),
    ]);
}

#[test]
fn handlers_take_what_they_name() {
    let a = with_rows();
    a.script(&[
        (
            "DECLARE a EXCEPTION (-20001, 'A'); b EXCEPTION (-20002, 'B'); \
             BEGIN RAISE b; EXCEPTION WHEN a OR b THEN RETURN SQLCODE || ' ' || SQLSTATE || ' ' || SQLERRM; END",
            "-20002 P0001 B",
        ),
        (
            "DECLARE a EXCEPTION; BEGIN RAISE a; EXCEPTION WHEN STATEMENT_ERROR THEN RETURN 1; WHEN OTHER THEN RETURN SQLCODE; END",
            "-20000",
        ),
        ("BEGIN LET x := 1 / 0; EXCEPTION WHEN EXPRESSION_ERROR THEN RETURN SQLCODE; END", "100051"),
        ("BEGIN SELECT 1 / 0; EXCEPTION WHEN STATEMENT_ERROR THEN RETURN SQLCODE; END", "100051"),
        (
            "DECLARE n NUMBER DEFAULT 0; BEGIN SELECT * FROM NOPE; n := n + 1; SELECT * FROM NOPE; n := n + 1; RETURN n; \
             EXCEPTION WHEN OTHER CONTINUE THEN n := n + 10; END",
            "22",
        ),
        (
            "DECLARE e EXCEPTION (-20005, 'deep'); BEGIN BEGIN RAISE e; EXCEPTION WHEN OTHER THEN RAISE; END; \
             EXCEPTION WHEN e THEN RETURN SQLERRM; END",
            "deep",
        ),
        // What a handler wrote stays.
        (
            "BEGIN INSERT INTO T VALUES (9, 'z'); SELECT * FROM NOPE; EXCEPTION WHEN OTHER THEN \
             INSERT INTO T SELECT 10, LEFT(:SQLERRM, 3); RETURN 'noted'; END",
            "noted",
        ),
        ("SELECT Y FROM T WHERE X = 10", "SQL"),
    ]);
    for (sql, text) in [
        (
            "DECLARE\n  my_exception EXCEPTION (-20002, 'Raised MY_EXCEPTION.');\nBEGIN\n    RAISE my_exception;\nEND;",
            "-20002 (P0001): Uncaught exception of type 'MY_EXCEPTION' on line 4 at position 4 : Raised MY_EXCEPTION.",
        ),
        (
            "BEGIN\n  NULL;\n  SELECT * FROM NOPE;\nEND",
            "002003 (42S02): Uncaught exception of type 'STATEMENT_ERROR' on line 3 at position 2 : SQL compilation error:\n",
        ),
        ("BEGIN RAISE; END", "RAISE"),
        ("BEGIN RAISE nope; END", "NOPE"),
        ("DECLARE e EXCEPTION (-5, 'x'); BEGIN NULL; END", "-20,999"),
        ("BEGIN LET x := ASYNC; END", "ASYNC"),
        ("BEGIN ASYNC (INSERT INTO T VALUES (1, 'x')); AWAIT ALL; END", "000002 (0A000)"),
    ] {
        let got = refusal(&a, sql);
        assert!(got.contains(text), "{sql}\n got {got}\nwant {text}");
    }
}

#[test]
fn loops_with_labels_and_nested_blocks() {
    let a = with_rows();
    a.script(&[
        (
            "DECLARE n NUMBER DEFAULT 0; BEGIN LOOP LOOP n := n + 1; IF (n > 4) THEN BREAK outer; END IF; END LOOP inner; END LOOP outer; RETURN n; END",
            "5",
        ),
        (
            "DECLARE n NUMBER DEFAULT 0; BEGIN FOR i IN 1 TO 3 DO FOR j IN 1 TO 3 DO IF (j = 2) THEN CONTINUE outer; END IF; n := n + 1; END FOR inner; END FOR outer; RETURN n; END",
            "3",
        ),
        ("DECLARE n NUMBER DEFAULT 0; BEGIN FOR i IN REVERSE 3 TO 1 DO n := n + 1; END FOR; RETURN n; END", "0"),
        ("DECLARE t VARCHAR DEFAULT ''; BEGIN FOR i IN REVERSE 1 TO 3 DO t := t || i; END FOR; RETURN t; END", "321"),
        ("DECLARE x NUMBER DEFAULT 1; BEGIN LET y := 5; BEGIN LET x := 7; y := x; END; RETURN x * 10 + y; END", "17"),
        (
            "DECLARE n NUMBER DEFAULT 7; BEGIN CASE WHEN n < 5 THEN RETURN 'low'; WHEN n < 10 THEN RETURN 'mid'; ELSE RETURN 'high'; END CASE; END",
            "mid",
        ),
        (
            "BEGIN LET q RESULTSET := (SELECT X, Y FROM T ORDER BY X); FOR r IN q DO IF (r.X = 2) THEN RETURN r.Y; END IF; END FOR; END",
            "b",
        ),
        ("DECLARE n NUMBER DEFAULT 0; BEGIN FOR i IN (SELECT 2) TO 3 DO n := n + i; END FOR; RETURN n; END", "5"),
        ("BEGIN FOR r IN (SELECT X FROM T) DO RETURN r.X; END FOR; END", "!000002"),
        ("DECLARE n NUMBER DEFAULT 0; BEGIN REPEAT n := n + 1; IF (n = 3) THEN BREAK; END IF; UNTIL (FALSE) END REPEAT; RETURN n; END", "3"),
        ("BEGIN LET x := NULL; IF (x) THEN RETURN 1; ELSE RETURN 2; END IF; END", "2"),
        ("BEGIN NULL; END", "NULL"),
    ]);
}

#[test]
fn result_sets_and_immediate_statements() {
    let a = with_rows();
    a.script(&[
        ("DECLARE rs RESULTSET; BEGIN rs := (SELECT Y FROM T WHERE X = 2); RETURN TABLE(rs); END", "b"),
        ("BEGIN LET q := 'SELECT X FROM T WHERE X > ? AND Y < ?'; LET lo := 1; LET hi := 'c'; LET rs RESULTSET := (EXECUTE IMMEDIATE :q USING (lo, hi)); RETURN TABLE(rs); END", "2"),
        ("EXECUTE IMMEDIATE 'CREATE TABLE MADE (X NUMBER)'", "Table MADE successfully created."),
        ("EXECUTE IMMEDIATE $$ DECLARE n NUMBER; BEGIN SELECT COUNT(*) INTO :n FROM T; RETURN n; END $$", "3"),
        ("DECLARE t VARCHAR DEFAULT 'T'; n NUMBER; BEGIN SELECT COUNT(*) INTO :n FROM IDENTIFIER(:t); RETURN n; END", "3"),
        ("BEGIN UPDATE T SET Y = 'q' WHERE X > 1; RETURN SQLROWCOUNT || SQLFOUND || SQLNOTFOUND; END", "2truefalse"),
        ("BEGIN DELETE FROM T WHERE X > 100; RETURN SQLROWCOUNT || SQLFOUND || SQLNOTFOUND; END", "0falsetrue"),
        ("BEGIN SELECT 1; RETURN SQLID IS NOT NULL; END", "1"),
        ("BEGIN LET x NUMBER(10,2) := '1.239'; RETURN x; END", "1.24"),
        ("EXECUTE IMMEDIATE FROM @s/f.sql", "!000002"),
        ("WITH p AS PROCEDURE () RETURNS NUMBER LANGUAGE SQL AS 'BEGIN RETURN 1; END' CALL p()", "!000002"),
    ]);
}

#[test]
fn procedures_with_defaults_names_and_rights() {
    let a = with_rows();
    a.script(&[
        (
            "CREATE PROCEDURE P(A NUMBER, B VARCHAR DEFAULT 'd', C NUMBER DEFAULT 1 + 1) RETURNS VARCHAR LANGUAGE SQL AS \
             $$ BEGIN RETURN A || B || C; END $$",
            "Procedure P successfully created.",
        ),
        ("CALL P(1)", "1d2"),
        ("CALL P(1, 'x')", "1x2"),
        ("CALL P(C => 5, A => 1)", "1d5"),
        ("CALL P()", "!002140"),
        ("CREATE PROCEDURE TAB() RETURNS TABLE (X NUMBER) LANGUAGE SQL AS BEGIN LET rs RESULTSET := (SELECT X FROM T ORDER BY X); RETURN TABLE(rs); END", ""),
        ("CALL TAB()", "1;2;3"),
        ("SET V = 5", ""),
        ("CREATE PROCEDURE OWN() RETURNS NUMBER LANGUAGE SQL AS BEGIN RETURN $V; END", ""),
        ("CREATE PROCEDURE CALLERS() RETURNS NUMBER LANGUAGE SQL EXECUTE AS CALLER AS BEGIN RETURN $V; END", ""),
        ("CALL CALLERS()", "5"),
        ("CREATE PROCEDURE X() RETURNS NUMBER LANGUAGE SQL EXECUTE AS RESTRICTED CALLER AS BEGIN RETURN 1; END", "!000002"),
        ("CREATE PROCEDURE X() RETURNS NUMBER STRICT LANGUAGE SQL AS BEGIN RETURN 1; END", "!000002"),
    ]);
    assert!(a.run("CALL OWN()").is_err(), "an owner's procedure does not see the caller's variables");
    let got = a.run("CREATE PROCEDURE FAILS() RETURNS NUMBER LANGUAGE SQL AS $$\nBEGIN\n  SELECT * FROM NOPE;\nEND$$");
    assert!(got.is_ok());
    let e = refusal(&a, "CALL FAILS()");
    assert!(e.contains("Uncaught exception of type 'STATEMENT_ERROR' on line 3 at position 2"), "{e}");
}

#[test]
fn an_owners_procedure_may_do_what_its_owner_may() {
    let a = with_rows();
    a.script(&[
        ("CREATE PROCEDURE COUNTS() RETURNS NUMBER LANGUAGE SQL AS BEGIN LET n := 0; SELECT COUNT(*) INTO :n FROM DB.S.T; RETURN n; END", ""),
        ("CREATE PROCEDURE ASKS() RETURNS NUMBER LANGUAGE SQL EXECUTE AS CALLER AS BEGIN LET n := 0; SELECT COUNT(*) INTO :n FROM DB.S.T; RETURN n; END", ""),
        ("CREATE ROLE R", ""),
        ("GRANT ROLE R TO USER ADMIN", ""),
        ("GRANT USAGE ON DATABASE DB TO ROLE R", ""),
        ("GRANT USAGE ON SCHEMA DB.S TO ROLE R", ""),
        ("GRANT USAGE ON PROCEDURE COUNTS() TO ROLE R", ""),
        ("GRANT USAGE ON PROCEDURE ASKS() TO ROLE R", ""),
        ("GRANT USAGE ON WAREHOUSE COMPUTE_WH TO ROLE R", ""),
        ("USE ROLE R", ""),
        ("USE SECONDARY ROLES NONE", ""),
        ("SELECT COUNT(*) FROM DB.S.T", "!002003"),
        ("CALL DB.S.COUNTS()", "3"),
        ("CALL DB.S.ASKS()", "!002003"),
    ]);
}

#[test]
fn a_transaction_stays_in_the_scope_that_began_it() {
    let a = with_rows();
    a.script(&[
        ("CREATE PROCEDURE WHOLE() RETURNS NUMBER LANGUAGE SQL AS BEGIN BEGIN TRANSACTION; INSERT INTO T VALUES (4, 'd'); ROLLBACK; BEGIN TRANSACTION; INSERT INTO T VALUES (5, 'e'); COMMIT; RETURN 1; END", ""),
        ("CALL WHOLE()", "1"),
        ("SELECT COUNT(*), MAX(X) FROM T", "4|5"),
        ("CREATE PROCEDURE HALF() RETURNS NUMBER LANGUAGE SQL AS BEGIN BEGIN TRANSACTION; INSERT INTO T VALUES (6, 'f'); RETURN 1; END", ""),
        ("CREATE PROCEDURE ENDS() RETURNS NUMBER LANGUAGE SQL AS BEGIN COMMIT; RETURN 1; END", ""),
        ("CREATE PROCEDURE ADDS() RETURNS NUMBER LANGUAGE SQL AS BEGIN INSERT INTO T VALUES (7, 'g'); RETURN 1; END", ""),
    ]);
    let e = refusal(&a, "CALL HALF()");
    assert!(e.contains("Scoped transaction started in stored procedure is incomplete and it was rolled back."), "{e}");
    a.script(&[("SELECT COUNT(*) FROM T", "4"), ("BEGIN", "")]);
    let e = refusal(&a, "CALL ENDS()");
    assert!(e.contains("Modifying a transaction that has started at a different scope is not allowed."), "{e}");
    a.script(&[
        ("CALL WHOLE()", "!000002"),
        ("CALL ADDS()", "1"),
        ("SELECT COUNT(*) FROM T", "5"),
        ("ROLLBACK", ""),
        ("SELECT COUNT(*) FROM T", "4"),
        // Without a transaction each statement of a procedure stands for itself.
        ("CREATE PROCEDURE BREAKS() RETURNS NUMBER LANGUAGE SQL AS BEGIN INSERT INTO T VALUES (8, 'h'); SELECT * FROM NOPE; END", ""),
        ("CALL BREAKS()", "!002003"),
        ("SELECT COUNT(*) FROM T", "5"),
    ]);
}
