//! The same jobs without a screen: text and JSON reporters.

mod access;
mod alerts;
mod args;
mod completions;
mod console;
mod demo;
mod deploy;
mod desk;
mod doctor;
mod failure;
mod feed;
mod generate;
mod info;
mod init;
#[cfg(feature = "local")]
mod local;
mod marts;
mod output;
mod progress;
mod rehearse;
mod run;
mod s3;
mod signals;
mod sql;
mod tasks;
mod undo;
mod verify;

#[cfg(feature = "local")]
use crate::local::snowflake::stack;
use args::{Cli, Command};
use clap::Parser;
use failure::Failure;
use std::io::Write;
use std::process::ExitCode;

/// Parses the command line, does what it asks for, and says how that went.
///
/// Builds the async runtime: call it from a plain `main`.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let json = cli.global.json;
    let result = match runtime() {
        Ok(runtime) => {
            let result = runtime.block_on(dispatch(cli));
            // Blocking work that was cancelled must not hold the process.
            runtime.shutdown_background();
            result
        }
        Err(e) => Err(Failure::failed(format!("the async runtime cannot be started: {e}"))),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            tell(&failure, json);
            ExitCode::from(failure.exit_code())
        }
    }
}

/// The embedded cloud's statements run on the blocking threads: where it is built in, those have its deep stacks.
fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    #[cfg(feature = "local")]
    builder.thread_stack_size(stack::BYTES).on_thread_start(stack::this_thread_is_deep);
    builder.enable_all().build()
}

/// A failure goes to stderr for people and, with `--json`, to stdout as well. Nothing is left to do where that fails.
fn tell(failure: &Failure, json: bool) {
    if let Some(text) = failure.text() {
        tracing::error!("{text}");
        let _ = writeln!(std::io::stderr().lock(), "{text}");
    }
    if let (true, Some(document)) = (json, failure.json()) {
        let _ = output::json(&document);
    }
}

async fn dispatch(cli: Cli) -> Result<(), Failure> {
    let global = cli.global;
    let Some(command) = cli.command else { return console::run(&global).await };
    match command {
        Command::Completions { shell } => completions::run(shell),
        Command::Init(args) => init::run(&global, &args),
        Command::Doctor => doctor::run(&global).await,
        Command::Info => info::run(&global),
        Command::Demo(args) => demo::run(&global, args).await,
        Command::Run(args) => run::run(&global, args).await,
        Command::Generate(args) => generate::run(&global, args).await,
        Command::Feed(args) => feed::run(&global, args).await,
        Command::Verify(args) => verify::run(&global, args).await,
        Command::S3(args) => s3::run(&global, args).await,
        Command::Deploy(args) => deploy::run(&global, args).await,
        Command::Access => access::run(&global).await,
        Command::Undo(args) => undo::run(&global, args).await,
        Command::Tasks(args) => tasks::run(&global, args).await,
        Command::Alerts(args) => alerts::run(&global, args).await,
        Command::Marts => marts::run(&global).await,
        Command::Sql(args) => sql::run(&global, args).await,
        #[cfg(feature = "local")]
        Command::Local(args) => local::run(&global, args).await,
        #[cfg(not(feature = "local"))]
        Command::Local(_) => Err(Failure::usage("this build has no embedded cloud (feature `local`)")),
    }
}
