//! `snowdeck init`: a pipeline to start one's own from.

use super::args::{Global, Init};
use super::failure::Failure;
use super::output;
use crate::domain::printable;
use crate::jobs::init;
use serde_json::json;

pub fn run(global: &Global, args: &Init) -> Result<(), Failure> {
    let files = init::write(&args.folder)?;
    if global.json {
        return output::json(&json!({ "ok": true, "folder": args.folder, "files": files }));
    }
    let folder = args.folder.display().to_string();
    let shown = printable(&folder);
    output::line(&format!(
        "{} files in {shown}\n\n  snowdeck run --pipeline {shown}    does the whole of it in the embedded cloud\n  {shown}/README.md explains",
        files.len()
    ))
}
