//! What every SHOW shares: LIKE, IN, STARTS WITH, LIMIT, and the cells of its rows.

use crate::local::snowflake::answer::{Answer, Field, kind};
use crate::local::snowflake::catalog::{Kind, Object, ObjectName};
use crate::local::snowflake::error::{SfError, SfResult};
use crate::local::snowflake::session::Cx;
use crate::local::snowflake::sql::Cursor;
use crate::local::snowflake::stmt::{Class, Statement};
use crate::local::snowflake::types::Ty;
use std::sync::Arc;

/// A row: cells as text in the wire's JSON form.
pub type Row = Vec<Option<String>>;
/// Columns and rows.
pub type Rows = (Vec<Field>, Vec<Row>);

/// What comes behind IN.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Place {
    /// Nothing: the current schema, else the current database, else the account.
    #[default]
    Current,
    /// IN ACCOUNT.
    Account,
    /// IN DATABASE [d].
    Database(Option<ObjectName>),
    /// IN SCHEMA [s], or IN s.
    Schema(Option<ObjectName>),
    /// IN TABLE t, IN VIEW v (for columns and keys).
    Relation(ObjectName),
}

/// The clauses behind a SHOW's kind.
#[derive(Debug, Clone, Default)]
pub struct ShowScope {
    /// TERSE stood before the kind.
    pub terse: bool,
    /// HISTORY: dropped objects too.
    pub history: bool,
    /// LIKE, case-insensitive.
    pub like: Option<String>,
    /// IN.
    pub place: Place,
    /// STARTS WITH, case-sensitive.
    pub starts_with: Option<String>,
    /// LIMIT.
    pub limit: Option<usize>,
    /// LIMIT … FROM.
    pub from: Option<String>,
}

impl ShowScope {
    /// Reads the clauses; the caller has taken SHOW, TERSE and the kind.
    ///
    /// # Errors
    /// 001003.
    pub fn parse(c: &mut Cursor<'_>, terse: bool) -> SfResult<Self> {
        let mut out = Self { terse, ..Self::default() };
        loop {
            if c.accept("HISTORY") {
                out.history = true;
            } else if c.accept("LIKE") {
                out.like = Some(c.string()?);
            } else if c.accept("IN") || c.accept("FROM") {
                out.place = place(c)?;
            } else if c.accept("STARTS WITH") {
                out.starts_with = Some(c.string()?);
            } else if c.accept("LIMIT") {
                out.limit = usize::try_from(c.integer()?).ok();
                if c.accept("FROM") {
                    out.from = Some(c.string()?);
                }
            } else {
                return Ok(out);
            }
        }
    }

    /// The full name's beginning that objects must have: nothing for the account, a database, a database and a schema.
    ///
    /// # Errors
    /// 002043 where the container is missing or invisible; 090105 where there is no current database.
    pub fn prefix(&self, cx: &Cx<'_>) -> SfResult<Vec<String>> {
        let container = |kind, name: &ObjectName| -> SfResult<Vec<String>> {
            let full = cx.full_name(kind, name)?;
            let database = ObjectName(full[..1].to_vec());
            let system =
                full.get(1).is_some_and(|s| s == "INFORMATION_SCHEMA") && cx.find(Kind::Database, &database).is_ok();
            if !system && cx.find(kind, name).is_err() {
                return Err(SfError::no_operation());
            }
            Ok(full)
        };
        let current = |kind| -> SfResult<Vec<String>> {
            let database = cx.s.database.clone().ok_or_else(SfError::no_operation)?;
            match (kind, &cx.s.schema) {
                (Kind::Schema, Some(s)) => Ok(vec![database, s.clone()]),
                (Kind::Schema, None) => Err(SfError::no_operation()),
                _ => Ok(vec![database]),
            }
        };
        match &self.place {
            Place::Account => Ok(Vec::new()),
            Place::Current => Ok(match (&cx.s.database, &cx.s.schema) {
                (Some(d), Some(s)) => vec![d.clone(), s.clone()],
                (Some(d), None) => vec![d.clone()],
                _ => Vec::new(),
            }),
            Place::Database(None) => current(Kind::Database),
            Place::Database(Some(n)) => container(Kind::Database, n),
            Place::Schema(None) => current(Kind::Schema),
            Place::Schema(Some(n)) => container(Kind::Schema, n),
            Place::Relation(_) => Err(SfError::unsupported("IN TABLE here")),
        }
    }

    /// Whether a name passes LIKE and STARTS WITH.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        self.like.as_ref().is_none_or(|p| like(p, name))
            && self.starts_with.as_ref().is_none_or(|p| name.starts_with(p.as_str()))
    }

    /// Cuts a sorted list to LIMIT … FROM; at most 10 000 rows come.
    pub fn limit<T>(&self, list: Vec<T>, name: impl Fn(&T) -> &str) -> Vec<T> {
        let from = self.from.clone().unwrap_or_default();
        list.into_iter()
            .filter(|t| from.is_empty() || name(t) >= from.as_str())
            .take(self.limit.unwrap_or(10_000).min(10_000))
            .collect()
    }

    /// The visible objects of a kind in the scope, by name. Temporary ones of the session are among them; with HISTORY, those
    /// that can be undropped too.
    ///
    /// # Errors
    /// As [`ShowScope::prefix`].
    pub fn objects(&self, cx: &Cx<'_>, what: Kind) -> SfResult<Vec<Arc<Object>>> {
        let prefix = if what.depth() == 1 { Vec::new() } else { self.prefix_for(cx, what)? };
        let roles = cx.roles();
        let mut found: Vec<Arc<Object>> = cx.in_scope("SHOW", |s| {
            let live = s.catalog.of_kind(what).filter(|o| s.sees(o));
            let dropped = s
                .catalog
                .all()
                .filter(|o| self.history && o.kind() == what && o.dropped_ms.is_some() && roles.contains(&o.owner));
            live.chain(dropped).filter(|o| o.name.starts_with(&prefix) && self.matches(o.bare())).cloned().collect()
        });
        found.extend(
            cx.s.temp
                .values()
                .filter(|o| o.kind() == what && o.name.starts_with(&prefix) && self.matches(o.bare()))
                .cloned(),
        );
        found.sort_by(|a, b| a.name.cmp(&b.name).then(a.id.cmp(&b.id)));
        Ok(self.limit(found, |o| o.bare()))
    }

    /// Schemas are listed in databases: a current schema does not narrow them down.
    fn prefix_for(&self, cx: &Cx<'_>, what: Kind) -> SfResult<Vec<String>> {
        let mut prefix = match (&self.place, what) {
            // SHOW SCHEMAS IN d
            (Place::Schema(Some(name)), Kind::Schema) => {
                Self { place: Place::Database(Some(name.clone())), ..Self::default() }.prefix(cx)?
            }
            _ => self.prefix(cx)?,
        };
        if what == Kind::Schema {
            prefix.truncate(1);
        }
        Ok(prefix)
    }
}

fn place(c: &mut Cursor<'_>) -> SfResult<Place> {
    use sqlparser::tokenizer::Token;
    let named = |c: &mut Cursor<'_>| -> SfResult<Option<ObjectName>> {
        let clause = c.sees(&["STARTS"]) || c.sees(&["LIMIT"]) || c.sees(&["LIKE"]);
        if matches!(c.peek(0), Token::Word(_)) && !clause { c.name().map(Some) } else { Ok(None) }
    };
    Ok(if c.accept("ACCOUNT") {
        Place::Account
    } else if c.accept("DATABASE") {
        Place::Database(named(c)?)
    } else if c.accept("SCHEMA") {
        Place::Schema(named(c)?)
    } else if c.accept("TABLE") || c.accept("VIEW") {
        Place::Relation(c.name()?)
    } else {
        Place::Schema(Some(c.name()?))
    })
}

/// SQL's LIKE, case-insensitive; a backslash takes the next character as it is.
#[must_use]
pub fn like(pattern: &str, text: &str) -> bool {
    let fold = |s: &str| s.to_lowercase().chars().collect::<Vec<_>>();
    fn go(p: &[char], t: &[char]) -> bool {
        match p.split_first() {
            None => t.is_empty(),
            Some(('%', rest)) => (0..=t.len()).any(|i| go(rest, &t[i..])),
            Some(('_', rest)) => !t.is_empty() && go(rest, &t[1..]),
            Some(('\\', rest)) if !rest.is_empty() => t.first() == rest.first() && go(&rest[1..], &t[1..]),
            Some((c, rest)) => t.first() == Some(c) && go(rest, &t[1..]),
        }
    }
    go(&fold(pattern), &fold(text))
}

/// Result columns: a name, with `:t` for a time, `:n` for a number, text otherwise.
#[must_use]
pub fn fields(names: &[&str]) -> Vec<Field> {
    names
        .iter()
        .map(|name| match name.rsplit_once(':') {
            Some((name, "t")) => Field::new(name, Ty::Ltz { scale: 3 }),
            Some((name, "n")) => Field::new(name, Ty::INT),
            _ => Field::new(*name, Ty::TEXT),
        })
        .collect()
}

/// A time in the wire's form: seconds of the epoch with three digits.
#[must_use]
pub fn time(ms: i64) -> Option<String> {
    Some(format!("{}.{:03}", ms.div_euclid(1000), ms.rem_euclid(1000)))
}

/// Text.
#[must_use]
pub fn text(value: impl Into<String>) -> Option<String> {
    Some(value.into())
}

/// `Y` or `N`.
#[must_use]
pub fn yes(value: bool) -> Option<String> {
    text(if value { "Y" } else { "N" })
}

/// `true` or `false`.
#[must_use]
pub fn truth(value: bool) -> Option<String> {
    text(if value { "true" } else { "false" })
}

/// Makes the rows of a SHOW or DESCRIBE.
pub type List = Box<dyn Fn(&mut Cx<'_>) -> SfResult<Rows> + Send>;

/// A statement that lists.
pub struct Listing {
    /// [`kind::SHOW`] or [`kind::DESCRIBE`].
    pub number: u32,
    /// Its rows.
    pub list: List,
}

impl Listing {
    /// A SHOW.
    #[must_use]
    pub fn show(list: impl Fn(&mut Cx<'_>) -> SfResult<Rows> + Send + 'static) -> Box<dyn Statement> {
        Box::new(Self { number: kind::SHOW, list: Box::new(list) })
    }

    /// A DESCRIBE.
    #[must_use]
    pub fn describe(list: impl Fn(&mut Cx<'_>) -> SfResult<Rows> + Send + 'static) -> Box<dyn Statement> {
        Box::new(Self { number: kind::DESCRIBE, list: Box::new(list) })
    }
}

impl Statement for Listing {
    fn class(&self) -> Class {
        Class::Session
    }

    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer> {
        let (fields, rows) = (self.list)(cx)?;
        Ok(Answer::texts(self.number, fields, &rows))
    }

    fn describe(&self, cx: &mut Cx<'_>) -> SfResult<Vec<Field>> {
        Ok((self.list)(cx)?.0)
    }
}

#[cfg(test)]
mod tests {
    use super::like;

    #[test]
    fn like_matches_as_sql_does() {
        for (p, t, want) in [
            ("raw%", "RAW_X", true),
            ("%_x", "RAW_X", true),
            ("RAW\\_X", "rawAx", false),
            ("RAW\\_X", "raw_x", true),
            ("", "A", false),
            ("%", "", true),
        ] {
            assert_eq!(like(p, t), want, "{p} {t}");
        }
    }
}
