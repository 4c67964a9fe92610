//! `snowdeck s3 put`, `get` and `cp`.

use super::args::How;
use super::place::{Place, is_remote};
use crate::cli::args::Global;
use crate::cli::failure::Failure;
use crate::cli::output;
use crate::domain::{Moved, printable};
use crate::jobs::transfer::Options;
use crate::jobs::{copy, download, upload};
use indicatif::HumanBytes;
use std::path::{Path, PathBuf};

impl How {
    /// A command that moves much goes on after a failure, and tells at its end what failed.
    fn options(&self) -> Options {
        Options {
            parallel: self.parallel,
            part_size: self.part_size,
            force: self.force,
            dry_run: self.dry_run,
            failures: if self.recursive { usize::MAX } else { 1 },
        }
    }
}

/// Writes what came of it.
pub fn told(global: &Global, did: &str, result: &Moved) -> Result<(), Failure> {
    if global.json {
        output::json(result)?;
    } else {
        output::line(&summary(did, result))?;
        for failed in &result.failed {
            output::line(&format!("✗ {}: {}", printable(&failed.key), printable(&failed.error)))?;
        }
    }
    if result.ok { Ok(()) } else { Err(Failure::told()) }
}

fn summary(did: &str, result: &Moved) -> String {
    let amount = |n: u64, bytes: u64| {
        let word = if n == 1 { "object" } else { "objects" };
        format!("{n} {word}, {}", HumanBytes(bytes))
    };
    let mut text = if result.dry_run {
        format!("would be {did}: {}", amount(result.moved.objects, result.moved.bytes))
    } else {
        format!("{did}: {}", amount(result.moved.objects, result.moved.bytes))
    };
    if result.resumed_bytes > 0 {
        text.push_str(&format!(" ({} of it by an earlier run)", HumanBytes(result.resumed_bytes)));
    }
    if !result.dry_run && result.moved.objects > 0 {
        text.push_str(&format!(" in {}.{:01} s", result.ms / 1000, result.ms % 1000 / 100));
        if let Some(rate) = result.rate().filter(|rate| *rate > 0) {
            text.push_str(&format!(", {}/s", HumanBytes(rate)));
        }
    }
    if result.unchanged.objects > 0 {
        text.push_str(&format!("; unchanged: {}", amount(result.unchanged.objects, result.unchanged.bytes)));
    }
    text
}

/// A file or a folder into S3.
pub async fn put(global: &Global, place: &Place<'_>, source: &Path, key: &str, how: &How) -> Result<(), Failure> {
    let (store, key) = place.find(key)?;
    let file = std::fs::metadata(source).map_err(|e| Failure::failed(format!("{}: {e}", source.display())))?;
    let transfers = if file.is_dir() {
        if !how.recursive {
            return Err(
                Failure::usage(format!("{} is a folder", source.display())).hint("send all below it: --recursive")
            );
        }
        let start = if key.is_empty() || key.ends_with('/') { key.clone() } else { format!("{key}/") };
        upload::tree(source, &start)?
    } else {
        let name = source.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let key = if key.is_empty() || key.ends_with('/') { format!("{key}{name}") } else { key.clone() };
        vec![upload::Transfer { path: source.to_owned(), key }]
    };
    let single = (transfers.len() == 1).then(|| transfers[0].key.clone());
    let result = upload::send(&place.context(), store.clone(), transfers, how.options()).await;
    place.quiet();
    let result =
        result.map_err(|e| Failure::from(e).or_hint("what was stored stays: run it again to send the rest"))?;
    if let (Some(key), false) = (single, global.json) {
        output::line(&format!("s3://{}/{}", store.bucket(), printable(&key)))?;
    }
    told(global, "sent", &result)
}

/// An object or all below a prefix into files.
pub async fn get(
    global: &Global,
    place: &Place<'_>,
    key: &str,
    target: Option<&Path>,
    how: &How,
) -> Result<(), Failure> {
    let (store, key) = place.find(key)?;
    let ctx = place.context();
    let result = if how.recursive {
        download::fetch(&ctx, store, &key, target.unwrap_or(Path::new(".")), how.options()).await
    } else {
        if key.is_empty() || key.ends_with('/') {
            return Err(
                Failure::usage(format!("{key:?} is a folder, not an object")).hint("fetch all below it: --recursive")
            );
        }
        let file = file_for(&key, target)?;
        download::fetch_one(&ctx, store, &key, &file, how.options()).await
    };
    place.quiet();
    told(global, "fetched", &result.map_err(|e| Failure::from(e).or_hint("run it again to fetch the rest"))?)
}

/// The file that one object goes into: the target, or in the target folder the key's last name.
fn file_for(key: &str, target: Option<&Path>) -> Result<PathBuf, Failure> {
    let name = key.rsplit('/').next().unwrap_or(key);
    let folder = match target {
        Some(path) if !path.is_dir() && !path.as_os_str().as_encoded_bytes().ends_with(b"/") => {
            return Ok(path.to_owned());
        }
        Some(path) => path,
        None => Path::new("."),
    };
    if matches!(name, "" | "." | "..") || name.contains('\0') {
        return Err(Failure::usage(format!("{} cannot be a file's name: give one", printable(key))));
    }
    Ok(folder.join(name))
}

/// Between files and S3, or within S3.
pub async fn cp(global: &Global, place: &Place<'_>, from: &str, to: &str, how: &How) -> Result<(), Failure> {
    match (is_remote(from), is_remote(to)) {
        (false, true) => put(global, place, Path::new(from), to, how).await,
        (true, false) => get(global, place, from, Some(Path::new(to)), how).await,
        (false, false) => Err(Failure::usage("one of the two must be in S3: s3://BUCKET/KEY")),
        (true, true) => {
            let ((source, key), (store, to_key)) = (place.find(from)?, place.find(to)?);
            let ctx = place.context();
            let result = if how.recursive {
                copy::copy(&ctx, source, &key, store, &to_key, how.options()).await
            } else {
                let name = key.rsplit('/').next().unwrap_or_default();
                let to_key =
                    if to_key.is_empty() || to_key.ends_with('/') { format!("{to_key}{name}") } else { to_key };
                copy::copy_one(&ctx, source, &key, store, &to_key, how.options()).await
            };
            place.quiet();
            told(global, "copied", &result?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Amount;

    #[test]
    fn one_object_goes_where_people_expect() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(file_for("a/b.csv", None).unwrap(), Path::new("./b.csv"));
        assert_eq!(file_for("a/b.csv", Some(dir.path())).unwrap(), dir.path().join("b.csv"));
        assert_eq!(file_for("a/b.csv", Some(Path::new("c.csv"))).unwrap(), Path::new("c.csv"));
        assert!(file_for("a/..", None).is_err());
        assert!(file_for("a/..", Some(Path::new("odd"))).is_ok());
    }

    #[test]
    fn the_summary_says_what_an_earlier_run_did() {
        let moved = Amount { objects: 1, bytes: 4 << 20 };
        let result = Moved { ok: true, moved, resumed_bytes: 2 << 20, ms: 2000, ..Moved::default() };
        assert_eq!(
            summary("sent", &result),
            "sent: 1 object, 4.00 MiB (2.00 MiB of it by an earlier run) in 2.0 s, 1.00 MiB/s"
        );
        let dry = Moved { dry_run: true, ..result };
        assert!(summary("sent", &dry).starts_with("would be sent: 1 object"));
    }
}
