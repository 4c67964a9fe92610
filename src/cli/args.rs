//! The command line's form.

use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// A terminal console for an S3 to Snowflake data pipeline, with the cloud embedded.
#[derive(Debug, Parser)]
#[command(
    name = "snowdeck",
    version,
    disable_help_subcommand = true,
    after_help = "Without a command the console opens. Progress goes to stderr, results to stdout.\nExit codes: 0 all done, 1 something failed, 2 wrong usage."
)]
pub struct Cli {
    /// Options that every command takes.
    #[command(flatten)]
    pub global: Global,
    /// What to do; nothing opens the console.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Options that every command takes.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// Keep all state (settings, logs, the local cloud) in one folder
    #[arg(long, global = true, value_name = "DIR", env = "SNOWDECK_HOME", hide_env_values = true)]
    pub home: Option<PathBuf>,
    /// Which Snowflake and S3 to use: "local", or a profile of the settings file
    #[arg(long, global = true, value_name = "NAME", env = "SNOWDECK_PROFILE", hide_env_values = true)]
    pub profile: Option<String>,
    /// Folder of a pipeline of one's own (pipeline.toml and its SQL) instead of the built-in one
    #[arg(long, global = true, value_name = "DIR", env = "SNOWDECK_PIPELINE", hide_env_values = true)]
    pub pipeline: Option<PathBuf>,
    /// Print one JSON document instead of text
    #[arg(long, global = true)]
    pub json: bool,
    /// Refuse everything that changes something
    #[arg(long, global = true)]
    pub readonly: bool,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Give the guided tour: the whole story, one key a step, in a cloud of its own
    Demo(Demo),
    /// Do the whole job: generate, upload, deploy, load, run the task tree, count, reconcile
    Run(Run),
    /// Make the data sets, and nothing else
    Generate(Generate),
    /// Send transactions that happen now into the bucket, at a rate, until stopped
    Feed(Feed),
    /// Read a generated data set again and compare it with what was asked for
    Verify(Verify),
    /// Look at objects in S3 and move them
    #[command(subcommand)]
    S3(super::s3::S3),
    /// Deploy the pipeline's Snowflake side
    Deploy(Deploy),
    /// Take the deployment back, last stage first
    Undo(Undo),
    /// Write a small complete pipeline into a folder, to start one's own from
    Init(Init),
    /// Try, as each role, what it should and should not be able to do
    Access,
    /// Look at and run the task tree
    #[command(subcommand)]
    Tasks(Tasks),
    /// Alerts that the pipeline has raised
    #[command(subcommand)]
    Alerts(Alerts),
    /// Count the marts and reconcile every layer with the files
    Marts,
    /// Run SQL
    Sql(Sql),
    /// The embedded cloud, for other programs
    #[command(subcommand)]
    Local(Local),
    /// Look at everything that must be right before something works, and say what to do
    Doctor,
    /// Paths and versions
    Info,
    /// Print a completion script for a shell
    Completions {
        /// Which shell
        shell: clap_complete::Shell,
    },
}

/// What to generate.
#[derive(Debug, Clone, Args)]
pub struct Data {
    /// Number of customers
    #[arg(long, value_name = "N", default_value_t = 137)]
    pub customers: u64,
    /// First day, YYYY-MM-DD
    #[arg(long, value_name = "DAY", default_value = "2018-12-01")]
    pub from: String,
    /// Last day, YYYY-MM-DD
    #[arg(long, value_name = "DAY", default_value = "2018-12-31")]
    pub to: String,
    /// Seed: the same seed gives the same files
    #[arg(long, value_name = "S", default_value_t = 42)]
    pub seed: u64,
    /// Which columns
    #[arg(long, value_enum, default_value_t = ShapeName::Starter)]
    pub shape: ShapeName,
}

/// `demo`.
#[derive(Debug, Clone, Args)]
pub struct Demo {
    /// Go on by itself; any key that leads on still works
    #[arg(long)]
    pub auto: bool,
    /// Leave at the end; exit 1 where a step does not come to stand
    #[arg(long)]
    pub leave: bool,
    /// How long steps stand with --auto, in hundredths of what the script says
    #[arg(long, value_name = "PERCENT", default_value_t = 100)]
    pub hold: u32,
    /// Begin with a chapter, by name
    #[arg(long, value_name = "NAME")]
    pub chapter: Option<String>,
    /// Another script
    #[arg(long, value_name = "FILE")]
    pub script: Option<PathBuf>,
    /// Keep what the last tour left instead of beginning with nothing
    #[arg(long)]
    pub keep: bool,
    /// Follow the tour that is being given in another terminal, with what may be said
    #[arg(long, conflicts_with_all = ["auto", "record", "pictures"])]
    pub notes: bool,
    /// Play it without a terminal and write an asciicast
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// Play it without a terminal and write a picture (SVG) of each step
    #[arg(long, value_name = "DIR")]
    pub pictures: Option<PathBuf>,
    /// Columns and rows of recordings and pictures
    #[arg(long, value_name = "CxR", default_value = "110x32", value_parser = size)]
    pub size: (u16, u16),
    /// Theme of recordings and pictures
    #[arg(long, value_name = "NAME")]
    pub theme: Option<String>,
    /// Record what moves while a step is at work, too; two recordings then differ
    #[arg(long)]
    pub motion: bool,
}

/// `110x32`.
fn size(text: &str) -> Result<(u16, u16), String> {
    let sizes = text.split_once('x').and_then(|(c, r)| Some((c.parse().ok()?, r.parse().ok()?)));
    let sizes = sizes.filter(|(c, r)| (60..=400).contains(c) && (16..=200).contains(r));
    sizes.ok_or_else(|| format!("{text:?} is no size: columns x rows, such as 110x32"))
}

/// `run`.
#[derive(Debug, Clone, Args)]
pub struct Run {
    /// What to generate.
    #[command(flatten)]
    pub data: Data,
    /// Threads for generating; 0 for one on each core
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub threads: usize,
}

/// `generate`.
#[derive(Debug, Clone, Args)]
#[command(after_help = GENERATE_HELP)]
pub struct Generate {
    /// What to generate.
    #[command(flatten)]
    pub data: Data,
    /// A folder, s3:// for the profile's bucket, or "null" to make everything and forget it
    #[arg(long, value_name = "DIR|s3://BUCKET|null", required_unless_present = "stdout")]
    pub out: Option<String>,
    /// Threads; 0 for one on each core
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub threads: usize,
    /// Write one data set to standard output instead of files
    #[arg(long, value_name = "SET", value_enum, conflicts_with = "out")]
    pub stdout: Option<SetName>,
    /// Form of the transactions; customers and products are CSV always
    #[arg(long, value_enum, default_value_t = FormatName::Ndjson)]
    pub format: FormatName,
    /// Compression of the transactions: of whole files (.gz, .zst), inside Parquet of its pages
    #[arg(long, value_enum, default_value_t = CompressName::None)]
    pub compress: CompressName,
    /// Make only the I-th of N equal parts, cut by customers
    #[arg(long, value_name = "I/N", default_value = "1/1")]
    pub shard: String,
    /// What is behind the help's list of presets
    #[command(flatten)]
    pub like: Like,
    /// Continue the data set that is there by the next days: same customers, same products
    #[arg(long, conflicts_with_all = ["stdout", "shard"])]
    pub append: bool,
    /// How many days --append adds
    #[arg(long, value_name = "N", default_value_t = 1, requires = "append")]
    pub days: u32,
    /// Read what was written again and compare it with what was asked for
    #[arg(long, conflicts_with_all = ["stdout", "shard"])]
    pub verify: bool,
    /// Where to write the ledger of the faults (default: faults.ndjson in the folder or at the bucket's top)
    #[arg(long, value_name = "FILE")]
    pub ledger: Option<PathBuf>,
}

/// `feed`.
#[derive(Debug, Clone, Args)]
pub struct Feed {
    /// Transactions a second
    #[arg(long, value_name = "N")]
    pub rate: f64,
    /// For how long, such as 90s, 5m, 1h; until Ctrl-C without it
    #[arg(long = "for", value_name = "DURATION", value_parser = duration)]
    pub duration: Option<std::time::Duration>,
    /// How often a file is sent
    #[arg(long, value_name = "DURATION", default_value = "1s", value_parser = duration)]
    pub every: std::time::Duration,
    /// The seed that the customers were made with
    #[arg(long, value_name = "S", default_value_t = 42)]
    pub seed: u64,
    /// What baskets and prices are like: starter, retail, grocer, startup
    #[arg(long, value_name = "NAME", conflicts_with = "recipe")]
    pub preset: Option<String>,
    /// A kind of data of one's own, in TOML
    #[arg(long, value_name = "FILE")]
    pub recipe: Option<PathBuf>,
}

/// `verify`.
#[derive(Debug, Clone, Args)]
pub struct Verify {
    /// A folder, or s3:// for the profile's bucket
    #[arg(value_name = "DIR|s3://BUCKET")]
    pub place: String,
    /// The preset that it was made with
    #[arg(long, value_name = "NAME", conflicts_with = "recipe")]
    pub preset: Option<String>,
    /// The recipe that it was made with
    #[arg(long, value_name = "FILE")]
    pub recipe: Option<PathBuf>,
}

/// A number and `ms`, `s`, `m` or `h`.
fn duration(text: &str) -> Result<std::time::Duration, String> {
    let wrong = || format!("{text:?} is no duration: write a number and ms, s, m or h, such as 90s");
    let unit = text.find(|c: char| c.is_ascii_alphabetic()).ok_or_else(wrong)?;
    let seconds = match &text[unit..] {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3_600.0,
        _ => return Err(wrong()),
    };
    let number: f64 = text[..unit].parse().map_err(|_| wrong())?;
    std::time::Duration::try_from_secs_f64(number * seconds).map_err(|_| wrong())
}

/// What the data is like.
#[derive(Debug, Clone, Args)]
pub struct Like {
    /// A named kind of data: starter, retail, grocer, startup
    #[arg(long, value_name = "NAME", conflicts_with = "recipe")]
    pub preset: Option<String>,
    /// A kind of data of one's own, in TOML
    #[arg(long, value_name = "FILE")]
    pub recipe: Option<PathBuf>,
    /// Faults on purpose: kind=rate,kind=rate…, or all=rate; a rate is a share of the files or rows
    #[arg(long, value_name = "KIND=RATE,…")]
    pub faults: Vec<String>,
}

/// What `generate --help` ends with.
const GENERATE_HELP: &str = "\
Shards: the I-th of N parts holds the I-th range of customers in every day's file, under names of its own \
(transactions-2-of-4.json, customers/customers-2-of-4.csv); products come with part 1. All N parts together hold the rows \
of the whole, so several machines can make one data set.\n\n\
Presets: starter (the starter project's even data), retail (busy weekends and Decembers, heavy-tailed customers, growth, \
changing loyalty), grocer (large baskets that go together), startup (steep growth, few customers buy most). A recipe is a \
TOML file with `preset` and the tables [visits] rate, tail, weekday, month, growth; [baskets] more, most, companion, \
companions, popularity; [prices] low, high, noise; [loyalty] changes; [faults].\n\n\
Faults of files: duplicate_file, late_file, empty_file, truncated_file, schema_drift. Of rows: duplicate_row, malformed, \
wrong_type, missing_key, unknown_customer, unknown_product, null, empty, encoding, clock_skew. Each one that is put in \
stands in faults.ndjson with file, line, kind and detail.";

/// The transactions' form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FormatName {
    /// One JSON object a line
    Ndjson,
    /// One line for each basket line, with a header
    Csv,
    /// One row for each transaction
    Parquet,
}

/// A compression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum CompressName {
    /// None
    None,
    /// gzip
    Gzip,
    /// zstd
    Zstd,
}

/// A data set's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SetName {
    /// customers.csv
    Customers,
    /// products.csv
    Products,
    /// All days' transactions, one JSON object a line
    Transactions,
}

/// Which columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ShapeName {
    /// Exactly the starter project's
    Starter,
    /// With personal data on customers and more on products
    Extended,
}

/// `deploy`.
#[derive(Debug, Clone, Args)]
pub struct Deploy {
    /// Only show what would run
    #[arg(long)]
    pub plan: bool,
    /// Stop after this stage, or after the statement at this place
    #[arg(long, value_name = "STAGE|FILE:LINE", group = "part")]
    pub through: Option<String>,
    /// Only this stage
    #[arg(long, value_name = "STAGE", group = "part")]
    pub stage: Option<String>,
    /// Only the statement at this place, as the plan shows it
    #[arg(long, value_name = "FILE:LINE", group = "part")]
    pub step: Option<String>,
    /// Run every statement, also what the journal knows as done
    #[arg(long)]
    pub again: bool,
    /// Pass over the statement at this place, with the reason, which the journal keeps; may be given more than once
    #[arg(long, value_name = "FILE:LINE=REASON")]
    pub skip: Vec<String>,
    /// Clone the database before each stage that has something to run
    #[arg(long)]
    pub savepoint: bool,
    /// Put the database back to what it was before a stage; what it is now goes (UNDROP DATABASE brings it back)
    #[arg(long, value_name = "STAGE", conflicts_with_all = ["plan", "part", "again", "skip", "savepoint", "rehearse"])]
    pub restore: Option<String>,
    /// Run the whole plan on a fresh embedded cloud first, then here, and show what differs; with --plan only there
    #[arg(long)]
    pub rehearse: bool,
    /// Do not ask before --restore
    #[arg(long, short, requires = "restore")]
    pub yes: bool,
}

/// `init`.
#[derive(Debug, Clone, Args)]
pub struct Init {
    /// A new or empty folder
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
}

/// `undo`.
#[derive(Debug, Clone, Args)]
pub struct Undo {
    /// Take back this stage and those after it; without it everything
    #[arg(long, value_name = "STAGE")]
    pub from: Option<String>,
    /// Only show what would be dropped
    #[arg(long)]
    pub plan: bool,
    /// Do not ask
    #[arg(long, short)]
    pub yes: bool,
}

/// `tasks`.
#[derive(Debug, Subcommand)]
pub enum Tasks {
    /// The task tree
    Ls,
    /// Run the tree now and wait for its end
    Run,
    /// Run what failed in the last run again, and what comes after it; wait for the end
    Retry,
    /// End the tasks that are running; those behind them do not start
    Cancel,
    /// Switch the tree off: no more runs start, one that is under way ends undisturbed
    Suspend,
    /// Switch every task of the tree on
    Resume,
    /// Past runs
    History {
        /// At most so many task runs
        #[arg(long, value_name = "N", default_value_t = 50)]
        limit: u32,
    },
}

/// `alerts`.
#[derive(Debug, Subcommand)]
pub enum Alerts {
    /// The latest alerts
    Ls {
        /// Only those that are neither acknowledged nor silenced
        #[arg(long)]
        open: bool,
    },
    /// Acknowledge alerts
    Ack {
        /// Their causes, as `ls` shows them
        #[arg(value_name = "CAUSE", required_unless_present = "all")]
        causes: Vec<String>,
        /// All that are open
        #[arg(long, conflicts_with = "causes")]
        all: bool,
    },
    /// Silence all alerts of one kind for a while, also those to come
    Silence {
        /// The cause of one of them
        #[arg(value_name = "CAUSE")]
        cause: String,
        /// For how long; 0 ends a silence
        #[arg(long, value_name = "MINUTES", default_value_t = 60)]
        minutes: u32,
    },
    /// Post alerts that were not posted yet to the webhook of SNOWDECK_ALERT_WEBHOOK, each once
    Deliver,
}

/// `sql`.
#[derive(Debug, Clone, Args)]
#[command(group = clap::ArgGroup::new("source").required(true))]
pub struct Sql {
    /// The SQL itself
    #[arg(short, long, value_name = "SQL", group = "source")]
    pub query: Option<String>,
    /// A file of SQL
    #[arg(short, long, value_name = "FILE", group = "source")]
    pub file: Option<PathBuf>,
    /// "-" reads the SQL from standard input
    #[arg(value_name = "-", value_parser = ["-"], group = "source")]
    pub stdin: Option<String>,
    /// Role to run as
    #[arg(long, value_name = "ROLE")]
    pub role: Option<String>,
    /// How results are printed
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
    /// Print at most so many rows of each result; 0 for all
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub limit: usize,
}

/// A form of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Table,
    /// Comma-separated, with a header
    Csv,
    /// JSON
    Json,
}

/// `local`.
#[derive(Debug, Subcommand)]
pub enum Local {
    /// Serve the embedded cloud until stopped
    Serve {
        /// Port of the Snowflake endpoint; 0 lets the system choose
        #[arg(long, value_name = "PORT")]
        snowflake_port: Option<u16>,
        /// Port of the S3 endpoint; 0 lets the system choose
        #[arg(long, value_name = "PORT")]
        s3_port: Option<u16>,
    },
    /// Print the environment variables with which other programs reach the running cloud
    Env,
    /// Remove the embedded cloud's state: database, objects, credentials
    Reset {
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
}

#[cfg(test)]
mod tests {
    use super::Cli;
    use clap::CommandFactory;

    #[test]
    fn the_form_is_consistent() {
        Cli::command().debug_assert();
    }
}
