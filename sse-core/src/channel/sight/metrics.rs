//! Counters through the `metrics` facade.

use metrics::{Unit, counter, describe_counter, describe_gauge, gauge};

use super::counters::Counters;

/// One row of the table of [`Counters`].
struct Metric {
    name: &'static str,
    /// A count goes on from where it was; what is not one is as of now.
    is_count: bool,
    unit: Unit,
    help: &'static str,
    value: fn(&Counters) -> u64,
}

impl Counters {
    /// Reports these to the recorder of the process, under the names in the [table](Self) and with `channel` as the label
    /// of that name. Call it every few seconds, or before what the recorder has is read:
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")] async fn main() {
    /// use std::time::Duration;
    /// use typed_sse_core::{Channel, Counters, Event};
    ///
    /// let market = Channel::<Event>::new();
    /// Counters::describe();
    /// let reported = market.clone();
    /// tokio::spawn(async move {
    ///     let mut interval = tokio::time::interval(Duration::from_secs(5));
    ///     loop {
    ///         interval.tick().await;
    ///         reported.counters().report("market");
    ///     }
    /// });
    /// # }
    /// ```
    ///
    /// Nothing is reported in between, so that delivering an event costs the same with and without a recorder. Of several
    /// channels with one label, report the [sum](std::ops::AddAssign): the last report of a label stands.
    pub fn report(&self, channel: &str) {
        for Metric { name, is_count, value, .. } in &METRICS {
            let value = value(self);
            if *is_count {
                counter!(*name, "channel" => channel.to_owned()).absolute(value);
            } else {
                // Exact up to 2^53.
                gauge!(*name, "channel" => channel.to_owned()).set(value as f64);
            }
        }
        let resets = self.resets;
        let by_reason = [
            ("unknown", resets.unknown),
            ("trimmed", resets.trimmed),
            ("epoch", resets.epoch),
            ("lagged", resets.lagged),
        ];
        for (reason, resets) in by_reason {
            counter!(RESETS, "channel" => channel.to_owned(), "reason" => reason).absolute(resets);
        }
    }

    /// Tells the recorder of the process the unit and the meaning of each metric. Once is enough.
    pub fn describe() {
        for Metric { name, is_count, unit, help, .. } in &METRICS {
            if *is_count {
                describe_counter!(*name, *unit, *help);
            } else {
                describe_gauge!(*name, *unit, *help);
            }
        }
        describe_counter!(RESETS, Unit::Count, "resets that clients were told of");
    }
}

const RESETS: &str = "typed_sse_resets_total";

const fn now(name: &'static str, unit: Unit, help: &'static str, value: fn(&Counters) -> u64) -> Metric {
    Metric { name, is_count: false, unit, help, value }
}

const fn count(name: &'static str, unit: Unit, help: &'static str, value: fn(&Counters) -> u64) -> Metric {
    Metric { name, is_count: true, unit, help, value }
}

const METRICS: [Metric; 21] = [
    now("typed_sse_subscribers", Unit::Count, "subscriptions that are alive", |c| c.subscribers),
    now("typed_sse_waiting", Unit::Count, "subscriptions that wait for their turn to replay", |c| c.waiting),
    now("typed_sse_lag", Unit::Count, "events by which the slowest subscriber is behind", |c| c.lag),
    now("typed_sse_retained", Unit::Count, "events that the log holds", |c| c.retained),
    now("typed_sse_retained_bytes", Unit::Bytes, "bytes of the events that are retained", |c| {
        c.retained_bytes
    }),
    count("typed_sse_subscribed_total", Unit::Count, "subscriptions that were made", |c| c.subscribed),
    count("typed_sse_sent_away_total", Unit::Count, "subscriptions that got only a reconnection time", |c| {
        c.sent_away
    }),
    count(
        "typed_sse_disconnected_total",
        Unit::Count,
        "subscriptions that ended because they fell behind",
        |c| c.disconnected,
    ),
    count("typed_sse_published_total", Unit::Count, "events that were published", |c| c.published),
    count("typed_sse_published_bytes_total", Unit::Bytes, "bytes of the events that were published", |c| {
        c.published_bytes
    }),
    count("typed_sse_trimmed_total", Unit::Count, "events that are no longer retained", |c| c.trimmed),
    count("typed_sse_delivered_total", Unit::Count, "events that were handed to a subscriber", |c| {
        c.delivered
    }),
    count("typed_sse_replayed_total", Unit::Count, "events delivered from before the subscription", |c| {
        c.replayed
    }),
    count("typed_sse_filtered_total", Unit::Count, "events that a filter left out", |c| c.filtered),
    count(
        "typed_sse_superseded_total",
        Unit::Count,
        "events that were skipped for a newer one of their key",
        |c| c.superseded,
    ),
    count("typed_sse_store_failed_total", Unit::Count, "calls that the store did not answer", |c| {
        c.store_failed
    }),
    count("typed_sse_store_appends_failed_total", Unit::Count, "calls to store events that failed", |c| {
        c.store_appends_failed
    }),
    count("typed_sse_store_interrupted_total", Unit::Count, "calls to follow the store that failed", |c| {
        c.store_interrupted
    }),
    count("typed_sse_store_pages_total", Unit::Count, "pages read for clients from before the window", |c| {
        c.store_pages
    }),
    now("typed_sse_store_lag_ms", Unit::Milliseconds, "age of the newest event out of the store", |c| {
        c.store_lag_ms
    }),
    now("typed_sse_store_down_ms", Unit::Milliseconds, "for which the store has not answered", |c| {
        c.store_down_ms
    }),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_table_has_each_metric_and_no_other() {
        let documented: Vec<&str> = include_str!("counters.rs")
            .lines()
            .filter_map(|line| line.strip_prefix("/// | `")?.split('`').nth(2))
            .collect();
        let names: Vec<&str> = METRICS.iter().map(|metric| metric.name).chain([RESETS]).collect();
        assert_eq!(documented, names);
    }
}
