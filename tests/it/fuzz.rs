//! The SQL front end under statements that nobody would write: made from a grammar, and real ones with bytes changed.
//! Every answer is rows or an error of Snowflake's form; no panic, no hang. `SNOWDECK_FUZZ=100000` raises the count;
//! `SNOWDECK_FUZZ_SEED` starts elsewhere, `SNOWDECK_FUZZ_SHOW=1` prints what ends as an internal error (000603).

use rand::{RngExt, SeedableRng};
use rand_xoshiro::Xoshiro256PlusPlus as Rng;
use snowdeck::jobs::SystemClock;
use snowdeck::local::snowflake::engine::{Engine, Options};
use snowdeck::local::snowflake::session::{Login, Request, Session};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A statement that takes longer than this hangs.
const PATIENCE: Duration = Duration::from_mins(1);

struct Account {
    engine: Arc<Engine>,
    session: Arc<Session>,
    done: Arc<AtomicU64>,
}

impl Account {
    fn open() -> Self {
        let admin = ("ADMIN".to_owned(), "secret-for-tests".to_owned());
        let options =
            Options { objects: None, clock: Arc::new(SystemClock), account: "LOCAL".into(), admin: admin.clone() };
        let engine = Engine::open(None, options).unwrap();
        let login = Login { user: admin.0, password: Some(admin.1), ..Login::default() };
        let session = engine.login(&login).unwrap();
        let a = Self { engine, session, done: Arc::new(AtomicU64::new(0)) };
        a.watch();
        a.places();
        a
    }

    /// Makes what the statements name, again where they have dropped it.
    fn places(&self) {
        for sql in [
            "USE ROLE ACCOUNTADMIN",
            "USE SECONDARY ROLES NONE",
            "CREATE OR REPLACE DATABASE DB",
            "CREATE OR REPLACE SCHEMA DB.S",
            "CREATE OR REPLACE TABLE T (ID INT, K VARCHAR, V NUMBER(10,2), D DATE, TS TIMESTAMP_NTZ, J VARIANT)",
            "INSERT INTO T SELECT 1, 'a', 1.5, '2024-01-01', '2024-01-01 10:00:00', PARSE_JSON('{\"a\":[1,2]}')",
            "CREATE OR REPLACE VIEW W AS SELECT * FROM T",
            "CREATE OR REPLACE SEQUENCE SEQ",
        ] {
            let _ = self.execute(sql);
        }
    }

    /// Ends the process where a statement hangs: a test that waits for ever tells nothing.
    fn watch(&self) {
        let (done, session) = (self.done.clone(), self.session.clone());
        std::thread::spawn(move || {
            let mut seen = 0;
            loop {
                std::thread::sleep(PATIENCE);
                let now = done.load(Ordering::Relaxed);
                if now == u64::MAX {
                    return;
                }
                if now == seen && now % 2 == 1 {
                    eprintln!("a statement hangs: its text was printed last");
                    session.cancel();
                    std::thread::sleep(PATIENCE);
                    if done.load(Ordering::Relaxed) == now {
                        std::process::abort();
                    }
                }
                seen = now;
            }
        });
    }

    fn execute(&self, sql: &str) -> Result<usize, (String, String)> {
        let query_id = self.engine.new_query_id();
        let request = Request { query_id, sql: sql.to_owned(), ..Request::default() };
        self.done.fetch_add(1, Ordering::Relaxed);
        let out = catch_unwind(AssertUnwindSafe(|| self.session.execute(&request)));
        self.done.fetch_add(1, Ordering::Relaxed);
        let out = out.unwrap_or_else(|_| panic!("panic at\n{sql}"));
        out.map(|a| a.rows.len()).map_err(|e| (format!("{} {}", e.code, e.state), e.message))
    }

    /// Runs a statement and looks at the form of its error.
    fn survive(&self, sql: &str) {
        let started = std::time::Instant::now();
        if let Err((code, message)) = self.execute(sql) {
            let digits = code.len() == 12 && code.chars().take(6).all(|c| c.is_ascii_digit());
            assert!(digits && !message.is_empty(), "{code} {message}\n{sql}");
            // DuckDB's own failures mean that the binder let something through that it should have refused.
            if code.starts_with("000603") && std::env::var_os("SNOWDECK_FUZZ_SHOW").is_some() {
                println!("{message}\n    {sql}");
            }
            let inner = message.contains("INTERNAL Error") || message.contains("Parser Error");
            assert!(!inner, "{code} {message}\n{sql}");
        }
        assert!(started.elapsed() < PATIENCE, "{:?} for\n{sql}", started.elapsed());
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        self.done.store(u64::MAX, Ordering::Relaxed);
    }
}

fn count(usual: usize) -> usize {
    std::env::var("SNOWDECK_FUZZ").ok().and_then(|n| n.parse().ok()).unwrap_or(usual)
}

fn seed() -> u64 {
    std::env::var("SNOWDECK_FUZZ_SEED").ok().and_then(|n| n.parse().ok()).unwrap_or(20_240_101)
}

/// Writes statements from a grammar; `depth` bounds the nesting.
struct Writer {
    rng: Rng,
}

impl Writer {
    fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.rng.random_range(0..list.len())]
    }

    fn chance(&mut self, percent: u32) -> bool {
        self.rng.random_range(0..100) < percent
    }

    fn literal(&mut self) -> String {
        self.pick(&[
            "1",
            "0",
            "-7",
            "1.50",
            "1e300",
            "99999999999999999999999999999999999999",
            "NULL",
            "TRUE",
            "'a'",
            "''",
            "'2024-01-31'",
            "'it''s'",
            "'{\"a\":1}'",
            "'\\u00e9'",
            "'[1,null]'",
            "$$x$$",
            "X'00ff'",
            "'2024-02-30'",
            "DATE '2024-01-01'",
            "TIMESTAMP '2024-01-01 00:00:00'",
            "CURRENT_DATE",
            "CURRENT_TIMESTAMP()",
            "[1,'a']",
            "{'k': 1}",
            ":1",
            "?",
            "$1",
            "$nothing",
        ])
        .to_owned()
    }

    fn column(&mut self) -> &'static str {
        self.pick(&["ID", "K", "V", "D", "TS", "J", "J:a[0]", "J['a']", "T.ID", "X.K", "\"k\"", "NOPE", "*", "T.*"])
    }

    fn ty(&mut self) -> &'static str {
        self.pick(&[
            "INT",
            "NUMBER(10,2)",
            "NUMBER(38,37)",
            "FLOAT",
            "VARCHAR",
            "VARCHAR(2)",
            "BOOLEAN",
            "DATE",
            "TIME",
            "TIMESTAMP_NTZ",
            "TIMESTAMP_LTZ",
            "TIMESTAMP_TZ(3)",
            "VARIANT",
            "ARRAY",
            "OBJECT",
            "BINARY",
            "GEOGRAPHY",
        ])
    }

    fn expr(&mut self, depth: u32) -> String {
        if depth == 0 || self.chance(25) {
            return if self.chance(50) { self.literal() } else { self.column().to_owned() };
        }
        let d = depth - 1;
        match self.rng.random_range(0..16) {
            0..=2 => {
                let op = self.pick(&["+", "-", "*", "/", "%", "||", "=", "<>", "<", ">=", "AND", "OR"]);
                format!("{} {op} {}", self.expr(d), self.expr(d))
            }
            3 => format!("({})", self.expr(d)),
            4 => format!("{}::{}", self.expr(d), self.ty()),
            5 => format!("TRY_CAST({} AS {})", self.expr(d), self.ty()),
            6 => format!("CASE WHEN {} THEN {} ELSE {} END", self.expr(d), self.expr(d), self.expr(d)),
            7 => format!("{} IN ({}, {})", self.expr(d), self.expr(d), self.expr(d)),
            8 => format!("{} BETWEEN {} AND {}", self.expr(d), self.expr(d), self.expr(d)),
            9 => format!("{} IS {} NULL", self.expr(d), self.pick(&["", "NOT"])),
            10 => format!("{} {} {}", self.expr(d), self.pick(&["LIKE", "ILIKE", "RLIKE", "LIKE ANY"]), self.expr(d)),
            11 => format!("({})", self.query(d)),
            12 => format!("EXISTS ({})", self.query(d)),
            13 => format!(
                "{} {} INTERVAL '{}'",
                self.expr(d),
                self.pick(&["+", "-"]),
                self.pick(&["1 day", "2 h, 1 s", "x"])
            ),
            _ => self.call(d),
        }
    }

    fn call(&mut self, depth: u32) -> String {
        use snowdeck::local::snowflake::bind::{aggregate, functions};
        let all: Vec<&str> = functions::names()
            .chain(aggregate::names())
            .chain(functions::missing::MISSING.iter().copied())
            .filter(|n| *n != "SYSTEM$WAIT")
            .collect();
        let name = self.pick(&all);
        let n = self.rng.random_range(0..4);
        // A length must not come out as gigabytes.
        let large = matches!(name, "REPEAT" | "SPACE" | "LPAD" | "RPAD" | "RANDSTR" | "ARRAY_GENERATE_RANGE");
        let args: Vec<String> = (0..n)
            .map(|i| {
                if large && i > 0 {
                    "3".to_owned()
                } else if large {
                    "2".to_owned()
                } else {
                    self.expr(depth)
                }
            })
            .collect();
        let tail = match self.rng.random_range(0..12) {
            0 => " OVER ()",
            1 => " OVER (PARTITION BY K ORDER BY ID)",
            2 => " OVER (ORDER BY ID ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)",
            3 => " WITHIN GROUP (ORDER BY ID)",
            _ => "",
        };
        let distinct = if self.chance(10) { "DISTINCT " } else { "" };
        format!("{name}({distinct}{}){tail}", args.join(", "))
    }

    fn relation(&mut self, depth: u32) -> String {
        if depth == 0 || self.chance(50) {
            return self
                .pick(&[
                    "T",
                    "W",
                    "T AS X",
                    "DB.S.T",
                    "NOPE",
                    "INFORMATION_SCHEMA.TABLES",
                    "VALUES (1, 'a')",
                    "T SAMPLE (50)",
                ])
                .to_owned();
        }
        let d = depth - 1;
        match self.rng.random_range(0..9) {
            0 => format!("({}) X", self.query(d)),
            1 => format!("{} JOIN {} ON {}", self.relation(d), self.relation(d), self.expr(d)),
            2 => format!("{} LEFT JOIN {} USING (ID)", self.relation(d), self.relation(d)),
            3 => format!("{}, LATERAL FLATTEN(INPUT => {}) F", self.relation(d), self.expr(d)),
            4 => "TABLE(GENERATOR(ROWCOUNT => 3))".to_owned(),
            5 => format!("TABLE(SPLIT_TO_TABLE({}, ','))", self.expr(d)),
            6 => format!("{} PIVOT(SUM(V) FOR K IN ({}, 'b'))", self.relation(0), self.literal()),
            7 => format!("{} UNPIVOT(N FOR M IN (ID, V))", self.relation(0)),
            _ => format!("{} ASOF JOIN T Y MATCH_CONDITION ({} >= Y.D)", self.relation(0), self.expr(d)),
        }
    }

    fn query(&mut self, depth: u32) -> String {
        let d = depth.saturating_sub(1);
        let mut sql = format!("SELECT {}", self.pick(&["", "DISTINCT ", "TOP 2 "]));
        let n = self.rng.random_range(1..4);
        let items: Vec<String> = (0..n)
            .map(|i| {
                let e = self.expr(d);
                if self.chance(40) { format!("{e} AS A{i}") } else { e }
            })
            .collect();
        sql.push_str(&items.join(", "));
        if self.chance(85) {
            sql = format!("{sql} FROM {}", self.relation(d));
        }
        for (word, percent) in [("WHERE", 30), ("GROUP BY", 20), ("HAVING", 8), ("QUALIFY", 10), ("ORDER BY", 25)] {
            if self.chance(percent) {
                sql = format!("{sql} {word} {}", self.expr(d));
            }
        }
        if self.chance(20) {
            sql = format!("{sql} LIMIT 3");
        }
        if depth > 0 && self.chance(12) {
            let op = self.pick(&["UNION ALL", "UNION", "INTERSECT", "MINUS", "UNION ALL BY NAME"]);
            sql = format!("{sql} {op} {}", self.query(d));
        }
        if depth > 1 && self.chance(8) {
            sql = format!("WITH C AS ({}) {sql}", self.query(d));
        }
        sql
    }

    fn statement(&mut self) -> String {
        match self.rng.random_range(0..24) {
            0..=11 => self.query(3),
            12 => format!("INSERT INTO T (ID, K) {}", self.query(2)),
            13 => format!(
                "INSERT INTO T VALUES ({}, {}, {}, {}, {}, {})",
                self.literal(),
                self.literal(),
                self.literal(),
                self.literal(),
                self.literal(),
                self.literal()
            ),
            14 => format!("UPDATE T SET K = {} WHERE {}", self.expr(2), self.expr(2)),
            15 => format!("DELETE FROM T WHERE {}", self.expr(2)),
            16 => format!(
                "MERGE INTO T USING ({}) X ON {} WHEN MATCHED THEN UPDATE SET V = {}",
                self.query(1),
                self.expr(1),
                self.expr(1)
            ),
            17 => format!("CREATE OR REPLACE TABLE N1 AS {}", self.query(2)),
            18 => format!("CREATE OR REPLACE TABLE N2 (A {} DEFAULT {}, B {})", self.ty(), self.expr(1), self.ty()),
            19 => format!("CREATE OR REPLACE VIEW N3 AS {}", self.query(2)),
            20 => format!(
                "CREATE OR REPLACE FUNCTION N4(A {}) RETURNS {} AS '{}'",
                self.ty(),
                self.ty(),
                self.expr(1).replace('\'', "''")
            ),
            21 => format!(
                "SHOW {} {}",
                self.pick(&["TABLES", "VIEWS", "COLUMNS", "OBJECTS", "GRANTS", "LOCKS", "X"]),
                self.pick(&["", "LIKE '%'", "IN ACCOUNT", "IN DATABASE DB", "LIMIT 1"])
            ),
            22 => format!(
                "DESCRIBE {} {}",
                self.pick(&["TABLE", "VIEW", "SCHEMA", "STAGE", "RESULT"]),
                self.pick(&["T", "W", "DB.S", "NOPE"])
            ),
            _ => format!("EXECUTE IMMEDIATE $$ BEGIN LET X := {}; RETURN X; END $$", self.expr(2)),
        }
    }
}

#[test]
fn statements_from_a_grammar() {
    let account = Account::open();
    let mut writer = Writer { rng: Rng::seed_from_u64(seed()) };
    for i in 0..count(400) {
        account.survive(&writer.statement());
        if i % 200 == 199 {
            account.places();
        }
    }
}

/// Statements of the pipeline and of the compatibility page.
fn corpus() -> Vec<String> {
    fn walk(dir: &Path, out: &mut Vec<String>) {
        let mut paths: Vec<_> = std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            if path.is_dir() {
                walk(&path, out);
            } else if path.extension().is_some_and(|e| e == "sql") {
                let text = std::fs::read_to_string(&path).unwrap();
                out.extend(snowdeck::local::snowflake::sql::split::statements(&text).unwrap());
            }
        }
    }
    let mut out = Vec::new();
    walk(&Path::new(env!("CARGO_MANIFEST_DIR")).join("sql"), &mut out);
    let probes: toml::Table = toml::from_str(include_str!("../compat/probes.toml")).unwrap();
    for section in probes["section"].as_array().unwrap() {
        for probe in section["probes"].as_array().unwrap() {
            out.push(probe[1].as_str().unwrap().to_owned());
        }
    }
    out
}

#[test]
fn real_statements_with_bytes_changed() {
    let account = Account::open();
    let corpus = corpus();
    assert!(corpus.len() > 100, "{} statements", corpus.len());
    let mut rng = Rng::seed_from_u64(seed() + 1);
    for i in 0..count(400) {
        let mut bytes = corpus[rng.random_range(0..corpus.len())].clone().into_bytes();
        for _ in 0..rng.random_range(1..4) {
            if bytes.is_empty() {
                break;
            }
            let at = rng.random_range(0..bytes.len());
            match rng.random_range(0..5) {
                0 => {
                    bytes.remove(at);
                }
                1 => bytes[at] = b"'\"();,.$@:\\-/*=<>0Az\n"[rng.random_range(0..21)],
                2 => bytes.insert(at, b"'\"();,.$@:"[rng.random_range(0..10)]),
                3 => bytes.truncate(at),
                _ => {
                    let end = (at + rng.random_range(1..12)).min(bytes.len());
                    let piece = bytes[at..end].to_vec();
                    let to = rng.random_range(0..=bytes.len());
                    bytes.splice(to..to, piece);
                }
            }
        }
        let sql = String::from_utf8_lossy(&bytes).into_owned();
        // What waits on purpose or changes who asks is no subject here.
        if !sql.to_ascii_uppercase().contains("SYSTEM$WAIT") {
            account.survive(&sql);
        }
        if i % 100 == 99 {
            account.places();
        }
    }
}

#[test]
fn deep_and_long_statements_are_answered() {
    let account = Account::open();
    for n in [40, 400, 20_000] {
        for (open, inner, close) in [
            ("(", "1", ")"),
            ("ABS(", "1", ")"),
            ("NOT ", "TRUE", ""),
            ("- ", "1", ""),
            ("CASE WHEN TRUE THEN ", "1", " END"),
            ("(SELECT ", "1", ")"),
            ("[", "1", "]"),
            ("{'a':", "1", "}"),
            ("1 + ", "1", ""),
            ("1 || ", "1", ""),
            ("TRUE AND ", "TRUE", ""),
            ("1 = 1 OR ", "TRUE", ""),
            ("'a' || ", "'b'", ""),
            ("CAST(", "1", " AS INT)"),
            ("SELECT 1 UNION ALL ", "SELECT 1", ""),
        ] {
            let body = format!("{}{inner}{}", open.repeat(n), close.repeat(n));
            let sql = if body.starts_with("SELECT") { body } else { format!("SELECT {body}") };
            account.survive(&sql);
        }
        let from = format!("SELECT * FROM {}(SELECT 1){}", "(SELECT * FROM ".repeat(n), ")".repeat(n));
        account.survive(&from);
        account.survive(&format!("EXECUTE IMMEDIATE $$ {} RETURN 1; {} $$", "BEGIN ".repeat(n), "END; ".repeat(n)));
        account.survive(&format!("SELECT PARSE_JSON('{}{}')", "[".repeat(n), "]".repeat(n)));
        account.survive(&format!("SELECT 1{}", ", 1".repeat(n.min(1_000))));
    }
    // Chains as pipelines write them run.
    let hash = format!("SELECT SHA1({})", vec!["COALESCE('x', '')"; 600].join(" || '|' || "));
    assert_eq!(account.execute(&hash), Ok(1));
    let list = vec!["ID = 1"; 900].join(" OR ");
    assert_eq!(account.execute(&format!("SELECT COUNT(*) FROM T WHERE {list}")), Ok(1));
}
