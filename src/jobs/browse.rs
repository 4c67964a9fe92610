//! Looks at objects: a level at a time, all below a prefix as a stream, the start of one.

use super::ports::ObjectStore;
use super::{Context, JobError};
use crate::domain::{ObjectInfo, ObjectPage};
use flate2::read::MultiGzDecoder;
use futures::{Stream, stream};
use std::collections::VecDeque;
use std::io::Read;
use std::sync::Arc;

/// What a level's names are parted by.
pub const DELIMITER: &str = "/";
/// How many bytes of an object a preview reads, unless asked otherwise.
pub const PREVIEW_BYTES: u64 = 64 << 10;

/// One page of a listing, grouped at `delimiter` where given. `after` is the last page's `next`.
///
/// # Errors
/// [`JobError::Cancelled`], [`JobError::Store`].
pub async fn page(
    ctx: &Context,
    store: &dyn ObjectStore,
    prefix: &str,
    delimiter: Option<&str>,
    after: Option<&str>,
) -> Result<ObjectPage, JobError> {
    tokio::select! {
        biased;
        () = ctx.cancel.cancelled() => Err(JobError::Cancelled),
        page = store.list(prefix, delimiter, after) => Ok(page?),
    }
}

/// One page of a level: what lies directly below `prefix`. `after` is the last page's `next`.
///
/// # Errors
/// [`JobError::Cancelled`], [`JobError::Store`].
pub async fn level(
    ctx: &Context,
    store: &dyn ObjectStore,
    prefix: &str,
    after: Option<&str>,
) -> Result<ObjectPage, JobError> {
    page(ctx, store, prefix, Some(DELIMITER), after).await
}

struct Walk {
    ready: VecDeque<ObjectInfo>,
    after: Option<String>,
    ended: bool,
}

/// All objects whose keys start with `prefix`, in order, a page in memory at a time. Ends after an error.
pub fn walk(
    ctx: &Context,
    store: Arc<dyn ObjectStore>,
    prefix: &str,
) -> impl Stream<Item = Result<ObjectInfo, JobError>> + Send + use<> {
    let (ctx, prefix) = (ctx.clone(), prefix.to_owned());
    let start = Walk { ready: VecDeque::new(), after: None, ended: false };
    stream::unfold((start, store, ctx, prefix), |(mut walk, store, ctx, prefix)| async move {
        while walk.ready.is_empty() && !walk.ended {
            match page(&ctx, store.as_ref(), &prefix, None, walk.after.as_deref()).await {
                Ok(page) => {
                    walk.ended = page.next.is_none();
                    walk.after = page.next;
                    walk.ready.extend(page.objects);
                }
                Err(e) => {
                    walk.ended = true;
                    return Some((Err(e), (walk, store, ctx, prefix)));
                }
            }
        }
        let object = walk.ready.pop_front()?;
        Some((Ok(object), (walk, store, ctx, prefix)))
    })
}

/// What an object's start holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// Text, by lines without their ends; what is not UTF-8 is replaced. Control characters are still in it: escape
    /// them before they reach a terminal.
    Text(Vec<String>),
    /// Something else, by its first bytes.
    Binary(Vec<u8>),
}

/// The start of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The object.
    pub info: ObjectInfo,
    /// What it holds.
    pub content: Content,
    /// It was compressed with gzip; the content is what was inside.
    pub gzip: bool,
    /// There is more than this.
    pub truncated: bool,
}

/// Reads an object's first `limit` bytes at most.
///
/// # Errors
/// [`JobError::Cancelled`], [`JobError::Store`], [`JobError::Failed`] where there is no such object.
pub async fn preview(ctx: &Context, store: &dyn ObjectStore, key: &str, limit: u64) -> Result<Preview, JobError> {
    let read = async {
        let Some(info) = store.head(key).await? else {
            return Err(JobError::Failed(format!("there is no object {key:?} any more: refresh the listing")));
        };
        let bytes = store.get(key, Some((0, limit.min(info.size)))).await?;
        Ok((info, bytes))
    };
    let (info, bytes) = tokio::select! {
        biased;
        () = ctx.cancel.cancelled() => return Err(JobError::Cancelled),
        read = read => read?,
    };
    let cut = info.size > bytes.len() as u64;
    let gzip = bytes.starts_with(&[0x1f, 0x8b]);
    let (bytes, truncated) = if gzip { inflate(&bytes, limit, cut) } else { (bytes.to_vec(), cut) };
    Ok(Preview { info, content: content(bytes, truncated), gzip, truncated })
}

/// As much of a gzip stream as its start gives, at most `limit` bytes: a small file may hold a lot.
fn inflate(bytes: &[u8], limit: u64, cut: bool) -> (Vec<u8>, bool) {
    let mut out = Vec::new();
    let mut decoder = MultiGzDecoder::new(bytes).take(limit + 1);
    // A stream that was cut off ends in an error: what came before it is what can be shown.
    let broken = decoder.read_to_end(&mut out).is_err();
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = out.len() > limit;
    out.truncate(limit);
    (out, more || cut || broken)
}

fn content(bytes: Vec<u8>, truncated: bool) -> Content {
    if is_binary(&bytes, truncated) {
        return Content::Binary(bytes);
    }
    let text = String::from_utf8_lossy(&bytes);
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    // The last line may be a piece of one: shown only where there is no other.
    if truncated && lines.len() > 1 && !text.ends_with('\n') {
        lines.pop();
    }
    Content::Text(lines)
}

/// A NUL byte, or more than a tenth of it no UTF-8.
fn is_binary(bytes: &[u8], truncated: bool) -> bool {
    if bytes.contains(&0) {
        return true;
    }
    let bad: usize = bytes.utf8_chunks().map(|chunk| chunk.invalid().len()).sum();
    // A character cut in two at the end is no fault of the object.
    let bad = if truncated { bad.saturating_sub(3) } else { bad };
    bad * 10 > bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn text_is_shown_by_whole_lines_and_binary_is_noticed() {
        assert_eq!(content(b"a\nb\nhal".to_vec(), true), Content::Text(vec!["a".into(), "b".into()]));
        assert_eq!(content(b"a\r\nb".to_vec(), false), Content::Text(vec!["a".into(), "b".into()]));
        assert_eq!(content("é".as_bytes()[..1].to_vec(), true), Content::Text(vec!["\u{fffd}".into()]));
        assert!(matches!(content(vec![1, 0, 2], false), Content::Binary(_)));
        assert!(matches!(content(vec![0xff; 40], false), Content::Binary(_)));
    }

    #[test]
    fn a_gzip_start_is_unpacked_as_far_as_it_goes() {
        let line = "{\"customer_id\":\"C1\"}\n";
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        for _ in 0..10_000 {
            encoder.write_all(line.as_bytes()).unwrap();
        }
        let packed = encoder.finish().unwrap();
        let (out, more) = inflate(&packed, 100, false);
        assert_eq!((out.len(), more), (100, true));
        let (out, more) = inflate(&packed[..packed.len() / 2], 1 << 20, true);
        assert!(more && out.starts_with(line.as_bytes()));
        let (out, more) = inflate(&packed, 1 << 20, false);
        assert_eq!((out.len(), more), (line.len() * 10_000, false));
    }
}
