//! `snowdeck completions`.

use super::args::Cli;
use super::{failure::Failure, output};
use clap::CommandFactory;

pub fn run(shell: clap_complete::Shell) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "snowdeck", &mut script);
    output::bytes(&script)
}
