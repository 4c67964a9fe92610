//! Files of transactions, opened as their names say.

use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

/// How a file's content is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Content {
    /// One JSON object a line.
    Lines,
    /// One basket line a line, with a header.
    Table,
}

/// What a name says of its file's content; nothing where it is in no form that is read here.
#[must_use]
pub fn content(path: &Path) -> Option<Content> {
    let name = path.file_name()?.to_str()?;
    let name = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(name);
    match name.rsplit_once('.')?.1 {
        "json" => Some(Content::Lines),
        "csv" => Some(Content::Table),
        _ => None,
    }
}

/// A file's text, decompressed where its name says that it is compressed.
///
/// # Errors
/// The disk's.
pub fn text(path: &Path) -> io::Result<Box<dyn BufRead>> {
    let file = File::open(path)?;
    Ok(match path.extension().and_then(|e| e.to_str()) {
        Some("gz") => Box::new(BufReader::new(flate2::read::MultiGzDecoder::new(file))),
        Some("zst") => Box::new(BufReader::new(zstd::Decoder::new(file)?)),
        _ => Box::new(BufReader::new(file)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_form() {
        let of = |name: &str| content(Path::new(name));
        assert_eq!(
            (of("t.json"), of("d=1/t-1-of-2.json.gz"), of("t.csv.zst")),
            (Some(Content::Lines), Some(Content::Lines), Some(Content::Table))
        );
        assert_eq!((of("t.parquet"), of("t.gz"), of("json")), (None, None, None));
    }
}
