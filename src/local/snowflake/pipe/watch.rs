//! Which files belong to a pipe.

use super::super::access;
use super::super::catalog::{Body, Catalog, Object};
use super::super::error::{SfError, SfResult};
use super::super::resolve::Scope;
use super::super::stmt::stage::copy::Copy;
use super::super::stmt::stage::location::{self, Location};

/// Where a pipe's files are.
#[derive(Debug, Clone)]
pub struct Watch {
    /// The stage and path of its COPY.
    pub location: Location,
    /// PATTERN, which is matched with what is behind the stage's own path (a bulk COPY matches the whole path).
    pub pattern: Option<regex::Regex>,
    /// It takes what appears there by itself.
    pub auto: bool,
}

impl Watch {
    /// Resolves a pipe's COPY with its owner's rights.
    ///
    /// # Errors
    /// 002003, 003001 where the stage is gone or may not be used.
    pub fn of(catalog: &Catalog, pipe: &Object) -> SfResult<Self> {
        let Body::Pipe(p) = &pipe.body else { return Err(SfError::internal("not a pipe")) };
        let copy = Copy::for_pipe(&p.definition)?;
        let roles = access::closure(catalog, [pipe.owner.clone()]);
        let scope = Scope {
            catalog,
            roles: &roles,
            database: pipe.name.first().map(String::as_str),
            schema: pipe.name.get(1).map(String::as_str),
            temp: None,
            verb: "COPY",
        };
        let location = Location::find(&scope, "SYSTEM", copy.place(), false)?;
        let pattern = copy.pattern().map(location::pattern).transpose()?;
        Ok(Self { location, pattern, auto: p.auto_ingest })
    }

    /// A key without the stage's own path.
    #[must_use]
    pub fn relative(&self, key: &str) -> String {
        let shown = self.location.file(key, "", 0, 0).shown;
        shown.strip_prefix(&self.location.url).unwrap_or(&shown).trim_start_matches('/').to_owned()
    }

    /// Whether an object is one of the pipe's files. Folder markers are none.
    #[must_use]
    pub fn takes(&self, bucket: &str, key: &str, size: u64) -> bool {
        bucket == self.location.bucket
            && key.starts_with(&self.location.prefix)
            && !(size == 0 && key.ends_with('/'))
            && self.pattern.as_ref().is_none_or(|p| p.is_match(&self.relative(key)))
    }

    /// Whether both look at the same place.
    #[must_use]
    pub fn same_place(&self, other: &Self) -> bool {
        (&self.location.bucket, &self.location.prefix, self.auto)
            == (&other.location.bucket, &other.location.prefix, other.auto)
    }
}
