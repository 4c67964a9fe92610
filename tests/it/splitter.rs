//! The splitter on hard cases. In each text `¶` stands where one statement must end and the next begin.

use rstest::rstest;
use snowdeck::jobs::deploy::{sets_context, split};

/// The statements between the marks, without closing semicolons.
fn expected(marked: &str) -> Vec<String> {
    let pieces = marked.split('¶').map(|p| p.trim().trim_end_matches(';').trim_end().to_owned());
    pieces.filter(|p| !p.is_empty()).collect()
}

#[rstest]
// Plain statements.
#[case::one("SELECT 1")]
#[case::two("SELECT 1;¶ SELECT 2;")]
#[case::empty_statements(";;¶ SELECT 1;¶;;")]
#[case::no_semicolon_at_end("USE ROLE A;¶\nSELECT 2")]
#[case::windows_lines("SELECT 1;¶\r\nSELECT 2;\r\n")]
// Strings and identifiers.
#[case::string("SELECT 'a;b';¶ SELECT 2;")]
#[case::doubled_quote("SELECT 'it''s; fine';¶ SELECT 2;")]
#[case::backslash_quote(r"SELECT 'it\'s; fine';¶ SELECT 2;")]
#[case::backslash_at_end(r"SELECT 'a\\';¶ SELECT ';';")]
#[case::doubled_quote_at_end("SELECT 'a''';¶ SELECT 'b;';")]
#[case::string_over_lines("SELECT 'a;\n-- no comment;\n/* none */';¶ SELECT 2;")]
#[case::identifier("SELECT \"a;b\" FROM \"x\"\"y;z\";¶ SELECT 2;")]
#[case::identifier_takes_no_backslash("SELECT \"a\\\";¶ SELECT 2;")]
#[case::quote_in_identifier("SELECT \"it's\";¶ SELECT 'x';")]
#[case::dollars("SELECT $$ a;b 'c $$;¶ SELECT 2;")]
#[case::dollars_in_string("SELECT '$$;';¶ SELECT '$$';")]
#[case::string_in_dollars("SELECT $$it's;$$;¶ SELECT 2;")]
#[case::comment_in_dollars("SELECT $$ -- ; \n /* ; $$;¶ SELECT 2;")]
#[case::single_dollar("SELECT $1, METADATA$FILENAME, $var;¶ SELECT SYSTEM$WAIT(1);")]
#[case::dollars_after_as("CREATE PROCEDURE p() RETURNS INT LANGUAGE SQL AS$$ BEGIN; END; $$;¶ SELECT 1;")]
#[case::letters_beyond_ascii("SELECT 'ü;ß', größe FROM straße;¶ SELECT '→;';")]
// Comments.
#[case::dash_comment("SELECT 1 -- not; here\n + 2;¶ SELECT 2;")]
#[case::slash_comment("SELECT 1 // not; here\n + 2;¶ SELECT 2;")]
#[case::block_comment("SELECT 1 /* not; here\n nor; here */ + 2;¶ SELECT 2;")]
#[case::comments_do_not_nest("SELECT 1 /* a /* b */ + 1;¶ SELECT 2;")]
#[case::quote_in_comment("SELECT 1 -- it's; \n+ 1;¶ SELECT 2;")]
#[case::dollars_in_comment("SELECT 1 /* $$ ; */ + 1;¶ SELECT 2;")]
#[case::comment_sign_in_string("SELECT '--', '//', '/*';¶ SELECT 2;")]
#[case::url_is_no_comment("PUT file:///tmp/a.csv @~;¶ SELECT 1;")]
#[case::url_in_string("CREATE STAGE s URL = 's3://b/p/';¶ SELECT 1;")]
#[case::minus_minus_number("SELECT 1 --2;\n+ 1;¶ SELECT 3;")]
#[case::division("SELECT 4/2/1;¶ SELECT 1 - -1;")]
#[case::flow_operator("SHOW TABLES ->> SELECT \"name\" FROM $1;¶ SELECT 1;")]
// Transactions are not blocks.
#[case::begin_transaction("BEGIN TRANSACTION;¶ INSERT INTO t VALUES (1);¶ COMMIT;")]
#[case::begin_work("BEGIN WORK;¶ COMMIT WORK;")]
#[case::begin_alone("BEGIN;¶ INSERT INTO t VALUES (1);¶ END;")]
#[case::begin_name("BEGIN NAME t1;¶ COMMIT;")]
#[case::begin_transaction_name("BEGIN TRANSACTION NAME t1;¶ COMMIT;")]
#[case::start_transaction("START TRANSACTION;¶ ROLLBACK;")]
#[case::begin_with_comment("BEGIN -- go\nTRANSACTION;¶ COMMIT;")]
// CASE outside a block ends nothing.
#[case::case_expression("SELECT CASE WHEN a THEN 1 ELSE 2 END;¶ SELECT CASE x WHEN 1 THEN 2 END;")]
// Blocks.
#[case::block("BEGIN SELECT 1; SELECT 2; END;¶ SELECT 3;")]
#[case::block_at_end_of_text("BEGIN\n  SELECT 1;\nEND")]
#[case::declare("DECLARE a INT; b INT DEFAULT 2; BEGIN a := b; RETURN a; END;¶ SELECT 1;")]
#[case::declare_cursor_with_case(
    "DECLARE c CURSOR FOR SELECT CASE WHEN x THEN 1 END FROM t; BEGIN OPEN c; END;¶ SELECT 1;"
)]
#[case::declare_exception(
    "DECLARE e EXCEPTION (-20002, 'no; really'); BEGIN RAISE e; EXCEPTION WHEN e THEN RETURN 1; END;¶ SELECT 1;"
)]
#[case::nested("BEGIN BEGIN SELECT 1; END; BEGIN SELECT 2; END; END;¶ SELECT 3;")]
#[case::nested_declare("BEGIN DECLARE a INT; BEGIN a := 1; END; SELECT 2; END;¶ SELECT 3;")]
#[case::exception_in_nested(
    "BEGIN BEGIN SELECT 1; EXCEPTION WHEN OTHER THEN BEGIN SELECT 2; END; END; END;¶ SELECT 3;"
)]
#[case::case_in_block("BEGIN SELECT CASE WHEN a THEN 1 END; SELECT 2; END;¶ SELECT 3;")]
#[case::case_statement("BEGIN CASE (a) WHEN 1 THEN SELECT 1; ELSE SELECT 2; END CASE; SELECT 3; END;¶ SELECT 4;")]
#[case::case_statement_plain_end("BEGIN CASE WHEN a = 1 THEN SELECT 1; END; SELECT 3; END;¶ SELECT 4;")]
#[case::case_in_case("BEGIN RETURN CASE WHEN CASE WHEN a THEN b END THEN 1 END; END;¶ SELECT 4;")]
#[case::if_in_block(
    "BEGIN IF (a = 1) THEN SELECT 1; ELSEIF (a = 2) THEN SELECT 2; ELSE SELECT 3; END IF; END;¶ SELECT 4;"
)]
#[case::if_in_if("BEGIN IF (a) THEN IF (b) THEN SELECT 1; END IF; END IF; SELECT 2; END;¶ SELECT 4;")]
#[case::if_exists_is_no_if("BEGIN DROP TABLE IF EXISTS t; CREATE TABLE IF NOT EXISTS t (a INT); END;¶ SELECT 4;")]
#[case::iff_is_no_if("BEGIN RETURN IFF(a, 1, 2); END;¶ SELECT 4;")]
#[case::for_loop("BEGIN FOR i IN 1 TO 10 DO SELECT :i; END FOR; END;¶ SELECT 4;")]
#[case::for_with_loop_word("BEGIN FOR r IN c LOOP SELECT 1; END LOOP; END;¶ SELECT 4;")]
#[case::while_loop("BEGIN WHILE (a < 3) DO a := a + 1; END WHILE; END;¶ SELECT 4;")]
#[case::while_with_loop_word("BEGIN WHILE (a < 3) LOOP a := a + 1; END LOOP; END;¶ SELECT 4;")]
#[case::repeat_loop("BEGIN REPEAT a := a + 1; UNTIL (a > 3) END REPEAT; END;¶ SELECT 4;")]
#[case::repeat_function("BEGIN SELECT REPEAT('a;', 3); END;¶ SELECT 4;")]
#[case::bare_loop("BEGIN LOOP BREAK; END LOOP; LOOP LOOP BREAK; END LOOP; END LOOP; END;¶ SELECT 4;")]
#[case::if_in_loop("BEGIN LOOP IF (a) THEN BREAK; END IF; END LOOP; END;¶ SELECT 4;")]
#[case::transaction_in_block("BEGIN BEGIN TRANSACTION; INSERT INTO t VALUES (1); COMMIT; END;¶ SELECT 4;")]
#[case::end_as_column("BEGIN SELECT t.end, :end FROM t; SELECT 2; END;¶ SELECT 4;")]
#[case::lower_case("begin let x := 1; if (x = 1) then return 2; end if; end;¶ select 4;")]
#[case::variable_called_name("BEGIN NAME := 'x'; RETURN NAME; END;¶ SELECT 4;")]
#[case::comments_in_block("BEGIN -- END;\n SELECT 1; /* END; */ SELECT 'END;'; END;¶ SELECT 4;")]
#[case::dollars_in_block("BEGIN EXECUTE IMMEDIATE $$ BEGIN SELECT 1; END; $$; END;¶ SELECT 4;")]
#[case::anonymous_block_in_dollars("EXECUTE IMMEDIATE $$\nBEGIN\n SELECT 1;\nEND;\n$$;¶ SELECT 4;")]
// Bodies of tasks, procedures, functions and alerts.
#[case::task("CREATE TASK t WAREHOUSE = w AS SELECT 1;¶ SELECT 2;")]
#[case::task_with_block("CREATE OR REPLACE TASK t WAREHOUSE = w AFTER a AS BEGIN SELECT 1; SELECT 2; END;¶ SELECT 3;")]
#[case::task_with_declare("CREATE TASK t AS DECLARE a INT; BEGIN a := 1; END;¶ SELECT 3;")]
#[case::task_with_exception(
    "CREATE TASK t AS BEGIN INSERT INTO a SELECT 1; EXCEPTION WHEN OTHER THEN LET m := SQLERRM; RAISE; END;¶ SELECT 3;"
)]
#[case::task_with_alias("CREATE TASK t AS INSERT INTO x SELECT a AS begin, b AS end FROM y;¶ SELECT 3;")]
#[case::task_as_user("CREATE TASK t EXECUTE AS USER u AS BEGIN SELECT 1; END;¶ SELECT 3;")]
#[case::task_with_when("CREATE TASK t WHEN SYSTEM$STREAM_HAS_DATA('S') AS BEGIN SELECT 1; END;¶ SELECT 3;")]
#[case::task_with_config("CREATE TASK t CONFIG = $${\"a\": \"b;c\"}$$ AS BEGIN SELECT 1; END;¶ SELECT 3;")]
#[case::task_modify("ALTER TASK t MODIFY AS BEGIN SELECT 1; SELECT 2; END;¶ SELECT 3;")]
#[case::task_resume("ALTER TASK t RESUME;¶ ALTER TASK t SUSPEND;")]
#[case::procedure(
    "CREATE OR REPLACE PROCEDURE p(a INT) RETURNS INT LANGUAGE SQL EXECUTE AS CALLER AS BEGIN RETURN a; END;¶ SELECT 3;"
)]
#[case::procedure_with_declare(
    "CREATE PROCEDURE p() RETURNS TABLE() LANGUAGE SQL AS DECLARE r RESULTSET; BEGIN RETURN TABLE(r); END;¶ CALL p();"
)]
#[case::procedure_in_string("CREATE PROCEDURE p() RETURNS INT LANGUAGE SQL AS 'BEGIN RETURN 1; END;';¶ CALL p();")]
#[case::secure_procedure("CREATE SECURE PROCEDURE p() RETURNS INT LANGUAGE SQL AS BEGIN RETURN 1; END;¶ CALL p();")]
#[case::with_procedure("WITH p AS PROCEDURE () RETURNS INT LANGUAGE SQL AS BEGIN RETURN 1; END CALL p();¶ SELECT 1;")]
#[case::function("CREATE FUNCTION f(a INT) RETURNS INT AS 'a; b';¶ SELECT 1;")]
#[case::alert(
    "CREATE ALERT a WAREHOUSE = w SCHEDULE = '1 MINUTE' IF (EXISTS (SELECT 1)) THEN BEGIN INSERT INTO t VALUES (1); SELECT 2; END;¶ SELECT 3;"
)]
#[case::alert_plain(
    "CREATE ALERT a IF (EXISTS (SELECT CASE WHEN x THEN 1 END)) THEN INSERT INTO t VALUES (1);¶ SELECT 3;"
)]
#[case::alert_modify("ALTER ALERT a MODIFY ACTION BEGIN SELECT 1; SELECT 2; END;¶ SELECT 3;")]
#[case::table_called_task("CREATE TABLE task AS SELECT 1 AS begin;¶ SELECT 2;")]
#[case::view_with_alias("CREATE VIEW v AS SELECT x AS task, y AS begin FROM t;¶ SELECT 2;")]
#[case::insert_all("INSERT ALL WHEN a THEN INTO t VALUES (1) ELSE INTO u VALUES (2) SELECT 1;¶ SELECT 2;")]
#[case::merge(
    "MERGE INTO a USING b ON a.x = b.x WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (1);¶ SELECT 2;"
)]
fn statements_end_where_they_should(#[case] marked: &str) {
    let text = marked.replace('¶', "");
    let got: Vec<String> = split(&text).expect("everything is closed").into_iter().map(|s| s.sql).collect();
    assert_eq!(got, expected(marked));
}

#[rstest]
#[case("SELECT 1;\nSELECT 'a", 2, "the string '")]
#[case("SELECT 1;\n\nSELECT $$a", 3, "the string $$")]
#[case("SELECT \"a", 1, "the identifier \"")]
#[case("SELECT 1;\n/* a", 2, "the comment /*")]
#[case("SELECT 1;\nBEGIN\n SELECT 1;\n", 2, "the block BEGIN")]
#[case("CREATE TASK t AS\nBEGIN\n IF (a) THEN SELECT 1; END;", 2, "the block BEGIN")]
#[case("DECLARE\n a INT;", 1, "the block after DECLARE")]
fn what_is_never_closed_is_named_with_its_line(#[case] text: &str, #[case] line: u32, #[case] what: &str) {
    let error = split(text).expect_err("something is open");
    assert_eq!((error.line, error.what), (line, what));
}

#[rstest]
#[case::line("-- What it is for.\nSELECT 1;", &["What it is for."])]
#[case::several_lines("-- What it\n-- is for.\nSELECT 1;", &["What it is for."])]
#[case::slashes("// What it is for.\nSELECT 1;", &["What it is for."])]
#[case::block("/* What it\n * is for. */\nSELECT 1;", &["What it is for."])]
#[case::blank_line_cuts("-- About the file.\n\n-- About this.\nSELECT 1;", &["About this."])]
#[case::blank_line_before_statement("-- About the file.\n\nSELECT 1;", &[""])]
#[case::empty_comment_line("-- One.\n--\n-- Two.\nSELECT 1;", &["One. Two."])]
#[case::trailing_comment_is_not_the_next_caption("SELECT 1; -- of the first\nSELECT 2;", &["", ""])]
#[case::trailing_and_own("SELECT 1; -- of the first\n-- Of the second.\nSELECT 2;", &["", "Of the second."])]
#[case::inner_comments_are_no_captions("-- Outer.\nSELECT 1 -- inner\n, 2;\n-- Next.\nSELECT 3;", &["Outer.", "Next."])]
#[case::semicolon_in_comment("-- First; and more.\nSELECT 1;\nSELECT 2;", &["First; and more.", ""])]
fn the_comment_above_is_the_caption(#[case] text: &str, #[case] captions: &[&str]) {
    let got: Vec<String> = split(text).expect("closed").into_iter().map(|s| s.caption).collect();
    assert_eq!(got, captions);
}

#[test]
fn lines_are_those_of_the_first_word() {
    let lines: Vec<u32> = split("\n-- a\nSELECT 1,\n '\n';\n\n\nSELECT 2; SELECT 3")
        .expect("closed")
        .into_iter()
        .map(|s| s.line)
        .collect();
    assert_eq!(lines, [3, 8, 8]);
}

#[test]
fn a_comment_after_the_last_word_is_left_out() {
    let sql: Vec<String> =
        split("SELECT 1 -- it's; \n;SELECT 2 /* $$; */").expect("closed").into_iter().map(|s| s.sql).collect();
    assert_eq!(sql, ["SELECT 1", "SELECT 2"]);
}

#[test]
fn nothing_but_comments_is_no_statement() {
    assert_eq!(split("-- a\n/* b; */ ; // c").expect("closed"), []);
}

#[test]
fn use_and_set_are_the_scene_of_what_follows() {
    assert!(["USE ROLE a", "use database b", "SET x = 1", "ALTER SESSION SET a = 1"].iter().all(|s| sets_context(s)));
    assert!(!["SELECT 1", "ALTER TASK t SUSPEND", "UPDATE t SET a = 1"].iter().any(|s| sets_context(s)));
}
