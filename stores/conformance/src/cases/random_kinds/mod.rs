//! Every kind of event and of client on a store, at random, from a seed: keys, tombstones, own IDs and ephemeral events; clients that
//! begin in every way, with filters, policies and states of the application's making; servers that are started anew, and windows
//! that hold less than the store. At last it is finished, and everybody gets the rest and the end.

mod judge;
mod truth;
mod world;

use std::collections::HashMap;
use std::sync::Arc;

use typed_sse_core::store::Store;

use self::world::World;
use crate::harness::Harness;
use crate::limits::Limits;

async fn play<H: Harness>(seed: u64, harness: &H, store: Arc<dyn Store>, name: &'static str) {
    const STEPS: usize = 300;
    let mut world = World::new(seed, harness, store, name).await;
    for _ in 0..STEPS {
        world.step().await;
    }
    world.finish().await;
    let (cut, finished) = (world.tally.cut, world.tally.finished);
    let sums = world.clients.iter().fold(HashMap::new(), |mut sums: HashMap<_, u64>, client| {
        *sums.entry("events").or_default() += client.judge.events;
        *sums.entry("resets").or_default() += client.judge.resets;
        sums
    });
    println!("{name}: {sums:?}, {cut} cut, {finished} finished");
    assert!(sums["events"] > 20, "{sums:?}");
}

/// Two logs in one store, at once.
async fn run<H: Harness>(limits: Limits) {
    let seed = std::env::var("TYPED_SSE_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| fastrand::u64(..));
    println!("TYPED_SSE_SEED={seed}");
    let harness = H::start(limits).await;
    let store = harness.store().await;
    let market = play(seed, &harness, Arc::clone(&store), "market");
    let news = play(!seed, &harness, Arc::clone(&store), "news");
    tokio::join!(market, news);
}

/// Nobody is reset.
pub async fn random_kinds_on_a_store_that_keeps_all<H: Harness>() {
    run::<H>(Limits::NONE).await;
}

/// Whoever lost something is told, and nobody else.
pub async fn random_kinds_on_a_store_that_forgets<H: Harness>() {
    run::<H>(Limits::records(30)).await;
}
