//! Statements: each kind parses and runs itself. [`parse`] is the one table of what is understood; all else is refused.

pub mod access;
pub mod alert;
pub mod ddl;
pub mod dml;
pub mod explain;
mod flow;
pub mod notify;
pub mod pipe;
pub mod policy;
pub mod query;
pub mod script;
pub mod session;
pub mod show;
pub mod stage;
pub mod stream;
pub mod task;

use super::answer::{Answer, Field};
use super::bind::binder::Binder;
use super::error::{SfError, SfResult};
use super::session::Cx;
use super::sql::{Cursor, Word};

/// How a statement stands to transactions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Reads.
    Query,
    /// Changes rows: joins the open transaction or commits by itself; takes part in stream consumption.
    Dml,
    /// Changes the catalog: commits the open transaction first and then itself.
    Ddl,
    /// Touches the session only (USE, SET, ALTER SESSION, SHOW, DESCRIBE, LIST, BEGIN, COMMIT, ROLLBACK …).
    Session,
}

/// A parsed statement.
pub trait Statement: Send {
    /// How it stands to transactions.
    fn class(&self) -> Class;

    /// Runs it.
    ///
    /// # Errors
    /// Snowflake's refusal.
    fn run(self: Box<Self>, cx: &mut Cx<'_>) -> SfResult<Answer>;

    /// Whether it takes all sets of bound arrays at once ([`dml::BindRows`]) rather than one set after the other.
    fn takes_bind_rows(&self) -> bool {
        false
    }

    /// What EXPLAIN plans for it: its query, bound.
    ///
    /// # Errors
    /// Unsupported for statements other than queries and DML; what binding refuses.
    fn to_explain(&self, _b: &mut Binder<'_, '_>) -> SfResult<explain::Planned> {
        Err(SfError::unsupported("EXPLAIN of a statement that is neither a query nor DML"))
    }

    /// Its result columns without running it (`describeOnly`).
    ///
    /// # Errors
    /// Unsupported for statements that cannot be described.
    fn describe(&self, _cx: &mut Cx<'_>) -> SfResult<Vec<Field>> {
        Ok(vec![Field::new("status", super::types::Ty::TEXT)])
    }
}

/// What stands between CREATE and the kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CreateHead {
    /// OR REPLACE.
    pub or_replace: bool,
    /// OR ALTER.
    pub or_alter: bool,
    /// TEMPORARY, TEMP, VOLATILE, LOCAL/GLOBAL TEMP.
    pub temporary: bool,
    /// TRANSIENT.
    pub transient: bool,
    /// SECURE.
    pub secure: bool,
    /// RECURSIVE.
    pub recursive: bool,
    /// MATERIALIZED.
    pub materialized: bool,
}

/// A statement's parser, behind its leading words.
pub type Parse = fn(&mut Cursor<'_>) -> SfResult<Box<dyn Statement>>;
/// A CREATE's parser, behind the kind's words.
pub type ParseCreate = fn(&mut Cursor<'_>, CreateHead) -> SfResult<Box<dyn Statement>>;

/// The leading words of a statement and its parser. The longest match wins.
pub struct Entry(pub &'static [Word], pub Parse);
/// The kind behind CREATE and its parser. The longest match wins.
pub struct CreateEntry(pub &'static [Word], pub ParseCreate);

/// Every module's statements.
const ENTRIES: &[&[Entry]] = &[
    access::ENTRIES,
    ddl::ENTRIES,
    dml::ENTRIES,
    query::ENTRIES,
    explain::ENTRIES,
    session::ENTRIES,
    // Behind the session: a BEGIN that opens a block hides the one that opens a transaction.
    script::ENTRIES,
    show::ENTRIES,
    stream::ENTRIES,
    policy::ENTRIES,
    task::ENTRIES,
    alert::ENTRIES,
    notify::ENTRIES,
    stage::ENTRIES,
    pipe::ENTRIES,
    // One module a line.
];
/// Every module's CREATE statements.
const CREATE: &[&[CreateEntry]] = &[
    access::CREATE,
    ddl::CREATE,
    script::CREATE,
    stream::CREATE,
    policy::CREATE,
    task::CREATE,
    alert::CREATE,
    notify::CREATE,
    stage::CREATE,
    pipe::CREATE,
    // One module a line.
];

/// Parses one statement.
///
/// # Errors
/// 001003 for text that is no SQL, 000900 for an empty one, 000002 for a statement that is not supported.
pub fn parse(text: &str) -> SfResult<Box<dyn Statement>> {
    let mut c = Cursor::new(text)?;
    if c.at_end() {
        return Err(SfError::compile("000900", "42601", "Empty SQL statement."));
    }
    if let Some(flow) = flow::parse(&mut c)? {
        return Ok(flow);
    }
    let statement = statement(&mut c)?;
    c.end()?;
    Ok(statement)
}

/// The statement that starts here.
///
/// # Errors
/// As [`parse`].
pub fn statement(c: &mut Cursor<'_>) -> SfResult<Box<dyn Statement>> {
    if *c.peek(0) == sqlparser::tokenizer::Token::LParen {
        return query::parse_query(c);
    }
    if c.accept("CREATE") {
        let head = create_head(c);
        let entry = CREATE.iter().copied().flatten().filter(|e| c.sees(e.0)).max_by_key(|e| e.0.len());
        let Some(entry) = entry else { return Err(refuse("CREATE ", c)) };
        skip(c, entry.0.len());
        return entry.1(c, head);
    }
    let entry = ENTRIES.iter().copied().flatten().filter(|e| c.sees(e.0)).max_by_key(|e| e.0.len());
    let Some(entry) = entry else { return Err(refuse("", c)) };
    skip(c, entry.0.len());
    entry.1(c)
}

fn skip(c: &mut Cursor<'_>, n: usize) {
    let mark = c.mark();
    c.rewind(mark + n);
}

fn create_head(c: &mut Cursor<'_>) -> CreateHead {
    let mut head = CreateHead::default();
    loop {
        if c.accept("OR REPLACE") {
            head.or_replace = true;
        } else if c.accept("OR ALTER") {
            head.or_alter = true;
        } else if c.accept("TEMPORARY") || c.accept("TEMP") || c.accept("VOLATILE") {
            head.temporary = true;
        } else if c.accept("LOCAL") || c.accept("GLOBAL") {
        } else if c.accept("TRANSIENT") {
            head.transient = true;
        } else if c.accept("SECURE") {
            head.secure = true;
        } else if c.accept("RECURSIVE") {
            head.recursive = true;
        } else if c.accept("MATERIALIZED") {
            head.materialized = true;
        } else {
            return head;
        }
    }
}

/// Refuses by name: a statement that Snowflake has is unsupported here; other text is a syntax error, as there.
fn refuse(prefix: &str, c: &mut Cursor<'_>) -> SfError {
    const KNOWN: &[&str] = &[
        "ALTER", "CALL", "COMMENT", "COPY", "CREATE", "DESC", "DESCRIBE", "DROP", "EXECUTE", "GET", "GRANT", "LIST",
        "LS", "MERGE", "PUT", "REMOVE", "REVOKE", "RM", "SHOW", "UNDROP", "UNSET", "USE",
    ];
    let start = c.mark();
    let first = c.ident().unwrap_or_default();
    if prefix.is_empty() && !KNOWN.contains(&first.as_str()) {
        c.rewind(start);
        return c.unexpected();
    }
    let mut words = vec![first];
    while words.len() < 3 && matches!(c.peek(0), sqlparser::tokenizer::Token::Word(w) if w.quote_style.is_none()) {
        words.extend(c.ident());
    }
    let keep = match words[0].as_str() {
        _ if prefix.is_empty() => 2,
        "ROW" | "EXTERNAL" if words.len() > 2 && matches!(words[1].as_str(), "ACCESS") => 3,
        "DYNAMIC" | "EXTERNAL" | "ICEBERG" | "HYBRID" | "EVENT" | "MASKING" | "NETWORK" | "RESOURCE" | "PASSWORD"
        | "SESSION" | "AUTHENTICATION" | "AGGREGATION" | "PROJECTION" | "NOTIFICATION" | "API" | "SECURITY"
        | "CATALOG" | "GIT" | "IMAGE" | "COMPUTE" | "FAILOVER" | "REPLICATION" | "MANAGED" | "DATABASE" => 2,
        _ => 1,
    };
    words.truncate(keep.max(1));
    SfError::unsupported(&format!("{prefix}{}", words.join(" ")))
}
