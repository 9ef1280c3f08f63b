//! A progress bar for the job: `cargo run -p progress --bin watch -- --url http://127.0.0.1:3000/job`.

use std::io::{self, IsTerminal as _, Write as _};
use std::{env, error::Error, fs};

use indicatif::{ProgressBar, ProgressStyle};
use progress::{Job, save};
use typed_sse_client::{Client, End, Item, State};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let url = argument("--url", "http://127.0.0.1:3000/job");
    // How far this program was when it was stopped.
    let file = argument("--file", "watch.id");
    let last = fs::read_to_string(&file).unwrap_or_default();
    let bar = ProgressBar::new(0).with_style(ProgressStyle::with_template("{bar:40} {pos}/{len} {msg}")?);

    let mut job = Client::<Job>::get(&url).last_event_id(last.as_str()).items();
    while let Some(item) = job.next().await {
        match item {
            Ok(Item::Event { event, id }) => {
                show(&bar, &event)?;
                // Behind what was shown, so that nothing is left out after a restart.
                save(&file, id.as_str())?;
            }
            // Each event says all there is to know, so that nothing has to be loaded.
            Ok(Item::Reset(reset)) => note(&bar, &reset.to_string())?,
            Ok(Item::State(State::Reconnecting { reason, .. })) => note(&bar, &reason.to_string())?,
            Ok(Item::State(State::Open)) => bar.set_message(""),
            Err(error) if error.is_final() => return Err(error.into()),
            Err(error) => note(&bar, &error.to_string())?,
            Ok(_) => {}
        }
    }
    if let Some(End::Terminal | End::NoContent) = job.end() {
        fs::remove_file(&file)?;
    }
    Ok(())
}

fn show(bar: &ProgressBar, event: &Job) -> io::Result<()> {
    match event {
        Job::Progress { done, of } => {
            bar.set_length(*of);
            bar.set_position(*done);
            line(&format!("{done}/{of}"))
        }
        Job::Finished { steps } => {
            bar.finish_with_message("done");
            line(&format!("finished: {steps} steps"))
        }
    }
}

fn note(bar: &ProgressBar, text: &str) -> io::Result<()> {
    bar.set_message(text.to_owned());
    line(&format!("note: {text}"))
}

/// For a log, which shows no bar.
fn line(text: &str) -> io::Result<()> {
    let mut output = io::stdout();
    if output.is_terminal() { Ok(()) } else { writeln!(output, "{text}") }
}

/// What stands behind `name` on the command line.
fn argument(name: &str, default: &str) -> String {
    env::args().skip_while(|argument| argument != name).nth(1).unwrap_or_else(|| default.to_owned())
}
