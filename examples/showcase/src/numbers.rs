//! Numbers by which a page can tell that nothing is missing, without reading anything out of an event ID.

use serde::Serialize;
use typed_sse::{Channel, PublishError};

use crate::events::Dashboard;

/// Of one event that is kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Number {
    /// Drawn by lot, for events that one publisher published one after the other.
    pub run: u32,
    /// Counts them from 0.
    pub number: u64,
}

/// Publishes events, one after the other.
#[derive(Debug)]
pub(crate) struct Numbered {
    channel: Channel<Dashboard>,
    next: Number,
}

impl Numbered {
    pub(crate) fn new(channel: Channel<Dashboard>) -> Self {
        Self { channel, next: Number { run: fastrand::u32(..), number: 0 } }
    }

    pub(crate) async fn publish(
        &mut self,
        event: impl FnOnce(Number) -> Dashboard,
    ) -> Result<(), PublishError> {
        let published = self.channel.publish(&event(self.next)).await;
        match published {
            Ok(_) => self.next.number += 1,
            // It may have been stored, or not: whatever comes next is of another run.
            Err(_) => self.next = Number { run: fastrand::u32(..), number: 0 },
        }
        published.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use typed_sse::Start;

    use super::*;
    use crate::events::Machine;

    #[tokio::test]
    async fn an_event_that_failed_leaves_no_hole() {
        let channel = Channel::builder().event_bytes(200).build();
        let mut numbered = Numbered::new(channel.clone());
        let cpu = |cores: usize| {
            move |from| Dashboard::Machine(Machine::Cpu { at: 1, from, cores: vec![0.0; cores] })
        };
        let first = numbered.next;
        for cores in [1, 1, 1000, 1] {
            let published = numbered.publish(cpu(cores)).await;
            assert_eq!(published.is_ok(), cores == 1);
        }
        assert_ne!(numbered.next.run, first.run);
        assert_eq!(numbered.next.number, 1);
        assert_eq!(channel.subscribe(None).start(Start::Earliest).replayed(), 3);
    }
}
