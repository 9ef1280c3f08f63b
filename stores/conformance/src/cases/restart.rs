//! Channels and topics that are started anew: whoever comes gets what the process before would have given.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{Stream, StreamExt as _};
use tokio::time::{sleep, timeout};
use typed_sse_core::store::{Range, Store};
use typed_sse_core::{
    Channel, EventId, Frame, LastEventId, PublishError, Start, SubscriptionError, Topics, TopicsSubscription,
};

use super::support::Sample;
use crate::faulty::Faulty;
use crate::harness::Harness;
use crate::limits::Limits;

type Row = Sample<'static>;

const ROW: Row =
    Sample { data: "", topic: "", event_type: "", id: "", key: "", tombstone: false, ephemeral: false };

/// The last one has a cursor for its ID, by which it is known that all are there.
const ROWS: [Row; 16] = [
    Sample { data: "a1", topic: "a", key: "a", ..ROW },
    Sample { data: "b1", topic: "b", key: "b", id: "row 2", ..ROW },
    Sample { data: "c1", topic: "a", key: "c", event_type: "price", ..ROW },
    Sample { data: "passing", topic: "a", ephemeral: true, ..ROW },
    Sample { data: "d1", topic: "b", key: "d", ..ROW },
    Sample { data: "none", topic: "b", id: "row 6", ..ROW },
    Sample { data: "gone", topic: "b", key: "d", tombstone: true, ..ROW },
    Sample { data: "a2", topic: "a", key: "a", id: "row 8", ..ROW },
    Sample { data: "x1", topic: "a", key: "x", ..ROW },
    Sample { data: "passing", topic: "b", ephemeral: true, ..ROW },
    Sample { data: "x2", topic: "a", key: "x", id: "row 11", ..ROW },
    Sample { data: "y1", topic: "b", key: "y", ..ROW },
    Sample { data: "none", topic: "a", ..ROW },
    Sample { data: "z1", topic: "b", key: "z", id: "row 14", ..ROW },
    Sample { data: "x3", topic: "a", key: "x", ..ROW },
    Sample { data: "y2", topic: "b", key: "y", ..ROW },
];

const NEWEST: [&str; 6] = ["b1", "c1", "a2", "z1", "x3", "y2"];

/// Behind all that a client gets: it is not stored.
const SENTINEL: Row = Sample { data: "sentinel", ephemeral: true, ..ROW };

/// Of the process before, a window that holds less than the store keeps; of those behind it, the same, and one that holds all.
const WINDOWS: [usize; 2] = [3, 1000];

/// The newest event of some keys lies before the start of the log.
const BOUNDED: Limits = Limits::records(5);

const STARTS: [Start; 5] =
    [Start::Live, Start::Earliest, Start::Last(2), Start::Last(5), Start::LatestPerKey];

/// For so long a client waits for what there may not be, and so many times.
const SHORT: Duration = Duration::from_millis(2);
const TIMES: usize = 10_000;

/// A process: what it serves, on a store object of its own.
struct Process<T> {
    served: T,
    store: Arc<dyn Store>,
}

impl<T> Process<T> {
    /// Ends it, with all that it had in its memory.
    async fn end(self) {
        drop(self.served);
        // What follows the store lets go of it a moment later.
        while Arc::strong_count(&self.store) > 1 {
            sleep(SHORT).await;
        }
    }
}

async fn open_channel<H: Harness>(harness: &H, window: usize) -> Process<Channel<Row>> {
    let store = harness.store().await;
    let channel = Channel::builder().events(window).store(Faulty::over(Arc::clone(&store)), "market");
    Process { served: channel.open().await.unwrap(), store }
}

async fn open_topics<H: Harness>(harness: &H, window: usize) -> Process<Topics<Row>> {
    let store = harness.store().await;
    let topics = Topics::builder().channel(Channel::builder().events(window));
    let topics = topics.store(Faulty::over(Arc::clone(&store)), "market");
    Process { served: topics.open().await.unwrap(), store }
}

type Frames = Pin<Box<dyn Stream<Item = Result<Frame, SubscriptionError>>>>;

/// Where clients subscribe.
trait Asked {
    fn start(&self, id: Option<&EventId>, start: Start) -> Frames;
    /// With a state that stands at this cursor.
    fn state(&self, id: Option<&EventId>, cursor: &EventId) -> Frames;
    /// One that its clients get.
    fn channel(&self) -> Channel<Row>;
}

fn last(id: Option<&EventId>) -> LastEventId {
    LastEventId::from(id.map(|id| LastEventId::from(id.clone())))
}

async fn state(cursor: EventId) -> Result<(Vec<Row>, EventId), Infallible> {
    Ok((["one", "two"].map(|data| Sample { data, ..ROW }).to_vec(), cursor))
}

impl Asked for Channel<Row> {
    fn start(&self, id: Option<&EventId>, start: Start) -> Frames {
        Box::pin(self.subscribe(last(id)).start(start))
    }

    fn state(&self, id: Option<&EventId>, cursor: &EventId) -> Frames {
        let cursor = cursor.clone();
        Box::pin(self.subscribe(last(id)).snapshot(move || state(cursor.clone())))
    }

    fn channel(&self) -> Channel<Row> {
        self.clone()
    }
}

/// Some topics at once.
type Named<'a> = (&'a Topics<Row>, &'a [&'a str]);

fn subscribe((topics, names): &Named<'_>, id: Option<&EventId>) -> TopicsSubscription<Row> {
    topics.subscribe(*names, last(id)).unwrap()
}

impl Asked for Named<'_> {
    fn start(&self, id: Option<&EventId>, start: Start) -> Frames {
        Box::pin(subscribe(self, id).start(start))
    }

    fn state(&self, id: Option<&EventId>, cursor: &EventId) -> Frames {
        let cursor = cursor.clone();
        Box::pin(subscribe(self, id).snapshot(move || state(cursor.clone())))
    }

    fn channel(&self) -> Channel<Row> {
        self.0.channel(self.1[0]).unwrap()
    }
}

/// What a client gets, as it is on the wire, and `the end` where there is one: up to the sentinel, which is published once it waits. One that
/// still waits for the store passes over it, and gets the next.
async fn seen(mut frames: Frames, channel: &Channel<Row>) -> Vec<String> {
    let mut seen = Vec::new();
    for _ in 0..TIMES {
        match timeout(SHORT, frames.next()).await {
            Ok(Some(frame)) => {
                let text = String::from_utf8(frame.unwrap().as_ref().to_vec()).unwrap();
                if text.contains(SENTINEL.data) {
                    return seen;
                }
                seen.push(text);
            }
            Ok(None) => {
                seen.push("the end".to_owned());
                return seen;
            }
            // One that is finished takes none.
            Err(_) => drop(channel.publish(&SENTINEL).await),
        }
    }
    panic!("{seen:?}, and no sentinel");
}

/// What was asked, and what came of it.
type Answers = Vec<(String, Vec<String>)>;

/// Asks what follows for a new client and for one that comes back, with one of these IDs; states can stand at the last so many of them.
async fn ask(asked: &impl Asked, ids: &[EventId], kept: usize) -> Answers {
    let channel = asked.channel();
    // The process learns from its page what the store has let go of, which it need not know before.
    seen(asked.start(None, Start::Earliest), &channel).await;
    let mut answers = Answers::new();
    for start in STARTS {
        let answer = seen(asked.start(None, start), &channel).await;
        let cuts = cuts(&answer);
        answers.push((format!("{start:?}"), answer));
        for (n, id) in cuts {
            let behind = seen(asked.start(Some(&id), start), &channel).await;
            answers.push((format!("{start:?}, cut behind its ID {n}"), behind));
        }
    }
    for id in ids {
        answers.push((format!("{id:?}"), seen(asked.start(Some(id), Start::Live), &channel).await));
        let or_state = seen(asked.state(Some(id), &ids[ids.len() - 1]), &channel).await;
        answers.push((format!("{id:?} or a state"), or_state));
    }
    for cursor in &ids[ids.len() - kept..] {
        let answer = seen(asked.state(None, cursor), &channel).await;
        let cuts = cuts(&answer);
        answers.push((format!("state at {cursor:?}"), answer));
        for (n, id) in cuts {
            let behind = seen(asked.state(Some(&id), cursor), &channel).await;
            answers.push((format!("state at {cursor:?}, cut behind its ID {n}"), behind));
        }
    }
    answers
}

/// The first two IDs of an answer, and the last: those that may be no event's.
fn cuts(answer: &[String]) -> Vec<(usize, EventId)> {
    let ids = answer.iter().filter_map(|text| text.lines().find_map(|line| line.strip_prefix("id: ")));
    let ids: Vec<_> = ids.map(|id| EventId::new(id).unwrap()).enumerate().collect();
    let count = ids.len();
    ids.into_iter().filter(|(n, _)| *n < 2 || *n + 1 == count).collect()
}

/// The same frames, but for the names of places: an own ID or a cursor, and in several topics any number behind the last event of one, as
/// each window knows them. What comes behind them is asked.
fn assert_same(before: &Answers, after: &Answers, window: usize, of_topics: bool) {
    for ((asked, before), (asked_after, after)) in before.iter().zip(after) {
        let shown = |text: &String| {
            let has_any_name = of_topics && window != WINDOWS[0] && !text.starts_with("event: reset");
            let is_place =
                has_any_name || text.starts_with("id: ") && data(text).is_none_or(|data| data == "two");
            let text = if is_place { data(text).unwrap_or("a place").to_owned() } else { text.clone() };
            // The own ID of what the store has let go of is unknown to the next process. The one before may know that it was trimmed.
            let text = text.replace(r#""unknown""#, r#""trimmed""#);
            let elsewhere = text.split_once('_').and_then(|(id, rest)| Some((id, rest.split_once('\n')?.1)));
            elsewhere.map_or(text.clone(), |(id, rest)| format!("{id}\n{rest}"))
        };
        let [before, after] = [before, after].map(|answer| answer.iter().map(shown).collect::<Vec<_>>());
        assert_eq!((asked, before), (asked_after, after), "with a window of {window}");
    }
}

fn data(text: &str) -> Option<&str> {
    text.lines().find_map(|line| line.strip_prefix("data: "))
}

fn answer(answers: &Answers, start: Start) -> Vec<&str> {
    let asked = format!("{start:?}");
    let (_, answer) = answers.iter().find(|(question, _)| *question == asked).unwrap();
    answer.iter().filter_map(|text| data(text)).collect()
}

/// All events into a channel. Their IDs, but for those that are not stored.
async fn publish_all(channel: &Channel<Row>) -> Vec<EventId> {
    let mut ids = Vec::new();
    for row in &ROWS {
        let id = channel.publish(row).await.unwrap();
        if !row.ephemeral {
            ids.push(id);
        }
    }
    while channel.cursor() != ids[ids.len() - 1] {
        sleep(SHORT).await;
    }
    ids
}

async fn is_finished(channel: &Channel<Row>) -> bool {
    matches!(channel.publish(&ROWS[0]).await, Err(PublishError::Finished))
}

async fn channel_after_a_restart<H: Harness>(limits: Limits, finishes: bool) {
    let harness = H::start(limits).await;
    let before = open_channel(&harness, WINDOWS[0]).await;
    let ids = publish_all(&before.served).await;
    if finishes {
        before.served.finish().await.unwrap();
        assert!(is_finished(&before.served).await);
    }
    harness.trim().await;
    // What finishes a log is a record as well.
    let kept = ids.len().min(limits.records - usize::from(finishes));
    let answers = ask(&before.served, &ids, kept).await;
    let all: Vec<_> = ROWS.iter().filter(|row| !row.ephemeral).map(|row| row.data).collect();
    assert!(answer(&answers, Start::Earliest).ends_with(&all[all.len() - kept..]));
    assert_eq!(answer(&answers, Start::LatestPerKey), NEWEST);
    before.end().await;
    for window in WINDOWS {
        let after = open_channel(&harness, window).await;
        assert_same(&answers, &ask(&after.served, &ids, kept).await, window, false);
        if finishes {
            assert!(is_finished(&after.served).await);
            let has_all = after.served.subscribe(last(ids.last()));
            assert_eq!(has_all.size_hint(), (0, Some(0)), "an adapter answers 204");
        }
        after.end().await;
    }
}

/// A channel that is started anew answers as it did: each start, each ID that a client may have, each place of a state.
pub async fn a_channel_after_a_restart<H: Harness>() {
    channel_after_a_restart::<H>(Limits::NONE, false).await;
    channel_after_a_restart::<H>(BOUNDED, false).await;
}

/// One that was finished lets late clients have what there is, and ends those that have it.
pub async fn a_finished_channel_after_a_restart<H: Harness>() {
    channel_after_a_restart::<H>(Limits::NONE, true).await;
    channel_after_a_restart::<H>(BOUNDED, true).await;
}

/// Clients name these at once; `done` is finished, `closed` is gone, and `anew` as well, but for what came behind that.
const NAMES: [&[&str]; 6] =
    [&["a"], &["a", "b"], &["b", "closed"], &["b", "anew", "closed", "done"], &["done"], &["anew", "done"]];

/// Fills the topics. The ID of each event that is stored, and its topic.
async fn fill(process: &Process<Topics<Row>>) -> Vec<(&'static str, EventId)> {
    let mut ids = Vec::new();
    let mut put = async |topic: &'static str, row: &Row| {
        let id = process.served.channel(topic).unwrap().publish(row).await.unwrap();
        if !row.ephemeral {
            ids.push((topic, id));
        }
    };
    for topic in ["done", "closed", "anew"] {
        put(topic, &Sample { data: "1", key: "k", ..ROW }).await;
        put(topic, &Sample { data: "2", key: "k", ..ROW }).await;
    }
    process.served.channel("done").unwrap().finish().await.unwrap();
    let log = process.store.open("market").await.unwrap();
    for topic in ["closed", "anew"] {
        process.served.close(topic);
        let nothing = Range::after(0).of(topic).records(0);
        while process.store.read(&log, nothing).await.unwrap().bounds.closed == 0 {
            sleep(SHORT).await;
        }
    }
    for row in &ROWS[..8] {
        put(row.topic, row).await;
    }
    put("anew", &Sample { data: "3", key: "k", ..ROW }).await;
    for row in &ROWS[8..] {
        put(row.topic, row).await;
    }
    while process.served.cursor() != ids[ids.len() - 1].1 {
        sleep(SHORT).await;
    }
    ids
}

/// Topics that are started anew answer as they did, to clients of one and of several: finished and closed ones among them.
pub async fn topics_after_a_restart<H: Harness>() {
    for limits in [Limits::NONE, BOUNDED] {
        let harness = H::start(limits).await;
        let before = open_topics(&harness, WINDOWS[0]).await;
        let ids = fill(&before).await;
        harness.trim().await;
        let mut asked = Vec::new();
        for names in NAMES {
            // An own ID goes with its event, and the store is asked for those of the client's topics alone.
            let is_known = |&n: &usize| {
                let (topic, id) = &ids[n];
                let behind = ids[n..].iter().filter(|(other, _)| other == topic).count();
                id.as_str().contains('-') || names.contains(topic) && behind <= limits.records
            };
            let known: Vec<_> = (0..ids.len()).filter(is_known).map(|n| ids[n].1.clone()).collect();
            let answers = ask(&(&before.served, names), &known, 4).await;
            asked.push((names, known, answers));
        }
        assert_eq!(answer(&asked[1].2, Start::LatestPerKey), NEWEST);
        before.end().await;
        for window in WINDOWS {
            let after = open_topics(&harness, window).await;
            for (names, known, answers) in &asked {
                assert_same(answers, &ask(&(&after.served, *names), known, 4).await, window, true);
            }
            after.end().await;
        }
    }
}
