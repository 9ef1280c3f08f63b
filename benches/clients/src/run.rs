//! One client, one case.

use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::cases::Case;
use crate::peers::{ALL, Shared};
use crate::seen::Seen;
use crate::server::{Answer, Asked, Server};

/// Runs one client for as long as the case takes, and for a few seconds at most: one that hangs is an answer too.
pub(crate) async fn run(case: &Case, client: usize) -> String {
    const LONGEST: Duration = Duration::from_secs(4);
    const STEP: Duration = Duration::from_millis(20);

    let asked = Arc::new(Mutex::new(Vec::new()));
    let server = serve(case, &asked).await;
    let told = Shared::default();
    let (_, start) = ALL[client];
    let task = tokio::spawn(start(format!("{}/a", server.url), Arc::clone(&told)));
    let deadline = Instant::now() + LONGEST;
    while Instant::now() < deadline && !task.is_finished() && asked.lock().unwrap().len() < case.requests {
        tokio::time::sleep(STEP).await;
    }
    let is_finished = task.is_finished();
    task.abort();
    let panicked = is_finished && task.await.is_err_and(|error| error.is_panic());
    let told = told.lock().unwrap();
    let seen = Seen {
        data: told.data.clone(),
        errors: told.errors,
        ended: is_finished,
        panicked,
        asked: asked.lock().unwrap().clone(),
    };
    (case.judge)(&seen)
}

async fn serve(case: &Case, asked: &Arc<Mutex<Vec<(Instant, Asked)>>>) -> Server {
    let (answers, asked) = (case.answers.clone(), Arc::clone(asked));
    Server::by(move |number, request| {
        asked.lock().unwrap().push((Instant::now(), request.clone()));
        answers.get(number).cloned().unwrap_or_else(|| Answer::stream("").hold())
    })
    .await
}
