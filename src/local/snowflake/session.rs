//! Sessions: who runs statements, where names resolve, and the way of a statement.

use super::access::{self, RoleSet};
use super::answer::{Answer, Field, kind};
use super::catalog::{Body, Catalog, Kind, Object};
use super::engine::Engine;
use super::error::{SfError, SfResult};
use super::params::Parameters;
use super::sql::inline::inline;
use super::sql::named::named;
use super::stmt::{self, Class};
use super::tx::Tx;
use duckdb::{Connection, InterruptHandle};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A login request's content.
#[derive(Clone, Default)]
pub struct Login {
    /// LOGIN_NAME.
    pub user: String,
    /// PASSWORD.
    pub password: Option<String>,
    /// AUTHENTICATOR, upper case.
    pub authenticator: Option<String>,
    /// TOKEN: a JWT or another credential.
    pub token: Option<String>,
    /// Role, warehouse, database and schema of the URL.
    pub role: Option<String>,
    /// As written.
    pub warehouse: Option<String>,
    /// As written.
    pub database: Option<String>,
    /// As written.
    pub schema: Option<String>,
    /// SESSION_PARAMETERS.
    pub parameters: BTreeMap<String, String>,
    /// CLIENT_APP_ID/CLIENT_APP_VERSION.
    pub client: String,
}

/// A bind value as the wire gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bind {
    /// `TEXT`, `FIXED`, `REAL`, `DATE` …
    pub ty: String,
    /// The value in the wire's form; `None` is NULL.
    pub value: Option<String>,
}

/// One statement to run.
#[derive(Clone, Default)]
pub struct Request {
    /// Its query id.
    pub query_id: String,
    /// Its text.
    pub sql: String,
    /// Binds by position (`1`, `2` …) or name; several sets where arrays were bound.
    pub binds: Vec<BTreeMap<String, Bind>>,
    /// Where a driver has put rows of bound values: `@stage/path`.
    pub bind_stage: Option<String>,
    /// Parameters for this statement alone.
    pub parameters: BTreeMap<String, String>,
    /// Columns only.
    pub describe_only: bool,
}

/// Where a session stands.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Info {
    /// Current database.
    pub database: Option<String>,
    /// Current schema.
    pub schema: Option<String>,
    /// Current warehouse.
    pub warehouse: Option<String>,
    /// Current role.
    pub role: Option<String>,
}

/// Which secondary roles are active.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Secondary {
    /// All roles of the user.
    All,
    /// None.
    #[default]
    None,
    /// These.
    Some(Vec<String>),
}

/// A session's changing part, used by one statement at a time.
pub struct State {
    /// Its DuckDB connection.
    pub conn: Connection,
    /// The session's number.
    pub id: u64,
    /// User name.
    pub user: String,
    /// Primary role.
    pub role: String,
    /// Secondary roles.
    pub secondary: Secondary,
    /// Where it stands.
    pub database: Option<String>,
    /// Where it stands.
    pub schema: Option<String>,
    /// Where it stands.
    pub warehouse: Option<String>,
    /// Session parameters.
    pub params: Parameters,
    /// SET variables: name → SQL literal and its type.
    pub vars: BTreeMap<String, super::bind::Bound>,
    /// The open transaction.
    pub tx: Option<Tx>,
    /// Temporary objects, which hide permanent ones of the same name.
    pub temp: BTreeMap<(Kind, Vec<String>), Arc<Object>>,
    /// Ids of the statements run, the latest last.
    pub query_ids: Vec<String>,
    /// For statements of a task: its run, for SYSTEM$SET_RETURN_VALUE and friends.
    pub task: Option<Arc<stmt::task::TaskScope>>,
    /// For statements of an alert: its run, for SNOWFLAKE.ALERT's functions.
    pub alert: Option<Arc<stmt::alert::AlertScope>>,
    /// The open transaction is that of the running procedure's caller: the procedure must leave it alone.
    pub outer_tx: bool,
    /// Number of the last temporary DuckDB table.
    pub work: u64,
    /// Variables of the scripting blocks and functions around the statement, the innermost last.
    pub script: Vec<BTreeMap<String, super::bind::Bound>>,
    /// Depth of nested calls (procedures, EXECUTE IMMEDIATE), to refuse endless ones.
    pub depth: usize,
}

/// A session.
pub struct Session {
    /// Its number.
    pub id: u64,
    /// Its user.
    pub user: String,
    engine: Arc<Engine>,
    state: Mutex<Option<State>>,
    interrupt: Arc<InterruptHandle>,
    cancelled: Arc<AtomicBool>,
    running: Mutex<Option<Running>>,
    info: Mutex<Info>,
}

/// A statement that runs now.
#[derive(Debug, Clone)]
pub struct Running {
    /// Query id.
    pub id: String,
    /// Text, without secrets.
    pub text: String,
    /// Epoch microseconds.
    pub started_us: i64,
    /// The task whose run it belongs to, by object id.
    pub task: Option<i64>,
}

/// The statement that runs.
pub struct QueryInfo {
    /// Query id.
    pub id: String,
    /// Text.
    pub text: String,
    /// The statement's time: CURRENT_TIMESTAMP is fixed. Epoch microseconds.
    pub now_us: i64,
    /// Binds.
    pub binds: BTreeMap<String, Bind>,
    /// All sets of bound arrays at once, for a statement that takes them so.
    pub bind_rows: Option<stmt::dml::BindRows>,
    /// Set when the client cancels.
    pub cancelled: Arc<AtomicBool>,
}

/// What a statement works with.
pub struct Cx<'a> {
    /// The engine.
    pub engine: &'a Arc<Engine>,
    /// The session.
    pub s: &'a mut State,
    /// The statement.
    pub q: QueryInfo,
}

impl Session {
    /// Opens a session for an authenticated user.
    ///
    /// # Errors
    /// 390189 for a role that is not granted.
    pub fn open(engine: &Arc<Engine>, user: &Object, login: &Login) -> SfResult<Arc<Self>> {
        let catalog = engine.catalog();
        let Body::User(u) = &user.body else { return Err(SfError::internal("not a user")) };
        let fold = |s: &Option<String>| s.as_deref().filter(|s| !s.is_empty()).map(access::fold_name);
        let role = access::login_role(&catalog, user.bare(), fold(&login.role), u.default_role.as_deref())?;
        let (mut database, mut schema) = (fold(&login.database), fold(&login.schema));
        if database.is_none()
            && let Some(ns) = &u.default_namespace
        {
            let mut parts = ns.split('.').map(access::fold_name);
            database = parts.next();
            schema = schema.or(parts.next());
        }
        let database = database.filter(|d| catalog.get(Kind::Database, &[d]).is_some());
        let schema = match (&database, schema) {
            (Some(d), Some(s)) if catalog.get(Kind::Schema, &[d, &s]).is_some() => Some(s),
            (Some(d), None) if catalog.get(Kind::Schema, &[d.as_str(), "PUBLIC"]).is_some() => Some("PUBLIC".into()),
            _ => None,
        };
        let warehouse = fold(&login.warehouse)
            .or_else(|| u.default_warehouse.clone())
            .filter(|w| catalog.get(Kind::Warehouse, &[w]).is_some());
        let state = State {
            conn: engine.connect()?,
            id: 0,
            user: user.bare().to_owned(),
            role,
            secondary: if u.secondary_all { Secondary::All } else { Secondary::None },
            database,
            schema,
            warehouse,
            params: Parameters::from_login(&login.parameters),
            vars: BTreeMap::new(),
            tx: None,
            temp: BTreeMap::new(),
            query_ids: Vec::new(),
            task: None,
            alert: None,
            outer_tx: false,
            work: 0,
            script: Vec::new(),
            depth: 0,
        };
        Ok(Self::build(engine, state))
    }

    /// A session of the engine's own, as a role in a schema.
    ///
    /// # Errors
    /// DuckDB's.
    pub fn internal(engine: &Arc<Engine>, role: &str, database: &str, schema: &str) -> SfResult<Arc<Self>> {
        let state = State {
            conn: engine.connect()?,
            id: 0,
            user: "SYSTEM".into(),
            role: role.to_owned(),
            secondary: Secondary::None,
            database: Some(database.to_owned()),
            schema: Some(schema.to_owned()),
            warehouse: None,
            params: Parameters::default(),
            vars: BTreeMap::new(),
            tx: None,
            temp: BTreeMap::new(),
            query_ids: Vec::new(),
            task: None,
            alert: None,
            outer_tx: false,
            work: 0,
            script: Vec::new(),
            depth: 0,
        };
        Ok(Self::build(engine, state))
    }

    fn build(engine: &Arc<Engine>, mut state: State) -> Arc<Self> {
        state.id = engine.next_session_id();
        Arc::new(Self {
            id: state.id,
            running: Mutex::new(None),
            user: state.user.clone(),
            engine: engine.clone(),
            interrupt: state.conn.interrupt_handle(),
            info: Mutex::new(info_of(&state)),
            state: Mutex::new(Some(state)),
            cancelled: Arc::new(AtomicBool::new(false)),
        })
    }

    /// Runs one statement; blocks until it ends. Call it off the async threads.
    ///
    /// # Errors
    /// Snowflake's refusal.
    pub fn execute(&self, request: &Request) -> SfResult<Answer> {
        self.with(|state| {
            let started = self.engine.now_us();
            *self.running.lock() = Some(Running {
                id: request.query_id.clone(),
                text: crate::domain::redact(&request.sql),
                started_us: started,
                task: state.task.as_ref().map(|t| t.id),
            });
            let out = super::stack::deep(|| self.run(state, request, started));
            *self.running.lock() = None;
            if !request.describe_only {
                state.query_ids.push(request.query_id.clone());
                self.engine.history.record(&self.engine, self.id, state, request, started, &out);
            }
            out
        })?
    }

    /// Gives the changing part to `f`, waiting for the running statement.
    ///
    /// # Errors
    /// 390111 where the session has been closed.
    pub fn with<T>(&self, f: impl FnOnce(&mut State) -> T) -> SfResult<T> {
        let mut guard = self.state.lock();
        let state = guard.as_mut().ok_or_else(|| {
            SfError::new("390111", "08003", "Session no longer exists. New login required to access the service.")
        })?;
        self.cancelled.store(false, Ordering::Relaxed);
        let out = f(state);
        *self.info.lock() = info_of(state);
        Ok(out)
    }

    fn run(&self, state: &mut State, request: &Request, now_us: i64) -> SfResult<Answer> {
        let saved = state.params.overlay(&request.parameters);
        let mut sets = request.binds.iter();
        let first = sets.next().cloned().unwrap_or_default();
        let mut cx = Cx {
            engine: &self.engine,
            s: state,
            q: QueryInfo {
                id: request.query_id.clone(),
                text: request.sql.clone(),
                now_us,
                binds: first,
                bind_rows: None,
                cancelled: self.cancelled.clone(),
            },
        };
        let out = if request.describe_only {
            // Drivers ask before they bind arrays: for a statement that takes them, the answer is a DML's.
            let arrays = stmt::parse(&request.sql).is_ok_and(|s| s.takes_bind_rows());
            let kind = if arrays { kind::INSERT } else { kind::SELECT };
            cx.describe(&request.sql).map(|fields| Answer::texts(kind, fields, &[]))
        } else if let Some(place) = &request.bind_stage {
            cx.execute_staged(&request.sql, place)
        } else if request.binds.len() > 1 {
            cx.execute_many(&request.sql, &request.binds)
        } else {
            cx.execute(&request.sql)
        };
        state.params.restore(saved);
        out
    }

    /// The engine that it belongs to.
    #[must_use]
    pub fn engine(&self) -> &Arc<Engine> {
        &self.engine
    }

    /// Ends the running statement.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Relaxed);
        self.interrupt.interrupt();
    }

    /// The statement that runs now.
    #[must_use]
    pub fn running(&self) -> Option<Running> {
        self.running.lock().clone()
    }

    /// Ends a statement and no other; returns at once. `false` where it does not run.
    pub fn cancel_query(self: &Arc<Self>, id: &str) -> bool {
        let runs = |s: &Self| s.running.lock().as_ref().is_some_and(|r| r.id == id);
        if !runs(self) {
            return false;
        }
        let (session, id) = (self.clone(), id.to_owned());
        std::thread::spawn(move || {
            // One interrupt may fall between two DuckDB statements and be lost.
            while session.running.lock().as_ref().is_some_and(|r| r.id == id) {
                session.cancel();
                std::thread::sleep(std::time::Duration::from_millis(50));
            }
        });
        true
    }

    /// Where the session stood after its last statement.
    #[must_use]
    pub fn info(&self) -> Info {
        self.info.lock().clone()
    }

    /// Ends the session: rolls an open transaction back, drops temporary objects.
    pub fn close(&self) {
        self.cancel();
        if let Some(mut state) = self.state.lock().take() {
            state.tx = None;
            let _ = state.conn.execute_batch("ROLLBACK");
            for object in state.temp.values() {
                if let Some(t) = object.table() {
                    let _ = super::store::drop_table(&state.conn, t.store);
                }
            }
        }
        self.engine.forget(self.id);
    }
}

fn info_of(s: &State) -> Info {
    Info {
        database: s.database.clone(),
        schema: s.schema.clone(),
        warehouse: s.warehouse.clone(),
        role: Some(s.role.clone()),
    }
}

impl Cx<'_> {
    /// Parses and runs one statement: DDL commits the open transaction first.
    ///
    /// # Errors
    /// Snowflake's refusal.
    pub fn execute(&mut self, sql: &str) -> SfResult<Answer> {
        let sql = &inline(sql, &self.q.binds)?;
        let sql = &named(sql, &|name| self.named_value(name))?;
        let statement = stmt::parse(sql)?;
        match statement.class() {
            Class::Ddl => {
                stmt::session::transaction::same_scope(self)?;
                self.commit()?;
            }
            // Without AUTOCOMMIT, a transaction begins with its first DML.
            Class::Dml if !self.s.params.is_true("AUTOCOMMIT") => self.begin()?,
            _ => {}
        }
        let out = statement.run(self);
        // A statement that took locks outside a transaction must not keep them.
        if self.s.tx.as_ref().is_some_and(|t| !t.explicit) {
            self.rollback()?;
        }
        out
    }

    /// Runs one statement with rows of bound values in a stage.
    fn execute_staged(&mut self, sql: &str, place: &str) -> SfResult<Answer> {
        if !stmt::parse(sql)?.takes_bind_rows() {
            return Err(SfError::unsupported(
                "array binding through a stage for other statements than INSERT … VALUES",
            ));
        }
        let (rows, guard) = stmt::stage::bound::rows(self, place, sql)?;
        self.q.bind_rows = Some(rows);
        let out = self.execute(sql);
        // In an explicit transaction, a statement that fails later makes this one run again.
        if let Some(tx) = &mut self.s.tx {
            tx.loads.push(guard);
        }
        out
    }

    /// Runs one statement with every set of binds, all or none: at once where it can, else one by one, the counts added up.
    fn execute_many(&mut self, sql: &str, sets: &[BTreeMap<String, Bind>]) -> SfResult<Answer> {
        if stmt::parse(sql)?.takes_bind_rows() {
            self.q.bind_rows = Some(stmt::dml::BindRows::new(sets)?);
            return self.execute(sql);
        }
        let own = self.s.tx.is_none();
        self.begin()?;
        let mut total: Option<Answer> = None;
        for set in sets {
            self.q.binds.clone_from(set);
            match self.execute(sql) {
                Ok(answer) => total = Some(total.map_or(answer.clone(), |t| t.plus(&answer))),
                Err(e) => {
                    if own {
                        self.rollback()?;
                    }
                    return Err(e);
                }
            }
        }
        if own {
            self.commit()?;
        }
        total.ok_or_else(|| SfError::internal("no binds"))
    }

    /// A statement's columns without running it.
    ///
    /// # Errors
    /// Snowflake's refusal.
    pub fn describe(&mut self, sql: &str) -> SfResult<Vec<Field>> {
        let sql = &inline(sql, &self.q.binds)?;
        let statement = stmt::parse(&named(sql, &|name| self.named_value(name))?)?;
        self.columns_of(statement.as_ref())
    }

    /// A parsed statement's columns without running it.
    ///
    /// # Errors
    /// Snowflake's refusal.
    pub fn columns_of(&mut self, statement: &dyn stmt::Statement) -> SfResult<Vec<Field>> {
        let out = statement.describe(self);
        // What binding has registered for a statement must not look like an open transaction.
        if self.s.tx.as_ref().is_some_and(|t| !t.explicit) {
            self.rollback()?;
        }
        out
    }

    /// The text that `$v` or `:v` (upper case) stands for: a session variable, a script's, a bound value.
    fn named_value(&self, name: &str) -> Option<String> {
        if let Some(session) = name.strip_prefix('$') {
            return self.s.vars.get(session)?.literal.clone();
        }
        let name = name.trim_start_matches(':');
        match self.s.script.iter().rev().find_map(|frame| frame.get(name)) {
            Some(value) => value.literal.clone(),
            None => self.q.binds.get(name)?.value.clone(),
        }
    }

    /// The catalog now.
    #[must_use]
    pub fn catalog(&self) -> Arc<Catalog> {
        self.engine.catalog()
    }

    /// Every role whose privileges count: primary and secondary roles with all that they inherit.
    #[must_use]
    pub fn roles(&self) -> RoleSet {
        access::session_roles(&self.engine.catalog(), self.s)
    }
}
