//! The ways to keep a log in order, beside each other and a plain table: `cargo bench -p typed-sse-postgres --bench orders`.
//!
//! It takes three minutes. Each way is judged as it is timed: two readers get each committed event once, in one order.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "a bench")]

#[path = "../../tests/support/mod.rs"]
mod support;

mod run;
mod sequencer;
mod way;

use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use run::{Load, Outcome, SETTLE, data, run};
use support::{Server, client};
use tokio::time::sleep;
use typed_sse_postgres::Postgres;
use typed_sse_postgres::tokio_postgres::Client;
use way::{HELD, Log, TABLES, WAYS, Way, until, wire};

const ROUNDS: usize = 5;
/// A long transaction begins when so much has passed, is open for so long, and so much follows.
const AROUND: Duration = Duration::from_millis(500);
const OPEN: Duration = Duration::from_secs(5);
const OLD: i32 = 50_000;
const KILLS: usize = 5;

const QUICK: Load = Load {
    publishers: 8,
    before_commit: Duration::ZERO,
    rolled_back: 0,
    between: Duration::ZERO,
    length: Duration::from_millis(800),
    read_behind: false,
};
const UNREAD: Load = Load { read_behind: true, ..QUICK };
const SLOW: Load = Load { before_commit: Duration::from_millis(8), rolled_back: 1, ..QUICK };
const GENTLE: Load = Load { publishers: 2, between: Duration::from_millis(10), ..QUICK };
const STEADY: Load = Load { publishers: 1, between: Duration::from_millis(5), ..QUICK };

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let server = Server::start(&[]);
    let admin = client(&server).await;
    admin.batch_execute(Postgres::MIGRATION).await.unwrap();
    admin.batch_execute(TABLES).await.unwrap();
    admin.batch_execute("CREATE DATABASE other").await.unwrap();
    let url = server.url();
    println!("load average at the beginning: {}", load_average());
    for (what, load) in [
        (
            "8 publishers, each event in a transaction of its own with nothing else, and nobody reads meanwhile",
            UNREAD,
        ),
        ("8 publishers, each event in a transaction of its own with nothing else, and two read", QUICK),
        ("8 publishers that wait for up to 8 ms before each commit, a tenth rolled back, and two read", SLOW),
        ("2 publishers, together an event every 5 ms, and two read", GENTLE),
    ] {
        println!("\n{what}:");
        compare(&url, load).await;
    }
    println!(
        "\nThe greatest delay from the beginning of a transaction to a reader, while another one is open for {OPEN:?}:"
    );
    for long in LONG {
        hold(&url, long).await;
    }
    for (what, is_open) in [("no transaction", false), ("one that only reads", true)] {
        println!(
            "\nFrom the commit to a reader, behind {OLD} events, while {what} is open since before them:"
        );
        pile_up(&url, is_open).await;
    }
    replace(&url, &admin).await;
    println!("\nload average at the end: {}", load_average());
}

fn load_average() -> String {
    fs::read_to_string("/proc/loadavg").unwrap_or_default().split(' ').take(3).collect::<Vec<_>>().join(" ")
}

/// Round after round, each way in each, beside the plain table in the same one.
async fn compare(url: &str, load: Load) {
    let mut outcomes: Vec<Vec<Outcome>> = WAYS.iter().map(|_| Vec::new()).collect();
    for _ in 0..ROUNDS {
        for (way, outcomes) in WAYS.into_iter().zip(&mut outcomes) {
            let log = Log::new(url, way).await;
            outcomes.push(run(log, load, &[]).await);
        }
    }
    let bare: Vec<_> = outcomes[0].iter().map(|outcome| outcome.commits).collect();
    for (way, outcomes) in WAYS.into_iter().zip(outcomes) {
        let commits = median(outcomes.iter().map(|outcome| outcome.commits));
        let share = median(outcomes.iter().zip(&bare).map(|(outcome, bare)| 100.0 * outcome.commits / bare));
        print!("{:28} {commits:6.0} commits/s, {share:3.0} %", way.name());
        if load.read_behind {
            println!();
            continue;
        }
        let delay = |part: usize| median(outcomes.iter().map(|outcome| ms(nth(&outcome.delays, part))));
        println!("; from the commit to a reader p50 {:6.2} ms, p99 {:6.2} ms", delay(50), delay(99));
        if way == Way::Bare {
            let missed: usize = outcomes.iter().map(|outcome| outcome.missed).sum();
            let published: usize = outcomes.iter().map(|outcome| outcome.published).sum();
            println!("{:28} its reader has missed {missed} of {published}", "");
        }
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn nth(sorted: &[Duration], part: usize) -> Duration {
    sorted[(sorted.len() - 1) * part / 100]
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// What a transaction does before it stays open.
struct Long {
    what: &'static str,
    database: &'static str,
    first: &'static str,
    publishes: bool,
}

const LONG: [Long; 5] = [
    Long {
        what: "it only reads",
        database: "postgres",
        first: "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SELECT FROM orders",
        publishes: false,
    },
    Long {
        what: "it has written another table",
        database: "postgres",
        first: "INSERT INTO orders VALUES ('lamp')",
        publishes: false,
    },
    Long {
        what: "it has written in another database of the server",
        database: "other",
        first: "CREATE TABLE IF NOT EXISTS reports (item text)",
        publishes: false,
    },
    Long { what: "it has published", database: "postgres", first: "", publishes: true },
    Long {
        what: "it has published, with `SET CONSTRAINTS ALL IMMEDIATE`",
        database: "postgres",
        first: "SET CONSTRAINTS ALL IMMEDIATE",
        publishes: true,
    },
];

/// The ways are timed side by side.
async fn hold(url: &str, long: Long) {
    let logs = open_all(url).await;
    let load = Load { length: AROUND + OPEN + AROUND, ..STEADY };
    let others: &[_] = if long.publishes { &["long".to_owned()] } else { &[] };
    let runs = join_all(logs.iter().map(|log| run(Arc::clone(log), load, others)));
    let open = async {
        let place = url.rsplit_once('/').unwrap().0;
        let (mut client, _) = wire(&format!("{place}/{}", long.database)).await;
        sleep(SETTLE + AROUND).await;
        let mut order = client.transaction().await.unwrap();
        order.batch_execute(long.first).await.unwrap();
        if long.publishes {
            for log in &logs {
                log.put(&mut order, None, &data("long")).await;
            }
        }
        sleep(OPEN).await;
        order.commit().await.unwrap();
        logs.iter().for_each(|log| log.committed());
    };
    let (outcomes, ()) = tokio::join!(runs, open);
    println!("{}:", long.what);
    for (log, outcome) in logs.iter().zip(outcomes) {
        println!("  {:28} {:7.1} ms of {} events", log.way.name(), ms(outcome.longest), outcome.published);
    }
}

/// What was published before has left dead rows, which stay where a snapshot keeps the vacuum away.
async fn pile_up(url: &str, is_open: bool) {
    let logs = open_all(url).await;
    let (mut client, _) = wire(url).await;
    let order = client.transaction().await.unwrap();
    if is_open {
        order.batch_execute(LONG[0].first).await.unwrap();
    }
    for log in &logs {
        log.fill(OLD).await;
    }
    let old: Vec<_> = (1..=OLD).map(|n| format!("old.{n}")).collect();
    let runs =
        join_all(logs.iter().map(|log| run(Arc::clone(log), Load { length: AROUND * 6, ..STEADY }, &old)));
    for (log, outcome) in logs.iter().zip(runs.await) {
        let delay = ms(nth(&outcome.delays, 50));
        println!("  {:28} p50 {delay:6.2} ms of {} events", log.way.name(), outcome.published);
    }
}

/// All ways that miss nothing.
async fn open_all(url: &str) -> Vec<Arc<Log>> {
    let mut logs = vec![Log::new(url, Way::Below).await];
    for way in [Way::Sequenced, Way::InTurn, Way::Ours] {
        logs.push(Log::open(url, way).await);
    }
    logs
}

/// The one who numbers is killed, and the one who stands by takes its place.
async fn replace(url: &str, admin: &Client) {
    let log = Log::new(url, Way::Sequenced).await;
    let length = AROUND * (2 * KILLS as u32 + 1);
    let (mut killed, tasks) = (Vec::new(), run(log, Load { length, ..STEADY }, &[]));
    let kill = async {
        sleep(SETTLE).await;
        for _ in 0..KILLS {
            // Not in step with its trials.
            sleep(AROUND * 2 - sequencer::PAUSE.mul_f64(fastrand::f64())).await;
            let before = Instant::now();
            let kill =
                "SELECT pg_terminate_backend(pid, 1000), pid FROM pg_locks WHERE locktype = 'advisory'";
            let holder: i32 = admin.query_one(kill, &[]).await.unwrap().get(1);
            until(admin, &format!("SELECT EXISTS ({HELD} AND pid <> {holder})")).await;
            killed.push(ms(before.elapsed()));
        }
    };
    let (outcome, ()) = tokio::join!(tasks, kill);
    println!(
        "\nThe sequencer is killed {KILLS} times, and the next tries every {:?}: it takes over in {:.0} ms (median), and the greatest delay of {} events is {:.0} ms",
        sequencer::PAUSE,
        median(killed.into_iter()),
        outcome.published,
        ms(outcome.longest)
    );
}
