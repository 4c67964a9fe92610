//! What manifests are refused for, and where.

use super::*;

const GOOD: &str = r#"
name = "P"
database = "D"
warehouse = "W"
role = "R"

[[stage]]
id = "one"
title = "One"
files = ["a.sql"]

[tasks]
schema = "S"
root = "T"
"#;

fn error(text: &str) -> String {
    Manifest::parse(text, |f| f == "a.sql").unwrap_err().to_string()
}

#[test]
fn errors_name_file_and_line() {
    assert!(Manifest::parse(GOOD, |_| true).is_ok());
    assert!(
        error(&GOOD.replace("\"a.sql\"", "\"a.sql\",\n \"b.sql\""))
            .starts_with("pipeline.toml:11: there is no file `b.sql`")
    );
    assert!(error(&GOOD.replace("title", "titel")).starts_with("pipeline.toml:9: unknown field `titel`"));
    assert!(error(&GOOD.replace("root = \"T\"", "root = 5")).starts_with("pipeline.toml:14: "));
    assert!(error(&GOOD.replace("schema", "schema = ")).starts_with("pipeline.toml:13: "));
    let twice = GOOD.replace("[tasks]", "[[stage]]\nid = \"one\"\ntitle = \"Two\"\nfiles = [\"a.sql\"]\n[tasks]");
    assert!(error(&twice).starts_with("pipeline.toml:13: two stages are called `one`"));
    let layer = format!("{GOOD}\n[[layer]]\nname = \"a\"\nexpects = \"b\"\n");
    assert!(error(&layer).starts_with("pipeline.toml:17: layer `a` needs either"));
}

#[test]
fn names_and_measures_are_checked_too() {
    let source = "\n[[source]]\nname = \"a\"\nprefix = \"a/\"\ntable = \"S.A\"\n";
    let good = format!("{GOOD}{source}\n[[layer]]\nname = \"l\"\nexpects = \"a_rows\"\ntable = \"S.A\"\n");
    assert!(Manifest::parse(&good, |_| true).is_ok_and(|m| m.has_own_files()));
    let refused = |from: &str, to: &str| error(&good.replacen(from, to, 1));
    assert!(
        refused("\"a_rows\"", "\"b_rows\"").starts_with("pipeline.toml:23: layer `l` expects `b_rows`, which is not")
    );
    assert!(refused("table = \"S.A\"", "table = \"A\"").starts_with("pipeline.toml:19: `A` must be SCHEMA.TABLE"));
    assert!(
        refused("database", "journal = \"D.S.T\"\ndatabase").starts_with("pipeline.toml:3: `D.S.T` must be SCHEMA")
    );
    assert!(refused("\"a/\"", "\"a\"").starts_with("pipeline.toml:18: the prefix of source `a` must end in a slash"));
    let twice = source.replace("name = \"a\"", "name = \"b\"");
    assert!(error(&format!("{good}{twice}")).starts_with("pipeline.toml:28: two sources have the prefix `a/`"));
    assert!(error(&format!("{good}{source}")).starts_with("pipeline.toml:27: two sources are called `a`"));
    assert!(refused("[tasks]", "[other]").contains("unknown field `other`"));
    let missing = GOOD.replace("[tasks]\nschema = \"S\"\nroot = \"T\"\n", "");
    assert!(
        error(&missing).ends_with("missing field `tasks`: `snowdeck init DIR` writes a manifest that has them all")
    );
}
