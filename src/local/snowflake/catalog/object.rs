//! Catalog objects and their definitions.

use super::super::types::Ty;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What kind of thing an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names are Snowflake's own")]
pub enum Kind {
    Database,
    Schema,
    Table,
    View,
    Sequence,
    Stage,
    FileFormat,
    Stream,
    Task,
    Pipe,
    Procedure,
    Function,
    Alert,
    MaskingPolicy,
    RowAccessPolicy,
    Tag,
    Warehouse,
    Role,
    User,
    Integration,
}

impl Kind {
    /// As SQL and `granted_on` write it, words joined by blanks: `FILE FORMAT`.
    #[must_use]
    pub fn sql(self) -> &'static str {
        match self {
            Self::Database => "DATABASE",
            Self::Schema => "SCHEMA",
            Self::Table => "TABLE",
            Self::View => "VIEW",
            Self::Sequence => "SEQUENCE",
            Self::Stage => "STAGE",
            Self::FileFormat => "FILE FORMAT",
            Self::Stream => "STREAM",
            Self::Task => "TASK",
            Self::Pipe => "PIPE",
            Self::Procedure => "PROCEDURE",
            Self::Function => "FUNCTION",
            Self::Alert => "ALERT",
            Self::MaskingPolicy => "MASKING POLICY",
            Self::RowAccessPolicy => "ROW ACCESS POLICY",
            Self::Tag => "TAG",
            Self::Warehouse => "WAREHOUSE",
            Self::Role => "ROLE",
            Self::User => "USER",
            Self::Integration => "INTEGRATION",
        }
    }

    /// As sentences write it: `Table`, `File format`, `Stage`.
    #[must_use]
    pub fn sentence(self) -> String {
        let lower = self.sql().to_ascii_lowercase();
        let mut chars = lower.chars();
        chars.next().map_or_else(String::new, |c| c.to_ascii_uppercase().to_string() + chars.as_str())
    }

    /// Reads `TABLE`, `TABLES`, `FILE FORMATS` …
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let upper = text.trim().to_ascii_uppercase();
        let one = match upper.as_str() {
            "MASKING POLICIES" => "MASKING POLICY",
            "ROW ACCESS POLICIES" => "ROW ACCESS POLICY",
            other => other.strip_suffix('S').unwrap_or(other),
        };
        Self::ALL.iter().copied().find(|k| k.sql() == one || k.sql() == upper)
    }

    /// Every kind.
    pub const ALL: [Self; 20] = [
        Self::Database,
        Self::Schema,
        Self::Table,
        Self::View,
        Self::Sequence,
        Self::Stage,
        Self::FileFormat,
        Self::Stream,
        Self::Task,
        Self::Pipe,
        Self::Procedure,
        Self::Function,
        Self::Alert,
        Self::MaskingPolicy,
        Self::RowAccessPolicy,
        Self::Tag,
        Self::Warehouse,
        Self::Role,
        Self::User,
        Self::Integration,
    ];

    /// Tables and views share one namespace; every other kind has its own.
    #[must_use]
    pub fn namespace(self) -> Self {
        if self == Self::View { Self::Table } else { self }
    }

    /// How many parts a full name has: 1 for account objects and databases, 2 for schemas, 3 for what is in a schema.
    #[must_use]
    pub fn depth(self) -> usize {
        match self {
            Self::Database | Self::Warehouse | Self::Role | Self::User | Self::Integration => 1,
            Self::Schema => 2,
            _ => 3,
        }
    }
}

/// One catalog object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Object {
    /// Unique and never used again; physical tables are named after it.
    pub id: i64,
    /// Full name: as many parts as [`Kind::depth`] says. Overloaded procedures and functions carry their argument types
    /// in the last part: `P(NUMBER, VARCHAR)`.
    pub name: Vec<String>,
    /// The owning role's name.
    pub owner: String,
    /// COMMENT, empty where none.
    pub comment: String,
    /// Epoch milliseconds.
    pub created_ms: i64,
    /// Epoch milliseconds at which it was dropped: it can be undropped until its retention ends.
    pub dropped_ms: Option<i64>,
    /// The definition.
    pub body: Body,
}

impl Object {
    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.body.kind()
    }

    /// The last part of its name.
    #[must_use]
    pub fn bare(&self) -> &str {
        self.name.last().map_or("", String::as_str)
    }

    /// Its table definition, where it is a table.
    #[must_use]
    pub fn table(&self) -> Option<&Table> {
        if let Body::Table(t) = &self.body { Some(t) } else { None }
    }
}

/// Definitions by kind.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names are the kinds")]
pub enum Body {
    Database(Container),
    Schema(Container),
    Table(Table),
    View(View),
    Sequence(Sequence),
    Stage(Stage),
    FileFormat(FileFormat),
    Stream(Stream),
    Task(Box<Task>),
    Pipe(Pipe),
    Procedure(Routine),
    Function(Routine),
    Warehouse(Warehouse),
    Role(Role),
    User(Box<User>),
    /// Kinds that are kept as options only until they get a definition of their own.
    Alert(Options),
    MaskingPolicy(Policy),
    RowAccessPolicy(Policy),
    Tag(Options),
    Integration(Options),
}

impl Body {
    /// The kind that it defines.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Database(_) => Kind::Database,
            Self::Schema(_) => Kind::Schema,
            Self::Table(_) => Kind::Table,
            Self::View(_) => Kind::View,
            Self::Sequence(_) => Kind::Sequence,
            Self::Stage(_) => Kind::Stage,
            Self::FileFormat(_) => Kind::FileFormat,
            Self::Stream(_) => Kind::Stream,
            Self::Task(_) => Kind::Task,
            Self::Pipe(_) => Kind::Pipe,
            Self::Procedure(_) => Kind::Procedure,
            Self::Function(_) => Kind::Function,
            Self::Warehouse(_) => Kind::Warehouse,
            Self::Role(_) => Kind::Role,
            Self::User(_) => Kind::User,
            Self::Alert(_) => Kind::Alert,
            Self::MaskingPolicy(_) => Kind::MaskingPolicy,
            Self::RowAccessPolicy(_) => Kind::RowAccessPolicy,
            Self::Tag(_) => Kind::Tag,
            Self::Integration(_) => Kind::Integration,
        }
    }
}

/// Options by upper-case name, values as written (strings unquoted, lists as JSON).
pub type Options = BTreeMap<String, String>;

/// A database or schema.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Container {
    /// TRANSIENT.
    pub transient: bool,
    /// WITH MANAGED ACCESS.
    pub managed_access: bool,
    /// DATA_RETENTION_TIME_IN_DAYS, where set here.
    pub retention_days: Option<u32>,
}

/// How long a table lives and whether its history is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[allow(missing_docs, reason = "the names are Snowflake's own")]
pub enum TableKind {
    #[default]
    Permanent,
    Transient,
    Temporary,
}

/// A table. Its rows are in `d.t<ID>`, their former versions in `d.h<ID>`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Table {
    /// The physical tables' number: the object's own id unless SWAP WITH exchanged it.
    pub store: i64,
    /// Columns in order.
    pub columns: Vec<ColumnDef>,
    /// Number of the next column's physical name.
    pub next_column: u32,
    /// Permanent, transient or temporary.
    pub kind: TableKind,
    /// CLUSTER BY expressions as written (accepted without effect).
    pub cluster_by: Vec<String>,
    /// CHANGE_TRACKING, which the first stream switches on.
    pub change_tracking: bool,
    /// DATA_RETENTION_TIME_IN_DAYS, where set here.
    pub retention_days: Option<u32>,
    /// MAX_DATA_EXTENSION_TIME_IN_DAYS, where set here.
    #[serde(default)]
    pub extension_days: Option<u32>,
    /// The row access policy.
    #[serde(default)]
    pub row_policy: Option<RowPolicy>,
    /// Keys and foreign keys: kept for reflection, not enforced.
    pub constraints: Vec<Constraint>,
    /// ENABLE_SCHEMA_EVOLUTION: files with other columns change the table.
    #[serde(default)]
    pub schema_evolution: bool,
}

/// A table's column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ColumnDef {
    /// Exact name.
    pub name: String,
    /// Its physical name in DuckDB, `c1`.
    pub phys: String,
    /// Type.
    pub ty: Ty,
    /// Whether NULL is allowed.
    pub nullable: bool,
    /// DEFAULT as SQL text.
    pub default: Option<String>,
    /// AUTOINCREMENT / IDENTITY: the sequence's object id.
    pub identity: Option<Identity>,
    /// COMMENT.
    pub comment: Option<String>,
    /// The masking policy.
    #[serde(default)]
    pub mask: Option<Mask>,
}

/// A masking policy on a column.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mask {
    /// The policy's object id.
    pub policy: i64,
    /// The column itself and those that USING names: physical names, in the order of the policy's arguments.
    pub args: Vec<String>,
}

/// A row access policy on a table or view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowPolicy {
    /// The policy's object id.
    pub policy: i64,
    /// ON: physical names, in the order of the policy's arguments.
    pub args: Vec<String>,
}

/// A masking or row access policy.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Policy {
    /// Arguments: name and type.
    pub args: Vec<(String, RoutineType)>,
    /// RETURNS.
    pub returns: RoutineType,
    /// The expression behind `->`, as written.
    pub body: String,
}

/// AUTOINCREMENT / IDENTITY of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// First value.
    pub start: i64,
    /// Step.
    pub step: i64,
    /// ORDER rather than NOORDER.
    pub ordered: bool,
}

/// A table constraint, kept for reflection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Constraint {
    /// Its name, made up where none was given.
    pub name: String,
    /// `PRIMARY KEY`, `UNIQUE` or `FOREIGN KEY`.
    pub kind: String,
    /// Columns.
    pub columns: Vec<String>,
    /// Referenced table and columns.
    pub references: Option<(Vec<String>, Vec<String>)>,
}

/// A view: its columns are frozen when it is made.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct View {
    /// Columns with types as bound at creation.
    pub columns: Vec<ColumnDef>,
    /// The query as written.
    pub query: String,
    /// The whole CREATE VIEW statement as written.
    pub text: String,
    /// SECURE.
    pub secure: bool,
    /// MATERIALIZED (computed at each read; accepted without effect).
    pub materialized: bool,
    /// TEMPORARY.
    pub temporary: bool,
    /// CHANGE_TRACKING, which the first stream switches on.
    #[serde(default)]
    pub change_tracking: bool,
    /// The row access policy.
    #[serde(default)]
    pub row_policy: Option<RowPolicy>,
}

/// A sequence; its next value is in `sd.sequence`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Sequence {
    /// First value.
    pub start: i64,
    /// Step.
    pub step: i64,
    /// ORDER rather than NOORDER.
    pub ordered: bool,
}

/// A stage.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Stage {
    /// `s3://bucket/path/`, `s3compat://…`; `None` for an internal stage.
    pub url: Option<String>,
    /// STORAGE_INTEGRATION.
    pub integration: Option<String>,
    /// CREDENTIALS, by upper-case key. Never shown.
    pub credentials: Options,
    /// ENDPOINT, for s3compat.
    pub endpoint: Option<String>,
    /// FORMAT_NAME as written, or the inline options.
    pub file_format: Options,
    /// ENCRYPTION, DIRECTORY, COPY_OPTIONS …: kept and listed.
    pub options: Options,
    /// TEMPORARY.
    pub temporary: bool,
}

/// A file format: TYPE and its options.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct FileFormat {
    /// `CSV`, `JSON`, `PARQUET` …
    pub ty: String,
    /// Options as set, by upper-case name.
    pub options: Options,
    /// TEMPORARY.
    pub temporary: bool,
}

/// A stream; its offset is in `sd.stream_offset`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Stream {
    /// The source's object id.
    pub source: i64,
    /// The tables under it (the source itself, or a view's base tables).
    pub base: Vec<i64>,
    /// APPEND_ONLY.
    pub append_only: bool,
    /// SHOW_INITIAL_ROWS.
    pub initial_rows: bool,
}

/// A task.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Task {
    /// The UUID that SHOW TASKS prints.
    pub uuid: String,
    /// WAREHOUSE; `None` for serverless.
    pub warehouse: Option<String>,
    /// SCHEDULE as written.
    pub schedule: Option<String>,
    /// AFTER: bare names in the same schema.
    pub predecessors: Vec<String>,
    /// FINALIZE: the root's bare name.
    pub finalizes: Option<String>,
    /// WHEN as written.
    pub condition: Option<String>,
    /// The SQL that it runs, as written.
    pub definition: String,
    /// Resumed.
    pub started: bool,
    /// CONFIG as written.
    pub config: Option<String>,
    /// ALLOW_OVERLAPPING_EXECUTION.
    pub allow_overlap: bool,
    /// Other parameters by upper-case name.
    pub parameters: Options,
    /// Epoch milliseconds.
    pub last_committed_ms: Option<i64>,
    /// Epoch milliseconds.
    pub last_suspended_ms: Option<i64>,
    /// USER_SUSPENDED …
    pub last_suspended_reason: Option<String>,
    /// Epoch milliseconds of the last RESUME: interval schedules count from it.
    pub resumed_ms: Option<i64>,
    /// Raised by each change of the graph's root.
    pub version: u32,
    /// The user who made it.
    pub created_by: String,
}

/// A pipe.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Pipe {
    /// The COPY statement as written.
    pub definition: String,
    /// AUTO_INGEST.
    pub auto_ingest: bool,
    /// PIPE_EXECUTION_PAUSED.
    pub paused: bool,
    /// When it was made, epoch milliseconds on the machine's clock, which stamps objects too.
    #[serde(default)]
    pub since_ms: i64,
    /// Epoch milliseconds of the last pause.
    #[serde(default)]
    pub paused_ms: Option<i64>,
    /// Paused by a change of its owner: SYSTEM$PIPE_FORCE_RESUME alone ends that.
    #[serde(default)]
    pub changed_hands: bool,
    /// Paused because it is a clone that nobody has resumed.
    #[serde(default)]
    pub cloned: bool,
    /// Other options.
    pub options: Options,
}

/// A procedure or function.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Routine {
    /// Arguments: name, type, default as SQL text.
    pub args: Vec<(String, RoutineType, Option<String>)>,
    /// RETURNS.
    pub returns: RoutineType,
    /// RETURNS TABLE (…): columns.
    pub returns_table: Option<Vec<(String, RoutineType)>>,
    /// LANGUAGE.
    pub language: String,
    /// The body without its quotes.
    pub body: String,
    /// EXECUTE AS CALLER.
    pub caller_rights: bool,
    /// SECURE.
    pub secure: bool,
    /// HANDLER, RUNTIME_VERSION … of another language.
    #[serde(default)]
    pub options: Options,
}

/// A type in a routine's signature (VARCHAR where nothing was said).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoutineType(pub Ty);

impl Default for RoutineType {
    fn default() -> Self {
        Self(Ty::TEXT)
    }
}

/// A warehouse: accepted, shown, without effect.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Warehouse {
    /// `X-Small` …
    pub size: String,
    /// SUSPENDED rather than STARTED.
    pub suspended: bool,
    /// Other options.
    pub options: Options,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Role {
    /// Made by the system.
    pub system: bool,
}

/// A user.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct User {
    /// Salt and SHA-256 of the password, hex: `salt:hash`. Empty where none is set.
    pub password_hash: String,
    /// LOGIN_NAME, upper case.
    pub login_name: String,
    /// DEFAULT_ROLE.
    pub default_role: Option<String>,
    /// DEFAULT_WAREHOUSE.
    pub default_warehouse: Option<String>,
    /// DEFAULT_NAMESPACE.
    pub default_namespace: Option<String>,
    /// DEFAULT_SECONDARY_ROLES is ('ALL'), as it is unless said otherwise.
    pub secondary_all: bool,
    /// DISABLED.
    pub disabled: bool,
    /// RSA_PUBLIC_KEY and RSA_PUBLIC_KEY_2, base64 bodies.
    pub public_keys: Vec<String>,
    /// TYPE, DISPLAY_NAME, EMAIL, FIRST_NAME … by upper-case name.
    pub properties: Options,
}

impl std::fmt::Debug for User {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("User")
            .field("login_name", &self.login_name)
            .field("password_hash", &"***")
            .finish_non_exhaustive()
    }
}
