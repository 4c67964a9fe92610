//! Parses the command line and maps the outcome to an exit code; everything else is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    snowdeck::cli::main()
}
