//! Flags that people type who know other programs, and what stands for them here.

use clap::Error;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// What is meant by a flag that there is not.
fn meant(flag: &str) -> Option<&'static str> {
    Some(match flag.trim_start_matches('-') {
        "start" | "since" | "begin" | "start-date" | "start_date" => "--from TIME",
        "end" | "until" | "stop" | "end-date" | "end_date" => "--to TIME",
        "days" | "months" | "range" | "period" => "--from TIME --to TIME",
        "param" | "params" | "parameter" | "p" | "override" => "--set NAME=VALUE",
        "cash" | "balance" | "equity" => "--capital AMOUNT",
        "fees" | "no-fees" | "cost" => "--costs full, fees or none",
        _ => return None,
    })
}

/// The error of a command line, with the flag that is meant where one is; to hand a flag over as a value is never meant here.
pub fn told(mut error: Error) -> Error {
    if error.kind() != ErrorKind::UnknownArgument {
        return error;
    }
    let flag = match error.get(ContextKind::InvalidArg) {
        Some(ContextValue::String(flag)) => flag.clone(),
        _ => return error,
    };
    error.remove(ContextKind::Suggested);
    if let Some(meant) = meant(&flag) {
        let tip = format!("write {meant}").into();
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip]));
    }
    error
}

#[cfg(test)]
mod tests {
    use clap::{Arg, Command};

    use super::*;

    #[test]
    fn a_flag_of_other_programs_is_told_as_what_it_is_here() {
        let said = |flag: &str| {
            let command = Command::new("basis").arg(Arg::new("from").long("from").num_args(1));
            told(command.try_get_matches_from(["basis", flag]).unwrap_err()).to_string()
        };
        assert!(said("--start").contains("tip: write --from TIME"), "{}", said("--start"));
        assert!(!said("--verbose").contains("as a value"), "{}", said("--verbose"));
        assert!(said("--form").contains("exists: '--from'"), "{}", said("--form"));
    }
}
