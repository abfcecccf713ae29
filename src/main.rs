//! Parse and dispatch.

use std::process::ExitCode;

fn main() -> ExitCode {
    basis::cli::main()
}
