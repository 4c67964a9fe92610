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
// What users of schemachange reported: its statements were cut at every semicolon.
#[case::schemachange_semicolon_on_its_own_line(
    "create or replace task T warehouse=W schedule='120 MINUTE' COMMENT='Temporary; to be replaced'\nas BEGIN\n  ALTER PIPE A refresh;\n  ALTER PIPE B refresh;\nEND\n;¶\nSELECT 1;"
)]
#[case::schemachange_transaction_in_task(
    "CREATE OR REPLACE TASK t WAREHOUSE = w SCHEDULE = '5 minutes'\nAS\n  BEGIN\n    START TRANSACTION;\n    SELECT * FROM a;\n    COMMIT;\n  END;¶\nALTER TASK t RESUME;"
)]
#[case::schemachange_merge_in_task(
    "create\nor replace task T warehouse = W schedule = 'USING CRON 0 0 * * * UTC' as BEGIN MERGE INTO a USING (SELECT x FROM b) v ON a.i = v.i\nWHEN NOT MATCHED THEN INSERT ALL BY NAME;\nEND;¶\nSELECT 1;"
)]
#[case::schemachange_call_in_task_with_condition(
    "CREATE OR REPLACE TASK M.ROOT WAREHOUSE = W WHEN SYSTEM$STREAM_HAS_DATA('M.S')\nAS\nBEGIN\n  call M.INIT('Y');\nEND;¶\nALTER TASK M.ROOT RESUME;"
)]
#[case::schemachange_immediate_in_task(
    "CREATE OR REPLACE TASK M.ROOT WAREHOUSE = W\nAS\nEXECUTE IMMEDIATE\n$$\nBEGIN\n  call M.INIT('Y');\nEND;\n$$\n;¶\nSELECT 1;"
)]
#[case::schemachange_procedure_with_truncate(
    "CREATE OR REPLACE PROCEDURE f()\nRETURNS VARCHAR LANGUAGE SQL\nAS\nBEGIN\n  TRUNCATE TABLE t1; -- one; two\n  INSERT INTO t1 SELECT 1; // three; four\n  RETURN 'OK';\nEND;¶\nCALL f();"
)]
// What users of Flyway reported.
#[case::flyway_javascript_then_task(
    "CREATE OR REPLACE\nPROCEDURE C.P() \nRETURNS string \nLANGUAGE javascript \nAS \n$$ \ntry {\n  snowflake.createStatement({sqlText:\"truncate table C.T\"}).execute();\n  return \"ok\";\n} catch (err) {\n  return 'ERROR : ' + err.message;\n}\n$$;¶\nCREATE OR REPLACE task C.START WAREHOUSE = W AS CALL C.P();"
)]
#[case::flyway_several_dollar_strings("INSERT INTO t VALUES ($$a;$$, $$b;$$), ($$$$, $$c$$);¶ SELECT $$;$$;")]
#[case::flyway_exception_block_then_if(
    "CREATE OR REPLACE TASK s.t WAREHOUSE = 'W' SCHEDULE = '5 MINUTE'\nAS\nBEGIN\n  LET flag BOOLEAN := FALSE;\n  BEGIN\n    SELECT TRUE INTO :flag FROM c WHERE x;\n  EXCEPTION\n    WHEN OTHER THEN\n      flag := FALSE;\n  END;\n  IF (flag) THEN\n    IF (NOT flag) THEN\n      CALL p();\n    END IF;\n  END IF;\nEND;¶\nALTER TASK s.t RESUME;"
)]
#[case::flyway_nested_if(
    "DECLARE\n  one BOOLEAN;\n  two BOOLEAN;\nBEGIN\n  SELECT sysdate() > '1900-01-01' INTO one;\n  IF (one) THEN\n    SELECT sysdate() < '1900-01-01' INTO two;\n    IF (two) THEN\n      SELECT 'a' as truth;\n    ELSE\n      SELECT '...or b' as truth;\n    END IF;\n    SELECT 'done';\n  END IF;\nEND;¶\nSELECT 'next';"
)]
#[case::flyway_block_in_a_string(
    "DECLARE\n  sql STRING;\nBEGIN\n  SELECT CONCAT('BEGIN\\n', LISTAGG('SELECT ''Hello'';\\n'), 'END;') INTO :sql FROM d LIMIT 3;\n  EXECUTE IMMEDIATE :sql;\nEND;¶\nSELECT 1;"
)]
#[case::flyway_column_that_begins_with_a_keyword(
    "CREATE OR REPLACE TASK T WAREHOUSE = W\n\nAS\nDECLARE\n  MAX_DATE TIMESTAMP_LTZ;\nBEGIN\n  SELECT MAX(END_TIME), MIN(BEGIN_TIME), CASE_ID, IF_ANY INTO MAX_DATE FROM t; \nEND;¶\n\n\nALTER TASK T RESUME;"
)]
#[case::flyway_semicolon_below_the_body(
    "CREATE OR REPLACE PROCEDURE M.P () RETURNS VARIANT LANGUAGE JAVASCRIPT\nAS $$ \nvar r = [];\nwhile (rs.next()) { r.push(1); }\nreturn r;\n$$\n;¶\nSELECT 1;"
)]
#[case::flyway_many_plain_drops(
    "USE ROLE A;¶\nUSE SCHEMA S;¶\n\nDROP PIPE IF EXISTS F.S.P;¶\nDROP  STAGE IF EXISTS  F_SRC;¶\nBEGIN TRANSACTION;¶\nCOMMIT;"
)]
// What users of dbt-snowflake and of the connector's own splitter reported.
#[case::dbt_semicolon_in_comment("select -- this is; only a test\n    1 as qux;¶ select 2;")]
#[case::dbt_procedure_without_dollars(
    "\n\nCREATE OR REPLACE PROCEDURE m()\n  RETURNS NUMBER\n  LANGUAGE SQL\n  AS\n  DECLARE\n    v NUMBER;\n  BEGIN\n    v := (select 1);\n    RETURN :v;\n  END\n;¶\nselect 1;"
)]
#[case::dbt_hook_transaction("begin;¶ delete from t where d = '2024;01';¶ insert into t select 1;¶ commit;")]
#[case::connector_script_in_one_string(
    "begin\n create table t;\n insert into t values ('/* ; */');\nend;¶ drop table t;"
)]
// Names that look like keywords, inside blocks.
#[case::end_as_alias("BEGIN SELECT stop AS end FROM t; SELECT 2; END;¶ SELECT 3;")]
#[case::end_in_a_list("BEGIN SELECT start, end FROM t WHERE end > 3 ORDER BY end; SELECT 2; END;¶ SELECT 3;")]
#[case::end_in_brackets("BEGIN SELECT MAX(end), t.begin FROM t; SELECT 2; END;¶ SELECT 3;")]
#[case::end_of_a_path("BEGIN SELECT v:end::INT, v:\"begin\" FROM t; SELECT 2; END;¶ SELECT 3;")]
#[case::begin_as_column("BEGIN SELECT begin, x FROM t; SELECT 2; END;¶ SELECT 3;")]
#[case::quoted_keywords("BEGIN SELECT \"END\", \"BEGIN\", \"CASE\" FROM t; SELECT 2; END;¶ SELECT 3;")]
#[case::case_in_call("BEGIN CALL p(CASE WHEN a THEN 1 END, CASE b WHEN 1 THEN 'x;' END); SELECT 2; END;¶ SELECT 3;")]
#[case::procedure_in_a_declaration(
    "DECLARE\n p PROCEDURE (x INT) RETURNS INT AS BEGIN RETURN x; END;\nBEGIN\n CALL p(1);\nEND;¶ SELECT 3;"
)]
#[case::cursor_for_in_block(
    "BEGIN LET c CURSOR FOR SELECT a FROM t; FOR r IN c DO LET x := r.a; END FOR; CLOSE c; END;¶ SELECT 3;"
)]
#[case::or_alter_task("CREATE OR ALTER TASK t WAREHOUSE = w AS BEGIN SELECT 1; SELECT 2; END;¶ SELECT 3;")]
#[case::task_if_not_exists("CREATE TASK IF NOT EXISTS t WAREHOUSE = w AS BEGIN SELECT 1; END;¶ EXECUTE TASK t;")]
#[case::python_function(
    "CREATE FUNCTION f() RETURNS INT LANGUAGE PYTHON RUNTIME_VERSION = '3.11' HANDLER = 'f' AS $$\ndef f():\n  # it's; a comment\n  return \"a;b\"\n$$;¶ SELECT f();"
)]
#[case::function_body_in_quotes(
    "CREATE FUNCTION f() RETURNS VARCHAR LANGUAGE JAVASCRIPT AS 'return \\'a;b\\' + ''c;'';';¶ SELECT 1;"
)]
#[case::immediate_from_a_file("EXECUTE IMMEDIATE FROM @s/a.sql USING (x => 'a;b');¶ SELECT 1;")]
#[case::unload_to_a_folder("COPY INTO @s/a/ FROM t FILE_FORMAT = (FIELD_DELIMITER = ';');¶ GET @s/a/ file:///tmp/x/;")]
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

// Where users of schemachange, Flyway, dbt-snowflake and the connector's own splitter met trouble.
#[rstest]
#[case::schemachange_comment_at_end("SELECT 1;\nSELECT 2;\n-- the end; nothing follows", &["SELECT 1", "SELECT 2"])]
#[case::flyway_slash_comments("SELECT 1; // it's the first\n// it's the second; really\nSELECT 2;", &["SELECT 1", "SELECT 2"])]
#[case::flyway_comment_before_the_first("/* a; b */ -- c;\nSELECT 1;", &["SELECT 1"])]
#[case::dbt_comments_at_line_ends(
    "select 1; -- comment\nselect 2; -- comment\nselect 3; -- comment\n",
    &["select 1", "select 2", "select 3"]
)]
#[case::connector_apostrophe_in_slash_comment(
    "// issue's here?\nselect 1;\nselect 'it''s'; // another's\nselect 3;",
    &["select 1", "select 'it''s'", "select 3"]
)]
fn comments_between_statements_belong_to_none(#[case] text: &str, #[case] expected: &[&str]) {
    let got: Vec<String> = split(text).expect("everything is closed").into_iter().map(|s| s.sql).collect();
    assert_eq!(got, expected);
}

#[test]
fn a_comment_after_the_last_word_is_left_out() {
    let sql: Vec<String> =
        split("SELECT 1 -- it's; \n;SELECT 2 /* $$; */").expect("closed").into_iter().map(|s| s.sql).collect();
    assert_eq!(sql, ["SELECT 1", "SELECT 2"]);
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_first_word() {
    let found = split("\u{feff}-- What it is for.\nSELECT 1;").expect("closed");
    assert_eq!((found[0].sql.as_str(), found[0].caption.as_str(), found[0].line), ("SELECT 1", "What it is for.", 2));
    assert_eq!(split("\u{feff}SELECT 1").expect("closed")[0].sql, "SELECT 1");
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
