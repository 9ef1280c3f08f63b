//! Compares two catalogues from the command line; `typed-sse-codegen --help` says how.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "what a command line is for")]

use std::process::ExitCode;

use typed_sse_codegen::changes::{Side, read, since};

const USAGE: &str = "\
typed-sse-codegen diff OLD NEW [--side old|new|both]

Compares two catalogues, as `SchemaCatalogue::to_json` writes them, and says what each change means to
  old readers: clients from before it that read from a server of after it
  new readers: clients of after it that read what was written before it

--side  whose trouble counts; both by default

exit status: 0 nothing breaks, 1 a reader breaks, 2 the comparison could not be made
";

fn main() -> ExitCode {
    let args: Vec<_> = std::env::args().skip(1).collect();
    let args: Vec<_> = args.iter().map(String::as_str).collect();
    if let ["--help" | "-h" | "help"] | ["diff", "--help" | "-h"] = args[..] {
        print!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    match run(&args) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(message) => {
            eprintln!("typed-sse-codegen: {message}");
            ExitCode::from(2)
        }
    }
}

/// Whether no reader breaks.
fn run(args: &[&str]) -> Result<bool, String> {
    let (old, new, side) = match *args {
        ["diff", old, new] => (old, new, Side::Both),
        ["diff", old, new, "--side", side] | ["diff", "--side", side, old, new] => {
            (old, new, read_side(side)?)
        }
        _ => return Err(format!("expected two files\n\n{USAGE}")),
    };
    let report = read(new).and_then(|new| since(old, &new)).map_err(|error| error.to_string())?;
    print!("{report}");
    Ok(!report.breaks(side))
}

fn read_side(side: &str) -> Result<Side, String> {
    match side {
        "old" => Ok(Side::OldReaders),
        "new" => Ok(Side::NewReaders),
        "both" => Ok(Side::Both),
        other => Err(format!("no side `{other}`: `old`, `new` or `both`")),
    }
}
