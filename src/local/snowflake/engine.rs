//! The engine: one DuckDB file, the catalog, the locks and the sessions.

use super::access;
use super::answer::Answer;
use super::catalog::{self, Catalog, Edit};
use super::clock::EngineClock;
use super::error::{SfError, SfResult};
use super::history::QueryHistory;
use super::load::{self, Loads};
use super::lock::Locks;
use super::notify::Outbox;
use super::pipe::{self, Pipes};
use super::scheduler::Tasks;
use super::session::{Login, Session};
use super::udf;
use crate::jobs::Clock;

use crate::local::s3::Store;
use duckdb::{Config, Connection};
use parking_lot::{Mutex, RwLock};
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many results are kept for RESULT_SCAN and for clients that come back for them.
const KEPT_RESULTS: usize = 200;
/// Above this many bytes of results the older ones go; the latest always stays.
const KEPT_BYTES: usize = 512 << 20;

/// What opening an engine needs.
pub struct Options {
    /// The embedded S3's objects, which stages read; `None` leaves external stages unreachable.
    pub objects: Option<Store>,
    /// The time, for CURRENT_TIMESTAMP and the scheduler.
    pub clock: Arc<dyn Clock>,
    /// Account name that clients log in to.
    pub account: String,
    /// First user's name and password: made at the first start, holds ACCOUNTADMIN.
    pub admin: (String, String),
}

/// The Snowflake-compatible engine. One per DuckDB file.
pub struct Engine {
    /// Every session's connection is cloned from this one.
    root: Mutex<Connection>,
    catalog: RwLock<Arc<Catalog>>,
    /// Held while the catalog changes: DDL is serial.
    ddl: Mutex<()>,
    /// Write locks on tables and streams, held until commit.
    pub locks: Locks,
    /// Latest committed version of each table store.
    versions: Mutex<HashMap<i64, i64>>,
    /// The embedded S3's objects.
    pub objects: Option<Store>,
    /// Where large results lie while they are kept.
    pub scratch: PathBuf,
    /// Staged files that statements are reading.
    pub loads: Loads,
    /// The time.
    pub clock: EngineClock,
    /// Account name, upper case.
    pub account: String,
    sessions: Mutex<BTreeMap<u64, Arc<Session>>>,
    next_session: AtomicU64,
    results: Mutex<Results>,
    /// Statements run lately.
    pub history: QueryHistory,
    /// Task runs, and orders to the scheduler.
    pub tasks: Tasks,
    /// Notifications.
    pub outbox: Outbox,
    /// What pipes have to load.
    pub pipes: Pipes,
}

#[derive(Default)]
struct Results {
    order: std::collections::VecDeque<String>,
    by_id: HashMap<String, (String, Arc<Answer>)>,
    bytes: usize,
}

impl Engine {
    /// Opens or makes the database file and everything that a new account has.
    ///
    /// # Errors
    /// DuckDB's, where the file cannot be opened; internal where its catalog cannot be read.
    pub fn open(file: Option<&Path>, options: Options) -> SfResult<Arc<Self>> {
        let config = Config::default()
            .enable_autoload_extension(false)?
            .with("autoinstall_known_extensions", "false")?
            .with("preserve_insertion_order", "true")?
            // Measured on keys, hashes and documents: writing takes a third of the time, files are 2.3 times as large.
            .with("disabled_compression_methods", "fsst,dict_fsst")?;
        let root = match file {
            Some(path) => Connection::open_with_flags(path, config)?,
            None => Connection::open_in_memory_with_flags(config)?,
        };
        catalog::create_tables(&root)?;
        udf::register(&root)?;
        let loads = Loads::default();
        load::register(&root, &loads)?;
        root.execute_batch("SET lock_configuration = true")?;
        let snapshot = catalog::load(&root)?;
        super::store::drop_orphans(&root, &snapshot)?;
        super::stmt::stage::directory::prepare(&root, &snapshot)?;
        pipe::memory::purge(&root, &snapshot, options.clock.now_ms())?;
        let versions = latest_versions(&root)?;
        let clock = EngineClock::load(options.clock, &root)?;
        let engine = Arc::new(Self {
            root: Mutex::new(root),
            catalog: RwLock::new(Arc::new(snapshot)),
            ddl: Mutex::new(()),
            locks: Locks::default(),
            versions: Mutex::new(versions),
            objects: options.objects,
            scratch: file.and_then(Path::parent).map_or_else(std::env::temp_dir, Path::to_path_buf),
            loads,
            clock,
            account: options.account.to_ascii_uppercase(),
            sessions: Mutex::new(BTreeMap::new()),
            next_session: AtomicU64::new(1),
            results: Mutex::new(Results::default()),
            history: QueryHistory::default(),
            tasks: Tasks::default(),
            outbox: Outbox::default(),
            pipes: Pipes::default(),
        });
        engine.tasks.history.load(&engine.root.lock(), engine.clock.now_ms())?;
        engine.tasks.alerts.load(&engine.root.lock(), engine.clock.now_ms())?;
        engine.outbox.load(&engine.root.lock(), engine.clock.now_ms())?;
        access::bootstrap(&engine, &options.admin)?;
        Ok(engine)
    }

    /// A connection of one's own.
    ///
    /// # Errors
    /// DuckDB's.
    pub fn connect(&self) -> SfResult<Connection> {
        Ok(self.root.lock().try_clone()?)
    }

    /// The catalog now.
    #[must_use]
    pub fn catalog(&self) -> Arc<Catalog> {
        self.catalog.read().clone()
    }

    /// Epoch microseconds on the engine's clock.
    #[must_use]
    pub fn now_us(&self) -> i64 {
        self.clock.now_ms().saturating_mul(1000)
    }

    /// Changes the catalog: `f` edits it and does the physical part on `conn`; all of it commits together or not at all.
    /// `conn` must have no open transaction.
    ///
    /// # Errors
    /// What `f` refuses; DuckDB's.
    pub fn ddl<T>(&self, conn: &Connection, f: impl FnOnce(&mut Edit, &Connection) -> SfResult<T>) -> SfResult<T> {
        let _serial = self.ddl.lock();
        let mut edit = Edit::new(&self.catalog());
        conn.execute_batch("BEGIN TRANSACTION")?;
        let done = f(&mut edit, conn).and_then(|out| {
            catalog::save(conn, &edit)?;
            conn.execute_batch("COMMIT")?;
            Ok(out)
        });
        match done {
            Ok(out) => {
                *self.catalog.write() = Arc::new(edit.finish());
                Ok(out)
            }
            Err(e) => {
                // The transaction may have ended by itself; what counts is that none is left open.
                let _ = conn.execute_batch("ROLLBACK");
                Err(e)
            }
        }
    }

    /// The latest committed version of a table store.
    #[must_use]
    pub fn latest_version(&self, store: i64) -> i64 {
        self.versions.lock().get(&store).copied().unwrap_or(0)
    }

    /// The latest committed version of every table store.
    #[must_use]
    pub fn latest_versions(&self) -> HashMap<i64, i64> {
        self.versions.lock().clone()
    }

    /// Notes versions that a transaction has just committed.
    pub fn publish_versions<'a>(&self, versions: impl IntoIterator<Item = (&'a i64, &'a i64)>) {
        let mut any = false;
        let mut latest = self.versions.lock();
        for (store, version) in versions {
            latest.insert(*store, *version);
            any = true;
        }
        drop(latest);
        if any {
            // A stream may have data now.
            self.tasks.desk.poke();
        }
    }

    /// Logs in.
    ///
    /// # Errors
    /// 390100 and friends for wrong credentials, 390189 for a role that is not granted.
    pub fn login(self: &Arc<Self>, login: &Login) -> SfResult<Arc<Session>> {
        let user = access::authenticate(self, login)?;
        let session = Session::open(self, &user, login)?;
        self.sessions.lock().insert(session.id, session.clone());
        Ok(session)
    }

    /// A session that the engine runs for itself (tasks, pipes, alerts): no password, a role and a schema.
    ///
    /// # Errors
    /// DuckDB's.
    pub fn internal_session(self: &Arc<Self>, role: &str, database: &str, schema: &str) -> SfResult<Arc<Session>> {
        Session::internal(self, role, database, schema)
    }

    /// The number for a new session.
    pub fn next_session_id(&self) -> u64 {
        self.next_session.fetch_add(1, Ordering::Relaxed) + self.clock.now_ms().unsigned_abs() * 1000
    }

    /// A session by number.
    #[must_use]
    pub fn session(&self, id: u64) -> Option<Arc<Session>> {
        self.sessions.lock().get(&id).cloned()
    }

    /// Every open session.
    #[must_use]
    pub fn sessions(&self) -> Vec<Arc<Session>> {
        self.sessions.lock().values().cloned().collect()
    }

    /// Forgets a session that has ended.
    pub fn forget(&self, id: u64) {
        self.sessions.lock().remove(&id);
    }

    /// Keeps a result for RESULT_SCAN and for clients that ask again.
    pub fn keep_result(&self, query_id: &str, user: &str, answer: Arc<Answer>) {
        let mut results = self.results.lock();
        results.bytes += answer.rows.cost();
        results.order.push_back(query_id.to_owned());
        results.by_id.insert(query_id.to_owned(), (user.to_owned(), answer));
        while results.order.len() > KEPT_RESULTS || (results.bytes > KEPT_BYTES && results.order.len() > 1) {
            let Some(old) = results.order.pop_front() else { break };
            if let Some((_, gone)) = results.by_id.remove(&old) {
                results.bytes -= gone.rows.cost().min(results.bytes);
            }
        }
    }

    /// A kept result: only its user may read it.
    ///
    /// # Errors
    /// 000709 where it is unknown, expired or another's.
    pub fn result(&self, query_id: &str, user: &str) -> SfResult<Arc<Answer>> {
        match self.results.lock().by_id.get(query_id) {
            Some((owner, answer)) if owner == user => Ok(answer.clone()),
            _ => Err(SfError::compile("000709", "02000", format!("Statement {query_id} not found"))),
        }
    }

    /// A new query id: 8-4-4-4-12 hex digits, the first two `01`, as Snowflake's.
    #[must_use]
    pub fn new_query_id(&self) -> String {
        let random = uuid::Uuid::new_v4().simple().to_string();
        let minutes = self.clock.now_ms() / 60_000;
        format!(
            "01{:06x}-{}-{}-{}-{}",
            minutes & 0xff_ffff,
            &random[..4],
            &random[4..8],
            &random[8..12],
            &random[12..24]
        )
    }
}

fn latest_versions(conn: &Connection) -> SfResult<HashMap<i64, i64>> {
    let mut statement = conn.prepare("SELECT store, max(version) FROM sd.table_version GROUP BY store")?;
    let rows = statement.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
