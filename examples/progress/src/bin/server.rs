//! A long job: `cargo run -p progress -- --steps 600`, then `cargo run -p progress --bin watch`. Stop and start either at will.

use std::time::Duration;
use std::{env, error::Error, fs, io, io::Write as _, path::Path, str::FromStr};

use axum::{Router, extract::State, routing::get};
use progress::{Job, save};
use tokio::{net::TcpListener, time::sleep};
use typed_sse::{Channel, Start};
use typed_sse_axum::{LastEventId, Sse};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let job = Channel::new();
    let app = Router::new().route("/job", get(events)).with_state(job.clone());
    let listener = TcpListener::bind(("127.0.0.1", argument("--port", 3000)?)).await?;
    writeln!(io::stdout(), "http://{}/job", listener.local_addr()?)?;
    tokio::select! {
        served = axum::serve(listener, app) => served?,
        failed = work(&job) => failed?,
    }
    Ok(())
}

/// A new client begins with how far the job is; one that comes back gets what it missed.
async fn events(State(job): State<Channel<Job>>, last: LastEventId) -> Sse {
    Sse::new(job.subscribe(last).start(Start::Last(1))).retry(Duration::from_millis(500))
}

/// The job goes on where it was when the server stopped.
async fn work(job: &Channel<Job>) -> Result<(), Box<dyn Error>> {
    let (of, every) = (argument("--steps", 600)?, argument("--every", 100)?);
    let file: String = argument("--file", "job.txt".to_owned())?;
    let mut done = saved(Path::new(&file))?;
    while done < of {
        sleep(Duration::from_millis(every)).await;
        done += 1;
        save(&file, &done.to_string())?;
        job.publish(&Job::Progress { done, of }).await?;
    }
    // It is terminal: whoever has it goes, whoever comes later gets it.
    job.publish(&Job::Finished { steps: of }).await?;
    std::future::pending().await
}

fn saved(file: &Path) -> Result<u64, Box<dyn Error>> {
    match fs::read_to_string(file) {
        Ok(text) => Ok(text.trim().parse()?),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
        Err(error) => Err(error.into()),
    }
}

/// What stands behind `name` on the command line.
fn argument<T: FromStr>(name: &str, default: T) -> Result<T, String> {
    let Some(value) = env::args().skip_while(|argument| argument != name).nth(1) else { return Ok(default) };
    value.parse().map_err(|_| format!("`{name} {value}` does not fit"))
}
