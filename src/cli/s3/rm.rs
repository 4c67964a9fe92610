//! `snowdeck s3 rm`.

use super::moving::told;
use super::place::Place;
use crate::cli::args::Global;
use crate::cli::failure::Failure;
use crate::domain::{Amount, Moved, printable};
use crate::jobs::remove;
use crate::jobs::transfer::Options;
use indicatif::HumanBytes;
use std::io::{IsTerminal, Write};
use std::sync::Arc;

/// What to delete.
pub struct What<'a> {
    pub key: &'a str,
    pub recursive: bool,
    pub uploads: bool,
    pub dry_run: bool,
    pub yes: bool,
}

pub async fn rm(global: &Global, place: &Place<'_>, what: &What<'_>) -> Result<(), Failure> {
    let (store, key) = place.find(what.key)?;
    let ctx = place.context();
    let options = Options { dry_run: what.dry_run, failures: usize::MAX, ..Options::default() };
    if what.uploads {
        if !what.dry_run && !what.yes {
            let open = store.open_uploads(&key).await?.len();
            place.quiet();
            let question =
                format!("Give up {open} interrupted uploads below s3://{}/{}?", store.bucket(), printable(&key));
            confirm(&question, "yes")?;
        }
        let result = remove::abandon(&ctx, store, &key, options).await;
        place.quiet();
        return told(global, "given up", &result?);
    }
    if what.recursive {
        if !what.dry_run && !what.yes {
            let amount = remove::measure(&ctx, Arc::clone(&store), &key).await?;
            place.quiet();
            ask(store.bucket(), &key, amount)?;
        }
        let result = remove::remove(&ctx, store, &key, options).await;
        place.quiet();
        return told(global, "deleted", &result?);
    }
    if key.is_empty() || key.ends_with('/') && store.head(&key).await?.is_none() {
        return Err(
            Failure::usage(format!("{key:?} is a folder, not an object")).hint("delete all below it: --recursive")
        );
    }
    let Some(object) = store.head(&key).await? else {
        return Err(Failure::failed(format!("there is no object {} in {}", printable(&key), store.bucket()))
            .hint("list what is there with: snowdeck s3 ls"));
    };
    if !what.dry_run {
        store.delete(std::slice::from_ref(&key)).await?;
    }
    place.quiet();
    let moved = Amount { objects: 1, bytes: object.size };
    told(global, "deleted", &Moved { ok: true, dry_run: what.dry_run, moved, ..Moved::default() })
}

/// Asks for the prefix to be typed: the whole bucket's name where there is none.
fn ask(bucket: &str, prefix: &str, amount: Amount) -> Result<(), Failure> {
    let name = if prefix.is_empty() { bucket } else { prefix };
    let question = format!(
        "Delete {} objects ({}) below s3://{bucket}/{}? There is no undo.",
        amount.objects,
        HumanBytes(amount.bytes),
        printable(prefix)
    );
    confirm(&question, name)
}

/// Asks on the terminal; the answer must be typed in full.
fn confirm(question: &str, answer: &str) -> Result<(), Failure> {
    if !std::io::stdin().is_terminal() {
        return Err(Failure::usage(format!("{question} Nobody is here to ask: confirm with --yes")));
    }
    let mut terminal = std::io::stderr().lock();
    write!(terminal, "{question} Type {}: ", printable(answer))?;
    terminal.flush()?;
    let mut typed = String::new();
    std::io::stdin().read_line(&mut typed)?;
    if typed.trim_end_matches(['\n', '\r']) == answer { Ok(()) } else { Err(Failure::failed("nothing was deleted")) }
}
