//! Blocks, procedures and EXECUTE IMMEDIATE on an engine.

use crate::local::snowflake::testing::{check, rows, run, session};

#[test]
fn a_block_runs_its_statements() {
    let s = session();
    check(
        &s,
        &[
            ("USE WAREHOUSE COMPUTE_WH", ""),
            ("CREATE TABLE T (X NUMBER, Y VARCHAR)", ""),
            ("BEGIN INSERT INTO T VALUES (1, 'a'); INSERT INTO T VALUES (2, 'b'); END;", "NULL"),
            ("SELECT X FROM T WHERE Y = 'b'", "2"),
            ("BEGIN; INSERT INTO T VALUES (3, 'c'); ROLLBACK", "001003"),
            ("DECLARE n NUMBER DEFAULT 0; BEGIN UPDATE T SET Y = 'z'; n := SQLROWCOUNT; RETURN n * 10; END", "20"),
            ("BEGIN LET x := 5; LET y VARCHAR := 'v'; INSERT INTO T VALUES (:x, :y); RETURN SQLFOUND; END", "1"),
            ("SELECT X FROM T WHERE Y = 'v'", "5"),
            ("DECLARE m NUMBER; BEGIN SELECT X INTO :m FROM T WHERE Y = 'v'; RETURN m + 1; END", "6"),
            ("EXECUTE IMMEDIATE $$ BEGIN RETURN 'ok'; END $$", "ok"),
            ("EXECUTE IMMEDIATE 'SELECT X FROM T WHERE Y = ?' USING ('v')", "5"),
        ],
    );
    assert_eq!(run(&s, "BEGIN RETURN 1; END").unwrap().fields[0].name, "anonymous block");
}

#[test]
fn loops_and_branches() {
    let s = session();
    check(
        &s,
        &[
            ("USE WAREHOUSE COMPUTE_WH", ""),
            ("CREATE TABLE T (X NUMBER)", ""),
            ("DECLARE s NUMBER DEFAULT 0; BEGIN FOR i IN 1 TO 4 DO s := s + i; END FOR; RETURN s; END", "10"),
            (
                "DECLARE s NUMBER DEFAULT 0; BEGIN FOR i IN REVERSE 1 TO 4 DO IF (i = 2) THEN BREAK; END IF; s := s * 10 + i; END FOR; RETURN s; END",
                "43",
            ),
            ("DECLARE i NUMBER DEFAULT 0; BEGIN WHILE (i < 5) DO i := i + 1; END WHILE; RETURN i; END", "5"),
            ("DECLARE i NUMBER DEFAULT 0; BEGIN REPEAT i := i + 1; UNTIL (i >= 3) END REPEAT; RETURN i; END", "3"),
            (
                "DECLARE i NUMBER DEFAULT 0; BEGIN LOOP i := i + 1; IF (i = 7) THEN BREAK; ELSEIF (i > 100) THEN RETURN -1; ELSE CONTINUE; END IF; END LOOP; RETURN i; END",
                "7",
            ),
            (
                "DECLARE x NUMBER DEFAULT 2; BEGIN CASE (x) WHEN 1 THEN RETURN 'one'; WHEN 2 THEN RETURN 'two'; ELSE RETURN 'many'; END; END",
                "two",
            ),
            ("INSERT INTO T VALUES (1), (2), (3)", ""),
            (
                "DECLARE s NUMBER DEFAULT 0; c CURSOR FOR SELECT X FROM T; BEGIN FOR r IN c DO s := s + r.X; END FOR; RETURN s; END",
                "6",
            ),
            (
                "DECLARE s NUMBER; v NUMBER; c CURSOR FOR SELECT X FROM T ORDER BY X DESC; BEGIN OPEN c; FETCH c INTO v; FETCH c INTO s; CLOSE c; RETURN v * 10 + s; END",
                "32",
            ),
            (
                "DECLARE rs RESULTSET DEFAULT (SELECT X FROM T WHERE X > 1 ORDER BY X); BEGIN RETURN TABLE(rs); END",
                "#2",
            ),
        ],
    );
}

#[test]
fn a_variable_keeps_its_type_and_not_its_first_values_size() {
    let s = session();
    check(
        &s,
        &[
            ("BEGIN LET n := 5; n := 12345; RETURN n; END", "12345"),
            ("BEGIN LET n := NULL; n := 5; n := 500; RETURN n; END", "500"),
            ("BEGIN LET t := ''; t := 'abc'; RETURN t; END", "abc"),
            ("DECLARE t VARCHAR; BEGIN t := 'a'; t := t || 'bc'; RETURN t; END", "abc"),
            ("CREATE PROCEDURE P(A VARCHAR) RETURNS VARCHAR AS BEGIN A := A || 'xyz'; RETURN A; END", ""),
            ("CALL P('q')", "qxyz"),
        ],
    );
}

#[test]
fn exceptions_meet_their_handlers() {
    let s = session();
    check(
        &s,
        &[
            ("USE WAREHOUSE COMPUTE_WH", ""),
            ("CREATE TABLE T (X NUMBER)", ""),
            ("BEGIN SELECT * FROM NOPE; EXCEPTION WHEN STATEMENT_ERROR THEN RETURN SQLSTATE; END", "42S02"),
            (
                "BEGIN SELECT * FROM NOPE; EXCEPTION WHEN EXPRESSION_ERROR THEN RETURN 0; WHEN OTHER THEN RETURN SQLCODE; END",
                "2003",
            ),
            (
                "DECLARE e EXCEPTION (-20002, 'Oh no'); BEGIN RAISE e; EXCEPTION WHEN e THEN RETURN SQLERRM; END",
                "Oh no",
            ),
            (
                "DECLARE e EXCEPTION (-20002, 'Oh no');\nBEGIN\n  RAISE e;\nEND",
                "~Uncaught exception of type 'E' on line 3 at position 2 : Oh no",
            ),
            (
                "BEGIN\n  INSERT INTO T VALUES (1);\n  SELECT * FROM NOPE;\nEND",
                "~Uncaught exception of type 'STATEMENT_ERROR' on line 3 at position 2 : SQL compilation error:",
            ),
            ("SELECT X FROM T", "#1"),
            (
                "BEGIN BEGIN SELECT * FROM NOPE; EXCEPTION WHEN OTHER THEN RAISE; END; EXCEPTION WHEN OTHER THEN RETURN 'outer'; END",
                "outer",
            ),
        ],
    );
    let e = run(&s, "DECLARE e EXCEPTION (-20002, 'Oh no'); BEGIN RAISE e; END").unwrap_err();
    assert_eq!((e.code, e.state), ("-20002", "P0001"));
}

#[test]
fn procedures_run_as_their_owner() {
    let s = session();
    check(
        &s,
        &[
            ("USE WAREHOUSE COMPUTE_WH", ""),
            ("CREATE TABLE T (X NUMBER)", ""),
            (
                "CREATE PROCEDURE P(A NUMBER, B VARCHAR DEFAULT 'd') RETURNS VARCHAR LANGUAGE SQL AS $$ BEGIN INSERT INTO T VALUES (:A); RETURN B; END $$",
                "Procedure P successfully created.",
            ),
            ("CREATE PROCEDURE P(A NUMBER) RETURNS NUMBER AS BEGIN RETURN A; END", ""),
            ("CALL P(7, 'x')", "x"),
            ("CALL P(7)", "7"),
            ("CALL P(B => 'y', A => 8)", "y"),
            ("SELECT X FROM T", "#2"),
            ("CALL NOPE(1)", "002140"),
            (
                "CREATE PROCEDURE Q() RETURNS TABLE (X NUMBER) LANGUAGE SQL AS 'DECLARE r RESULTSET; BEGIN r := (SELECT X FROM T ORDER BY X); RETURN TABLE(r); END'",
                "",
            ),
            ("CALL Q()", "#2"),
            ("DECLARE v VARCHAR; BEGIN CALL P(1, 'into') INTO :v; RETURN v; END", "into"),
            ("CREATE PROCEDURE BAD() RETURNS NUMBER LANGUAGE SQL AS $$ BEGIN RETURN 1 END $$", "001003"),
            ("CREATE PROCEDURE PY() RETURNS NUMBER LANGUAGE PYTHON AS $$ x $$", "000002"),
            ("CREATE PROCEDURE LOOPS() RETURNS NUMBER LANGUAGE SQL AS $$ BEGIN CALL LOOPS(); END $$", ""),
            ("CALL LOOPS()", "~nested"),
        ],
    );
    assert_eq!(rows(&run(&s, "CALL P(7)").unwrap()), [["7"]]);
}

#[test]
fn each_step_has_its_own_time_and_each_statement_one() {
    let s = session();
    let later =
        "CALL SYSTEM$SNOWDECK_ADVANCE_CLOCK(60); LET b := CURRENT_TIMESTAMP(); RETURN DATEDIFF(SECOND, a, b) >= 60;";
    check(
        &s,
        &[
            ("USE WAREHOUSE COMPUTE_WH", ""),
            ("CREATE TABLE T (X TIMESTAMP_LTZ, Y TIMESTAMP_LTZ)", ""),
            (&format!("BEGIN LET a := CURRENT_TIMESTAMP(); {later} END"), "1"),
            (
                &format!(
                    "CREATE PROCEDURE P() RETURNS BOOLEAN LANGUAGE SQL AS $$ BEGIN LET a := CURRENT_TIMESTAMP(); {later} END $$"
                ),
                "",
            ),
            ("CALL P()", "1"),
            // A loop's condition is asked at its own time: this one ends.
            (
                "DECLARE a TIMESTAMP_LTZ DEFAULT CURRENT_TIMESTAMP(); n NUMBER DEFAULT 0; BEGIN \
                 WHILE (n < 9 AND DATEDIFF(SECOND, a, CURRENT_TIMESTAMP()) < 100) DO \
                 CALL SYSTEM$SNOWDECK_ADVANCE_CLOCK(60); n := n + 1; END WHILE; RETURN n; END",
                "2",
            ),
            ("BEGIN INSERT INTO T SELECT CURRENT_TIMESTAMP(), CURRENT_TIMESTAMP(); RETURN 1; END", "1"),
            ("SELECT COUNT_IF(X = Y) FROM T", "1"),
        ],
    );
}

#[test]
fn a_call_in_parentheses_is_a_value() {
    let s = session();
    check(
        &s,
        &[
            ("USE WAREHOUSE COMPUTE_WH", ""),
            ("CREATE PROCEDURE P(A NUMBER) RETURNS NUMBER LANGUAGE SQL AS $$ BEGIN RETURN A + 1; END $$", ""),
            ("BEGIN LET X NUMBER := (CALL P(4)); RETURN X * 2; END", "10"),
            ("DECLARE X NUMBER DEFAULT (CALL P(5)); BEGIN RETURN X; END", "6"),
            ("DECLARE X NUMBER; BEGIN X := (CALL P(6)); RETURN X; END", "7"),
            ("BEGIN LET X VARCHAR := (CALL SYSTEM$TYPEOF(1)); RETURN X; END", "NUMBER(1,0)[SB1]"),
            ("BEGIN LET X VARCHAR := (CALL SYSTEM$TYPEOF(1)::VARCHAR); RETURN X; END", "NUMBER(1,0)[SB1]"),
            ("BEGIN LET X NUMBER := (CALL NO_SUCH(1)); RETURN X; END", "002140"),
        ],
    );
}
