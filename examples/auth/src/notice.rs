//! What is published, and in which topics.

use std::time::Duration;

use serde::Serialize;
use typed_sse::{SseEvent, Topics};

/// All topics. Who may read which is kept with the users.
pub(crate) const TOPICS: [&str; 3] = ["news", "orders", "payroll"];

/// One event of any topic.
#[derive(Clone, Debug, SseEvent)]
#[cfg_attr(test, derive(typed_sse::SseSchema))]
pub(crate) enum Notice {
    News {
        headline: String,
    },
    Order {
        number: u64,
        state: &'static str,
    },
    Salary {
        number: u64,
        amount: u64,
    },
    /// The last of a stream that may not go on. An `EventSource` cannot see which status its next
    /// request will meet. It has no ID: the place of the client stays where it was.
    #[sse(ephemeral, retry = 1000)]
    AccessEnded {
        reason: Reason,
    },
}

/// Why a stream may not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub(crate) enum Reason {
    /// The token or the session has run out: get a new one.
    Expired,
    /// One of its topics may not be read any more.
    Withdrawn,
    /// The session was ended.
    LoggedOut,
}

/// Publishes something in each topic in turn, for as long as the server runs.
pub(crate) async fn publish_demo(topics: Topics<Notice>) {
    let mut clock = tokio::time::interval(Duration::from_millis(1500));
    for number in 1.. {
        clock.tick().await;
        let (topic, notice) = match number % 4 {
            0 => ("payroll", Notice::Salary { number, amount: 2000 + 37 * number % 3000 }),
            1 | 3 => {
                ("orders", Notice::Order { number, state: if number % 8 < 4 { "placed" } else { "sent" } })
            }
            _ => ("news", Notice::News { headline: format!("The lift has stopped on floor {}", number % 9) }),
        };
        let Ok(channel) = topics.channel(topic) else { continue };
        if let Err(error) = channel.publish(&notice).await {
            tracing::error!(%error, topic, "not published");
        }
    }
}

#[cfg(test)]
mod tests {
    use typed_sse_codegen::TypeScript;

    use super::*;

    #[test]
    fn the_module_of_the_page_is_current() {
        TypeScript::of::<Notice>().check("page/notice.js").unwrap();
    }
}
