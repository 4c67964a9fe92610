//! Which source folder may import which.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each folder with those that it may import, itself aside.
const MAY_IMPORT: [(&str, &[&str]); 9] = [
    ("domain", &[]),
    ("jobs", &["domain"]),
    ("clients", &["domain", "jobs"]),
    ("local", &["domain", "jobs"]),
    ("config", &["domain", "jobs", "clients", "local"]),
    ("app", &["domain", "jobs"]),
    ("ui", &["app", "domain"]),
    ("runtime", &["domain", "jobs", "clients", "local", "config", "app", "ui"]),
    ("cli", &["domain", "jobs", "clients", "local", "config", "runtime"]),
];

/// Words that a folder's own code must not hold: what would make it impure.
const MUST_NOT_MENTION: [(&str, &[&str]); 2] = [
    ("domain", &["tokio::", "std::fs", "std::net", "std::env", "std::time"]),
    ("app", &["tokio::", "crossterm::", "ratatui::", "std::fs", "std::net", "std::env", "Instant::now", "SystemTime"]),
];

#[test]
fn folders_import_only_what_they_may() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = rust_files(&root);
    assert!(files.len() > 30, "only {} files found below {}", files.len(), root.display());
    let faults: Vec<String> = files
        .iter()
        .flat_map(|path| {
            let relative = path.strip_prefix(&root).expect("below src");
            faults_in(relative, &fs::read_to_string(path).expect("readable"))
        })
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_folder_has_a_rule() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for entry in fs::read_dir(&root).expect("src") {
        let entry = entry.expect("entry");
        if entry.file_type().expect("type").is_dir() {
            let name = entry.file_name().into_string().expect("UTF-8");
            assert!(MAY_IMPORT.iter().any(|(folder, _)| *folder == name), "src/{name} has no rule here");
        }
    }
}

/// The check itself finds what it should, in each form in which a path can be written.
#[test]
fn bad_samples_are_found() {
    for (path, code) in [
        ("domain/x.rs", "use crate::jobs::Context;"),
        ("jobs/x.rs", "fn f() { crate::clients::open(); }"),
        ("jobs/x.rs", "use crate::{domain::Plan, config::Paths};"),
        ("jobs/x.rs", "use crate::{\n    domain::{Plan, Step},\n    config::Paths,\n};"),
        ("jobs/mod.rs", "use super::clients;"),
        ("local/s3/mod.rs", "pub use super::super::clients::Observer;"),
        ("ui/panes/x.rs", "pub(in crate::runtime) fn f() {}"),
        ("app/update.rs", "use crate::runtime;"),
        ("app/x.rs", "let now = std::time::Instant::now();"),
        ("domain/x.rs", "use std::fs;"),
    ] {
        assert!(!faults_in(Path::new(path), code).is_empty(), "not found in {path}: {code}");
    }
    for (path, code) in [
        ("jobs/x.rs", "use crate::domain::Plan; use super::Context;"),
        ("jobs/x.rs", "// see crate::clients\n/// [`crate::config`]"),
        ("clients/snowflake/session.rs", "use super::super::Observer;"),
        ("jobs/mod.rs", "mod tests { use super::Clock; }"),
        ("config/x.rs", "use crate::{clients::snowflake, local};"),
        ("jobs/x.rs", "struct LocalConfig; let config = mycrate::config::X;"),
    ] {
        assert_eq!(faults_in(Path::new(path), code), Vec::<String>::new(), "{path}: {code}");
    }
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("folder") {
        let path = entry.expect("entry").path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found
}

/// What is wrong in one file; `path` is relative to `src`.
fn faults_in(path: &Path, text: &str) -> Vec<String> {
    let mut module: Vec<&str> = path.iter().filter_map(|part| part.to_str()).collect();
    if module.len() < 2 {
        return Vec::new(); // lib.rs, main.rs: the map and the door
    }
    match module.pop() {
        Some("mod.rs") | None => {}
        Some(file) => module.push(file.trim_end_matches(".rs")),
    }
    let own = module[0];
    let Some((_, allowed)) = MAY_IMPORT.iter().find(|(folder, _)| *folder == own) else {
        return vec![format!("src/{}: no rule for its folder", path.display())];
    };
    let code: String =
        text.lines().filter(|line| !line.trim_start().starts_with("//")).flat_map(|line| [line, "\n"]).collect();
    let mut faults: Vec<String> = folders_named(&code, module.len())
        .into_iter()
        .filter(|folder| folder != own && !allowed.contains(&folder.as_str()))
        .map(|folder| format!("src/{}: {own} must not import {folder}", path.display()))
        .collect();
    for (folder, words) in MUST_NOT_MENTION {
        let found = words.iter().filter(|word| folder == own && code.contains(**word));
        faults.extend(found.map(|word| format!("src/{}: {own} must not use {word}", path.display())));
    }
    faults
}

/// The top folders that paths in `code` lead to, for a module that lies `depth` levels below the crate's root.
fn folders_named(code: &str, depth: usize) -> BTreeSet<String> {
    let root_by_super = "super::".repeat(depth);
    let mut found = BTreeSet::new();
    for start in ["crate::", root_by_super.as_str()] {
        for (at, _) in code.match_indices(start) {
            let before = code[..at].chars().next_back();
            if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':') {
                continue;
            }
            found.extend(first_segments(&code[at + start.len()..]));
        }
    }
    found.retain(|name| MAY_IMPORT.iter().any(|(folder, _)| folder == name));
    found
}

/// The first segment of a path, or of each member of a group `{a::b, c}`.
fn first_segments(path: &str) -> Vec<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let Some(group) = path.strip_prefix('{') else { return vec![word(path)] };
    let mut segments = Vec::new();
    let mut depth = 0;
    let mut expecting = true;
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => expecting = true,
            c if expecting && !c.is_whitespace() => {
                segments.push(word(&group[at..]));
                expecting = false;
            }
            _ => {}
        }
    }
    segments
}
