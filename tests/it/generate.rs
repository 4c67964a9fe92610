//! The generated data, read back with code of its own.

use serde_json::Value;
use snowdeck::domain::{Dataset, GenerateSpec, Generated, Shape};
use snowdeck::jobs::generate::recount::Recount;
use snowdeck::jobs::generate::{Compression, Destination, Format, LedgerFile, Options, local_path, run, run_with};
use snowdeck::jobs::{Context, JobError, Progress, Sink};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn spec(customers: u64, from: &str, to: &str) -> GenerateSpec {
    GenerateSpec { customers, from: from.into(), to: to.into(), ..GenerateSpec::default() }
}

async fn into_folder(spec: &GenerateSpec, threads: usize) -> (tempfile::TempDir, Generated) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = Destination::Directory(folder.path().to_owned());
    let made = run(&Context::silent(), spec, out, threads).await.expect("generated");
    (folder, made)
}

/// Every file below a folder with its bytes.
fn files(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    fn walk(folder: &Path, root: &Path, found: &mut BTreeMap<PathBuf, Vec<u8>>) {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                walk(&path, root, found);
            } else {
                let bytes = std::fs::read(&path).expect("a file");
                found.insert(path.strip_prefix(root).expect("below the root").to_owned(), bytes);
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(root, root, &mut found);
    found
}

fn transactions(root: &Path) -> Vec<(String, Value)> {
    let all = files(root);
    let days = all.iter().filter_map(|(path, bytes)| {
        let day = path.to_str()?.strip_prefix("transactions/d=")?.strip_suffix("/transactions.json")?;
        Some((day.to_owned(), bytes))
    });
    days.flat_map(|(day, bytes)| {
        let text = std::str::from_utf8(bytes).expect("UTF-8");
        assert!(text.is_empty() || text.ends_with('\n'));
        text.lines().map(|l| (day.clone(), serde_json::from_str(l).expect(l))).collect::<Vec<_>>()
    })
    .collect()
}

#[tokio::test]
async fn same_bytes_for_any_number_of_threads_and_any_destination() {
    for (customers, from, shape) in [
        (137, "2018-12-01", Shape::Starter),
        (137, "2018-12-01", Shape::Extended),
        (40_000, "2018-12-10", Shape::Starter),
    ] {
        let spec = GenerateSpec { shape, ..spec(customers, from, "2018-12-31") };
        let (one, made) = into_folder(&spec, 1).await;
        let expected = files(one.path());
        assert_eq!(made.files, expected.len() as u64);
        assert_eq!(made.bytes, expected.values().map(|b| b.len() as u64).sum::<u64>());
        for threads in [2, 7] {
            let (other, same) = into_folder(&spec, threads).await;
            assert_eq!(same, made);
            assert!(files(other.path()) == expected, "{threads} threads, {customers} customers");
        }
        for dataset in Dataset::ALL {
            let mut file = tempfile::tempfile().expect("a file");
            let writer = Box::new(file.try_clone().expect("a handle"));
            run(&Context::silent(), &spec, Destination::Writer { dataset, writer }, 3).await.expect("written");
            std::io::Seek::rewind(&mut file).expect("rewound");
            let mut bytes = Vec::new();
            std::io::Read::read_to_end(&mut file, &mut bytes).expect("read");
            let whole: Vec<u8> = expected
                .iter()
                .filter(|(p, _)| p.starts_with(dataset.name()) || p.as_os_str() == local_path(dataset, None).as_str())
                .flat_map(|(_, b)| b.clone())
                .collect();
            assert!(bytes == whole, "{dataset:?} to a writer");
        }
        assert_eq!(run(&Context::silent(), &spec, Destination::Null, 2).await.expect("made"), made);
    }
}

#[tokio::test]
async fn seeds_differ_and_months_differ() {
    let (a, _) = into_folder(&spec(137, "2018-12-01", "2018-12-31"), 2).await;
    let (b, _) = into_folder(&GenerateSpec { seed: 43, ..spec(137, "2018-12-01", "2018-12-31") }, 2).await;
    assert_ne!(files(a.path()), files(b.path()));
    let (january, _) = into_folder(&spec(137, "2018-01-01", "2018-01-31"), 2).await;
    let of = |root: &Path, day: &str| -> Vec<Value> {
        transactions(root).into_iter().filter(|(d, _)| d == day).map(|(_, t)| t["customer_id"].clone()).collect()
    };
    assert_ne!(of(a.path(), "2018-12-01"), of(january.path(), "2018-01-01"));
}

#[tokio::test]
async fn the_starter_files_are_as_promised() {
    let (folder, made) = into_folder(&GenerateSpec::default(), 2).await;
    let text = |name: &str| std::fs::read_to_string(folder.path().join(name)).expect("a file");
    let customers = text("customers.csv");
    let mut lines = customers.lines();
    assert_eq!(lines.next(), Some("customer_id,loyalty_score"));
    for (i, line) in (1..).zip(lines) {
        let (id, score) = line.split_once(',').expect("two values");
        assert_eq!(id, format!("C{i}"));
        assert!((1..=10).contains(&score.parse::<u32>().expect("a number")));
    }
    let mut categories: HashMap<String, u32> = HashMap::new();
    let products = text("products.csv");
    assert_eq!(products.lines().next(), Some("product_id,product_description,product_category"));
    for (i, line) in (1..).zip(products.lines().skip(1)) {
        let values: Vec<_> = line.split(',').collect();
        assert_eq!((values.len(), values[0]), (3, format!("P{i:02}").as_str()));
        *categories.entry(values[2].into()).or_default() += 1;
    }
    let expected = [("house", 12), ("clothes", 9), ("fruit_veg", 13), ("sweets", 6), ("food", 20), ("bws", 4)];
    assert_eq!(categories, expected.map(|(name, n)| (name.to_owned(), n)).into());
    assert_eq!((made.customers, made.products, made.files), (137, 64, 33));

    let count = Recount::folder(folder.path()).expect("counted");
    assert_eq!(
        (count.customers, count.products, count.transactions, count.lines),
        (137, 64, made.transactions, made.lines)
    );
    assert_eq!((count.files, count.bytes, count.malformed, count.misfiled), (33, made.bytes, 0, 0));
    assert_eq!((count.unknown_customers(), count.unknown_products()), (0, 0));
}

#[tokio::test]
async fn transactions_keep_the_starter_rules() {
    let (folder, made) = into_folder(&spec(4_000, "2018-12-01", "2018-12-31"), 2).await;
    let products = std::fs::read_to_string(folder.path().join("products.csv")).expect("products");
    let category: HashMap<&str, &str> =
        products.lines().skip(1).filter_map(|l| Some((l.split(',').next()?, l.rsplit(',').next()?))).collect();
    let mut days_of: HashMap<String, HashSet<String>> = HashMap::new();
    let mut categories_of: HashMap<String, HashSet<&str>> = HashMap::new();
    let (mut by_category, mut sizes, mut repeated) = (HashMap::<&str, u64>::new(), [0_u64; 4], 0);
    let (mut first, mut last, mut low, mut high) = (String::from("24"), String::new(), u64::MAX, 0);
    let all = transactions(folder.path());
    for (day, row) in &all {
        let keys: Vec<_> = row.as_object().expect("an object").keys().map(String::as_str).collect();
        assert_eq!(keys, ["customer_id", "basket", "date_of_purchase"]);
        let customer = row["customer_id"].as_str().expect("an id");
        assert!(days_of.entry(customer.into()).or_default().insert(day.clone()), "{customer} shops once on {day}");
        let (date, time) = row["date_of_purchase"].as_str().and_then(|d| d.split_once(' ')).expect("a time");
        assert_eq!(date, day);
        assert!(time.len() == 8 && time.ends_with(":00"), "{time}");
        first = first.min(time.into());
        last = last.max(time.into());
        let basket = row["basket"].as_array().expect("a basket");
        sizes[basket.len()] += 1;
        let ids: HashSet<_> = basket.iter().map(|i| i["product_id"].as_str().expect("an id")).collect();
        repeated += u64::from(ids.len() < basket.len());
        let kinds: HashSet<_> = ids.iter().map(|id| category[id]).collect();
        assert_eq!(kinds.len(), 1, "a basket is of one category");
        let kind = kinds.into_iter().next().expect("one");
        *by_category.entry(kind).or_default() += 1;
        categories_of.entry(customer.into()).or_default().insert(kind);
        for item in basket {
            let price = item["price"].as_u64().expect("a whole number");
            (low, high) = (low.min(price), high.max(price));
        }
    }
    assert_eq!(all.len() as u64, made.transactions);
    assert_eq!((low, high), (1, 2000));
    assert_eq!((first.as_str(), last.as_str()), ("02:48:00", "23:59:00"));
    assert!(sizes[0] == 0 && sizes[1..].iter().all(|n| *n > made.transactions * 31 / 100), "{sizes:?}");
    assert!(repeated > 0, "items are drawn with replacement");
    assert_eq!(days_of.len(), 4_000, "in a month everybody shops");

    let mut numbers = BTreeMap::<usize, u32>::new();
    for days in days_of.values() {
        *numbers.entry(days.len()).or_default() += 1;
    }
    assert_eq!(numbers.keys().copied().collect::<Vec<_>>(), [2, 3, 4, 6, 7, 10]);
    assert!(numbers.values().all(|n| (560..780).contains(n)), "{numbers:?}");
    assert!(categories_of.values().all(|c| c.len() <= 6));
    // The bag has 100 entries, so its entries are per cent.
    for (name, bag) in
        [("house", 15.0), ("clothes", 5.0), ("fruit_veg", 25.0), ("sweets", 20.0), ("food", 25.0), ("bws", 10.0)]
    {
        let share = 100.0 * by_category[name] as f64 / made.transactions as f64;
        assert!((share - bag).abs() < bag * 0.15, "{name}: {share:.1} %");
    }
}

#[tokio::test]
async fn all_days_are_equally_busy() {
    let (folder, made) = into_folder(&spec(20_000, "2018-12-01", "2018-12-31"), 2).await;
    let count = Recount::folder(folder.path()).expect("counted");
    assert_eq!(count.days.len(), 31);
    let mean = made.transactions as f64 / 31.0;
    let chi2: f64 = count.days.values().map(|d| (d.transactions as f64 - mean).powi(2) / mean).sum();
    // 30 degrees of freedom: beyond 60 once in a thousand; below 8 it would be too even to be drawn.
    assert!((8.0..60.0).contains(&chi2), "{chi2}");
}

#[tokio::test]
async fn a_day_without_purchases_has_an_empty_file() {
    let (folder, made) = into_folder(&spec(1, "2018-12-01", "2018-12-31"), 2).await;
    let days: Vec<_> = files(folder.path()).into_iter().filter(|(p, _)| p.starts_with("transactions")).collect();
    assert_eq!(days.len(), 31);
    let empty = days.iter().filter(|(_, bytes)| bytes.is_empty()).count() as u64;
    assert!(made.transactions >= 2);
    assert_eq!(empty, 31 - made.transactions);

    let (folder, made) = into_folder(&spec(50, "2018-12-01", "2018-12-02"), 2).await;
    assert_eq!((made.customers, made.transactions, made.files), (50, 0, 4));
    assert!(
        std::fs::read(folder.path().join("transactions/d=2018-12-02/transactions.json")).expect("a file").is_empty()
    );
}

#[tokio::test]
async fn the_extended_shape_adds_columns_and_changes_none() {
    let starter = spec(300, "2018-12-01", "2018-12-31");
    let (plain, _) = into_folder(&starter, 2).await;
    let (more, made) = into_folder(&GenerateSpec { shape: Shape::Extended, ..starter }, 2).await;
    assert_eq!((made.customers, made.products), (300, 64));
    for (name, columns, kept) in [
        ("customers.csv", "customer_id,loyalty_score,name,email,birth_date,city,joined_on", 2),
        ("products.csv", "product_id,product_description,product_category,brand,unit,list_price", 3),
    ] {
        let rows = |root: &Path| -> Vec<csv::StringRecord> {
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_path(root.join(name)).expect(name);
            reader.records().map(|r| r.expect("a row")).collect()
        };
        let (before, after) = (rows(plain.path()), rows(more.path()));
        assert_eq!(after[0].iter().collect::<Vec<_>>().join(","), columns);
        assert_eq!(before.len(), after.len());
        for (before, after) in before.iter().zip(&after) {
            assert!(before.iter().eq(after.iter().take(kept)));
            assert!(after.iter().all(|value| !value.is_empty()), "{after:?}");
        }
    }
    let of = |root: &Path| files(root).into_iter().filter(|(p, _)| p.starts_with("transactions")).collect::<Vec<_>>();
    assert_eq!(of(plain.path()), of(more.path()));
    assert_eq!(Recount::folder(more.path()).expect("counted").malformed, 0);
}

/// Cancels as soon as some transactions are there.
struct CancelOnProgress(tokio_util::sync::CancellationToken);

impl Sink for CancelOnProgress {
    fn event(&self, _event: snowdeck::jobs::Event) {}
    fn progress(&self, progress: Progress) {
        if progress.done > 0 {
            self.0.cancel();
        }
    }
}

#[tokio::test]
async fn cancelling_leaves_no_half_file() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    // More than can be made before the first report, and more days than are open side by side.
    let spec = spec(500_000, "2018-01-01", "2018-12-31");
    let mut ctx = Context::silent();
    ctx.sink = Arc::new(CancelOnProgress(ctx.cancel.clone()));
    let ended = run(&ctx, &spec, Destination::Directory(folder.path().to_owned()), 2).await;
    assert!(matches!(ended, Err(JobError::Cancelled)), "{ended:?}");
    let left = files(folder.path());
    assert!(left.contains_key(Path::new("customers.csv")), "what was whole stays");
    assert!(left.keys().all(|p| !p.to_string_lossy().contains(".part")), "{:?}", left.keys());
    let customers = left[Path::new("customers.csv")].split(|b| *b == b'\n').count() - 1;
    assert_eq!(customers, 500_001);
    assert!(left.keys().all(|p| !p.starts_with("transactions")), "no day was whole yet: {:?}", left.keys());
}

/// Takes some bytes, then is full.
struct FullDisk(usize);

impl Write for FullDisk {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0 == 0 {
            return Err(std::io::ErrorKind::StorageFull.into());
        }
        let taken = bytes.len().min(self.0);
        self.0 -= taken;
        Ok(taken)
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn errors_say_where() {
    let writer = Box::new(FullDisk(1 << 20));
    let out = Destination::Writer { dataset: Dataset::Transactions, writer };
    let error = run(&Context::silent(), &spec(500_000, "2018-12-01", "2018-12-31"), out, 4).await.expect_err("full");
    assert!(
        matches!(&error, JobError::File { path, source } if path == "standard output" && source.kind() == std::io::ErrorKind::StorageFull),
        "{error}"
    );

    let file = tempfile::NamedTempFile::new().expect("a file");
    let out = Destination::Directory(file.path().join("below"));
    let error = run(&Context::silent(), &GenerateSpec::default(), out, 2).await.expect_err("not a folder");
    assert!(error.to_string().contains(&*file.path().to_string_lossy()), "{error}");

    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = Destination::Directory(folder.path().join("new"));
    let error = run(&Context::silent(), &spec(1, "2018-12-31", "2018-12-01"), out, 2).await.expect_err("swapped");
    assert!(matches!(error, JobError::Usage(_)));
    assert!(!folder.path().join("new").exists(), "a refused run touches nothing");
}

/// To the embedded S3 endpoint, through the client that is used for the real service.
#[cfg(feature = "local")]
#[tokio::test(flavor = "multi_thread")]
async fn objects_in_a_bucket_hold_the_same_bytes() {
    use snowdeck::clients::s3::{Keys, S3Store, S3Target};
    use snowdeck::jobs::ports::ObjectStore;
    use snowdeck::local::s3::{S3Config, S3Server};

    let home = tempfile::tempdir().expect("a temporary folder");
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
    let (access_key, secret_key, region) =
        ("generator".to_owned(), "not-a-secret".to_owned(), "ap-southeast-1".to_owned());
    let config = S3Config { access_key: access_key.clone(), secret_key: secret_key.clone(), region: region.clone() };
    let server = S3Server::start(home.path(), listener, config).expect("served");
    let target = S3Target {
        bucket: "convex-insurance".into(),
        region: Some(region),
        endpoint: Some(endpoint),
        keys: Some(Keys { access_key, secret_key, session_token: None }),
        ..S3Target::default()
    };
    let store = Arc::new(S3Store::connect(target, None).await);
    store.ensure_bucket().await.expect("a bucket");

    // The customers' file is larger than what is gathered in memory, the days' files are not.
    let spec = spec(1_000_000, "2018-12-30", "2018-12-31");
    let layout = |_: Dataset, path: &str| format!("convex-{path}");
    let out = Destination::Store { store: store.clone(), key: Box::new(layout) };
    let made = run(&Context::silent(), &spec, out, 3).await.expect("generated");
    let more = GenerateSpec { customers: 5_000, from: "2018-12-01".into(), ..spec.clone() };
    for spec in [&spec, &more] {
        let (folder, expected) = into_folder(spec, 2).await;
        if spec.customers == 1_000_000 {
            assert_eq!(made, expected);
        } else {
            let out = Destination::Store { store: store.clone(), key: Box::new(layout) };
            assert_eq!(run(&Context::silent(), spec, out, 2).await.expect("generated"), expected);
        }
        for (path, bytes) in files(folder.path()) {
            let key = format!("convex-{}", path.display());
            let stored = store.get(&key, None).await.expect("an object");
            assert!(stored == bytes, "{key}: {} bytes stored, {} expected", stored.len(), bytes.len());
        }
    }

    // A bucket that is not there: the store's refusal, not a hang.
    let out = Destination::Store { store: Arc::new(store.with_bucket("no-such-bucket")), key: Box::new(layout) };
    let error = run(&Context::silent(), &more, out, 2).await.expect_err("refused");
    assert!(matches!(&error, JobError::Store(e) if e.code == "NoSuchBucket"), "{error}");
    drop(server);
}

fn with(model: snowdeck::jobs::generate::Model) -> Options {
    Options { model, threads: 2, ..Options::default() }
}

async fn folder_with(spec: &GenerateSpec, options: &Options) -> (tempfile::TempDir, Generated) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = Destination::Directory(folder.path().to_owned());
    let made = run_with(&Context::silent(), spec, options, out, None).await.expect("generated");
    (folder, made)
}

/// The lines of all files below `prefix`, sorted, without headers.
fn lines(root: &Path, prefix: &str) -> Vec<String> {
    let mut all: Vec<String> = files(root)
        .into_iter()
        .filter(|(path, _)| path.starts_with(prefix) || path.as_os_str() == format!("{prefix}.csv").as_str())
        .flat_map(|(_, bytes)| String::from_utf8(bytes).expect("UTF-8").lines().map(str::to_owned).collect::<Vec<_>>())
        .filter(|line| !line.starts_with("customer_id,") && !line.starts_with("product_id,"))
        .collect();
    all.sort_unstable();
    all
}

#[tokio::test]
async fn shards_together_hold_the_rows_of_the_whole() {
    for (preset, customers) in [("starter", 5_000), ("retail", 3_000), ("starter", 2)] {
        let spec = spec(customers, "2018-12-01", "2018-12-20");
        let options = with(snowdeck::jobs::generate::preset(preset).expect("a preset"));
        let (whole, made) = folder_with(&spec, &options).await;
        let parts = tempfile::tempdir().expect("a temporary folder");
        let mut sum = 0;
        for part in ["1/3", "2/3", "3/3"] {
            let options = Options { shard: part.parse().expect("a shard"), ..options.clone() };
            let out = Destination::Directory(parts.path().to_owned());
            sum += run_with(&Context::silent(), &spec, &options, out, None).await.expect("generated").transactions;
        }
        assert_eq!(sum, made.transactions);
        for set in ["customers", "products", "transactions"] {
            assert!(lines(whole.path(), set) == lines(parts.path(), set), "{set} of {preset}");
        }
        assert!(parts.path().join("transactions/d=2018-12-05/transactions-2-of-3.json").exists());
        assert!(parts.path().join("customers/customers-3-of-3.csv").exists());
    }
}

#[tokio::test]
async fn compressed_files_hold_the_same_text() {
    let spec = spec(40_000, "2018-12-20", "2018-12-31");
    let (plain, made) = folder_with(&spec, &Options::default()).await;
    for (compression, extension) in [(Compression::Gzip, "gz"), (Compression::Zstd, "zst")] {
        let options = Options { compression, threads: 2, ..Options::default() };
        let (packed, same) = folder_with(&spec, &options).await;
        assert_eq!((same.transactions, same.lines, same.files), (made.transactions, made.lines, made.files));
        assert!(same.bytes * 2 < made.bytes, "{} {}", same.bytes, made.bytes);
        let (one, _) = folder_with(&spec, &Options { threads: 1, ..options }).await;
        assert!(files(one.path()) == files(packed.path()), "the number of threads changes a byte");
        for (path, text) in files(plain.path()).into_iter().filter(|(p, _)| p.starts_with("transactions")) {
            let path = packed.path().join(format!("{}.{extension}", path.display()));
            let file = std::fs::File::open(&path).expect("a file");
            let mut read = Vec::new();
            if extension == "gz" {
                std::io::Read::read_to_end(&mut flate2::read::MultiGzDecoder::new(file), &mut read).expect("gzip");
            } else {
                zstd::stream::copy_decode(file, &mut read).expect("zstd");
            }
            assert!(read == text, "{}", path.display());
        }
    }
}

#[tokio::test]
async fn csv_has_the_same_lines() {
    let spec = spec(500, "2018-12-01", "2018-12-31");
    let (json, made) = folder_with(&spec, &Options::default()).await;
    let (table, same) = folder_with(&spec, &Options { format: Format::Csv, ..Options::default() }).await;
    assert_eq!((same.transactions, same.lines), (made.transactions, made.lines));
    let mut expected = Vec::new();
    for (_, row) in transactions(json.path()) {
        for (line, item) in (1..).zip(row["basket"].as_array().expect("a basket")) {
            let text = |v: &Value| v.as_str().expect("a text").to_owned();
            let (who, when) = (text(&row["customer_id"]), text(&row["date_of_purchase"]));
            expected.push(format!("{who},{when},{line},{},{}", text(&item["product_id"]), item["price"]));
        }
    }
    expected.sort_unstable();
    assert!(lines(table.path(), "transactions") == expected);
}

/// Read by another implementation of the format.
#[cfg(feature = "local")]
#[tokio::test]
async fn parquet_holds_the_same_rows() {
    let spec = spec(150_000, "2018-12-20", "2018-12-21");
    let spec = GenerateSpec { from: "2018-12-05".into(), customers: spec.customers / 10, ..spec };
    let (json, made) = folder_with(&spec, &Options::default()).await;
    let database = duckdb::Connection::open_in_memory().expect("DuckDB");
    for compression in [Compression::None, Compression::Gzip, Compression::Zstd] {
        let options = Options { format: Format::Parquet, compression, threads: 2, ..Options::default() };
        let (parquet, same) = folder_with(&spec, &options).await;
        assert_eq!((same.transactions, same.lines), (made.transactions, made.lines));
        let sql = format!(
            "WITH p AS (FROM read_parquet('{0}/transactions/*/*.parquet', hive_partitioning = false)),
                  j AS (SELECT customer_id, basket, date_of_purchase::TIMESTAMP AS date_of_purchase
                        FROM read_json('{1}/transactions/*/*.json', hive_partitioning = false, columns =
                             {{customer_id: 'VARCHAR', basket: 'STRUCT(product_id VARCHAR, price INTEGER)[]',
                               date_of_purchase: 'VARCHAR'}}))
             SELECT (SELECT count(*) FROM p), (SELECT count(*) FROM (FROM p EXCEPT ALL FROM j)),
                    (SELECT count(*) FROM (FROM j EXCEPT ALL FROM p)), (SELECT any_value(typeof(date_of_purchase)) FROM p)",
            parquet.path().display(),
            json.path().display(),
        );
        let found: (u64, u64, u64, String) =
            database.query_row(&sql, [], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?))).expect("read");
        assert_eq!(found, (made.transactions, 0, 0, "TIMESTAMP".to_owned()), "{compression:?}");
    }
}

#[tokio::test]
async fn a_model_gives_the_same_bytes_for_any_number_of_threads() {
    let spec = spec(20_000, "2018-12-01", "2018-12-31");
    let mut model = snowdeck::jobs::generate::preset("retail").expect("a preset");
    model.faults.add("all=0.02").expect("rates");
    let (one, made) = folder_with(&spec, &Options { threads: 1, ..with(model.clone()) }).await;
    let (several, same) = folder_with(&spec, &Options { threads: 5, ..with(model) }).await;
    assert_eq!(made, same);
    assert!(files(one.path()) == files(several.path()));
    assert!(made.files > 33 + 30, "corrections are there too: {}", made.files);
}

/// Where there is no Python, the ledger cannot be compared; the test says so.
#[tokio::test]
async fn the_ledger_names_every_fault_and_no_other() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/recount_faults.py");
    if std::process::Command::new("python3").arg("--version").output().is_err() {
        println!("LEFT OUT: there is no python3");
        return;
    }
    let mut kinds = HashSet::new();
    for (seed, preset, rates) in [
        (1, "starter", "all=0.06"),
        (2, "starter", "malformed=0.3,late_file=0.2,truncated_file=0.4,clock_skew=0.05"),
        (3, "retail", "all=0.05"),
        (4, "starter", "duplicate_file=0.5,empty_file=0.2,null=0.01,duplicate_row=0.02"),
        (5, "grocer", "schema_drift=0.4,all=0.03"),
    ] {
        let mut model = snowdeck::jobs::generate::preset(preset).expect("a preset");
        model.faults.add(rates).expect("rates");
        let spec = GenerateSpec { seed, ..spec(900, "2018-12-01", "2019-01-31") };
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("faults.ndjson");
        let writer = Box::new(std::fs::File::create(&path).expect("a ledger"));
        let ledger = LedgerFile { path: path.display().to_string(), writer };
        let out = Destination::Directory(folder.path().to_owned());
        run_with(&Context::silent(), &spec, &with(model), out, Some(ledger)).await.expect("generated");
        let output = std::process::Command::new("python3").arg(&script).arg(folder.path()).output().expect("Python");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let entries = |text: &str| -> Vec<(String, Option<u64>, String)> {
            let entry = |line: &str| {
                let entry: Value = serde_json::from_str(line).expect(line);
                let text = |key: &str| entry[key].as_str().expect("a text").to_owned();
                (text("file"), entry["line"].as_u64(), text("kind"))
            };
            let mut all: Vec<_> = text.lines().map(entry).collect();
            all.sort_unstable();
            all
        };
        let written = entries(&std::fs::read_to_string(&path).expect("the ledger"));
        let found = entries(&String::from_utf8(output.stdout).expect("UTF-8"));
        let (w, f): (HashSet<_>, HashSet<_>) = (written.iter().collect(), found.iter().collect());
        let only =
            |a: &HashSet<_>, b: &HashSet<_>| -> String { format!("{:?}", a.difference(b).take(5).collect::<Vec<_>>()) };
        assert!(
            written == found,
            "seed {seed}: only in the ledger {}, only in the files {}",
            only(&w, &f),
            only(&f, &w)
        );
        kinds.extend(written.into_iter().map(|(_, _, kind)| kind));
    }
    assert_eq!(kinds.len(), 15, "{kinds:?}");
}

#[tokio::test]
async fn what_cannot_be_had_together_is_refused() {
    let mut model = snowdeck::jobs::generate::Model::default();
    model.faults.add("null=0.1").expect("a rate");
    let options = Options { format: Format::Csv, ..with(model) };
    let error = run_with(&Context::silent(), &GenerateSpec::default(), &options, Destination::Null, None).await;
    assert!(error.expect_err("refused").to_string().contains("NDJSON only"));
    let out = Destination::Writer { dataset: Dataset::Transactions, writer: Box::new(std::io::sink()) };
    let options = Options { format: Format::Parquet, ..Options::default() };
    let error = run_with(&Context::silent(), &GenerateSpec::default(), &options, out, None).await;
    assert!(error.expect_err("refused").to_string().contains("one day"));
}
