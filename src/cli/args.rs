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
    /// Do the whole job: generate, upload, deploy, load, run the task tree, count, reconcile
    Run(Run),
    /// Make the data sets, and nothing else
    Generate(Generate),
    /// Look at and put objects in the pipeline's bucket
    #[command(subcommand)]
    S3(S3),
    /// Deploy the pipeline's Snowflake side
    Deploy(Deploy),
    /// Look at and run the task tree
    #[command(subcommand)]
    Tasks(Tasks),
    /// Count the marts and reconcile every layer with the files
    Marts,
    /// Run SQL
    Sql(Sql),
    /// The embedded cloud, for other programs
    #[command(subcommand)]
    Local(Local),
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

/// `run`.
#[derive(Debug, Clone, Args)]
pub struct Run {
    /// What to generate.
    #[command(flatten)]
    pub data: Data,
    /// Threads for generating; 0 for one on each core
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub threads: usize,
    /// Folder of another pipeline (pipeline.toml and its SQL)
    #[arg(long, value_name = "DIR", env = "SNOWDECK_PIPELINE", hide_env_values = true)]
    pub pipeline: Option<PathBuf>,
}

/// `generate`.
#[derive(Debug, Clone, Args)]
pub struct Generate {
    /// What to generate.
    #[command(flatten)]
    pub data: Data,
    /// A folder, or s3:// for the profile's bucket
    #[arg(long, value_name = "DIR|s3://BUCKET", required_unless_present = "stdout")]
    pub out: Option<String>,
    /// Threads; 0 for one on each core
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub threads: usize,
    /// Write one data set to standard output instead of files
    #[arg(long, value_name = "SET", value_enum, conflicts_with = "out")]
    pub stdout: Option<SetName>,
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

/// `s3`.
#[derive(Debug, Subcommand)]
pub enum S3 {
    /// List objects
    Ls {
        /// Keys that start with this, or s3://BUCKET/PREFIX; folders are shown as such
        #[arg(default_value = "")]
        prefix: String,
        /// Every key below, not the folders
        #[arg(short, long)]
        recursive: bool,
    },
    /// Write an object's content to standard output
    Cat {
        /// Its key, or s3://BUCKET/KEY
        key: String,
    },
    /// Store a file
    Put {
        /// The file
        file: PathBuf,
        /// Its key, or s3://BUCKET/KEY; ending with / keeps the file's name
        key: String,
    },
}

/// `deploy`.
#[derive(Debug, Clone, Args)]
pub struct Deploy {
    /// Only show what would run
    #[arg(long)]
    pub plan: bool,
    /// Stop after this stage
    #[arg(long, value_name = "STAGE")]
    pub through: Option<String>,
    /// Folder of another pipeline (pipeline.toml and its SQL)
    #[arg(long, value_name = "DIR", env = "SNOWDECK_PIPELINE", hide_env_values = true)]
    pub pipeline: Option<PathBuf>,
}

/// `tasks`.
#[derive(Debug, Subcommand)]
pub enum Tasks {
    /// The task tree
    Ls,
    /// Run the tree now and wait for its end
    Run,
    /// Past runs
    History {
        /// At most so many task runs
        #[arg(long, value_name = "N", default_value_t = 50)]
        limit: u32,
    },
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
