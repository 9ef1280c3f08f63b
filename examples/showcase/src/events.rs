//! Everything that goes over the wire, declared once.

use serde::Serialize;
use typed_sse::SseEvent;

use crate::numbers::Number;

/// One event of the page's stream.
#[derive(Clone, Debug, SseEvent)]
#[cfg_attr(test, derive(typed_sse::SseSchema))]
pub(crate) enum Dashboard {
    /// What the machine is doing.
    #[sse(transparent)]
    Machine(Machine),
    /// What the server has to say.
    #[sse(transparent)]
    Log(Log),
    /// The first event of each connection: what it will bring.
    #[sse(ephemeral)]
    Connected {
        /// How many events are replayed before live ones.
        replay: u64,
        host: String,
        /// Of the machine, in seconds.
        uptime: u64,
        /// Open connections, this one included.
        subscribers: usize,
        retention: Retention,
    },
    /// What the channel counts, since the server started or now: see [`typed_sse::Counters`].
    #[sse(ephemeral)]
    Counters {
        at: u64,
        published: u64,
        published_bytes: u64,
        retained: u64,
        retained_bytes: u64,
        subscribers: u64,
        subscribed: u64,
        lag: u64,
        delivered: u64,
        replayed: u64,
        resets: Resets,
    },
}

/// A sample of the machine; `at` is in milliseconds since 1970.
#[derive(Clone, Debug, SseEvent)]
#[cfg_attr(test, derive(typed_sse::SseSchema))]
pub(crate) enum Machine {
    /// Use per core, in percent.
    Cpu { at: u64, from: Number, cores: Vec<f32> },
    /// In bytes.
    Memory { at: u64, from: Number, total: u64, used: u64, swap_total: u64, swap_used: u64 },
    /// Over all interfaces but loopback, in bytes per second.
    Network { at: u64, from: Number, received: u64, sent: u64 },
    /// The processes that use most of the CPU, the busiest first.
    Processes { at: u64, from: Number, busiest: Vec<Process> },
}

/// One line of the server's log.
#[derive(Clone, Debug, SseEvent)]
#[cfg_attr(test, derive(typed_sse::SseSchema))]
pub(crate) struct Log {
    pub at: u64,
    pub from: Number,
    pub level: &'static str,
    pub target: String,
    pub message: String,
}

#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Process {
    pub pid: u32,
    pub name: String,
    /// In percent of one core.
    pub cpu: f32,
    /// In bytes.
    pub memory: u64,
}

#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Retention {
    pub events: usize,
    pub seconds: u64,
}

/// How many there were, by their reason.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub(crate) struct Resets {
    pub epoch: u64,
    pub trimmed: u64,
    pub unknown: u64,
    pub lagged: u64,
}

#[cfg(test)]
mod tests {
    use typed_sse_codegen::TypeScript;

    use super::*;

    /// The client of the page. When the enum has changed, this fails until the module is written anew, and then the page does not
    /// compile until it has followed: see `e2e/tests/typescript`.
    #[test]
    fn the_module_of_the_page_is_current() {
        TypeScript::of::<Dashboard>().check("page/dashboard.js").unwrap();
    }

    #[test]
    fn the_page_listens_for_every_event() {
        let page = concat!(include_str!("../page/app.js"), include_str!("../page/stream.js"));
        for spec in Dashboard::EVENTS {
            let quoted = ['"', '\''].map(|quote| format!("{quote}{}{quote}", spec.event_type()));
            let named = format!("{}:", spec.event_type());
            assert!(
                quoted.iter().any(|name| page.contains(name)) || page.contains(&named),
                "the page does not know `{}`",
                spec.event_type()
            );
        }
    }

    #[test]
    fn the_wire_is_what_the_page_reads() {
        let event = Dashboard::Machine(Machine::Cpu {
            at: 1,
            from: Number { run: 7, number: 2 },
            cores: vec![12.5, 0.0],
        });
        let frame = event.to_frame().unwrap();
        assert_eq!(
            frame.as_ref(),
            b"event: cpu\ndata: {\"at\":1,\"from\":{\"run\":7,\"number\":2},\"cores\":[12.5,0.0]}\n\n"
        );
    }
}
