//! A login on a second device: the steps as serde names them without a rule, and one that never leaves the server.

use std::time::Duration;

use proptest::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use typed_sse::{FromSseEvent, SseEvent, SseSchema};

use crate::{always_comes_back, comes_back, there_and_back, types, wire};

#[derive(Debug, PartialEq, Serialize, Deserialize, JsonSchema, FromSseEvent, SseEvent, SseSchema)]
#[sse(data = self)]
enum LoginStep {
    Pending,
    ShowCode {
        code: String,
        expires_in: u32,
    },
    #[sse(retry = 60000)]
    Approved(String),
    RateLimited {
        #[sse(retry)]
        #[serde(skip)]
        wait: Duration,
        attempts: u8,
    },
    #[serde(skip)]
    PasswordEntered(String),
}

#[test]
pub(crate) fn steps() {
    there_and_back(vec![
        (LoginStep::Pending, "event: Pending\ndata: \"Pending\"\n\n"),
        (
            LoginStep::ShowCode { code: "123-456".into(), expires_in: 300 },
            "event: ShowCode\ndata: {\"ShowCode\":{\"code\":\"123-456\",\"expires_in\":300}}\n\n",
        ),
        (
            LoginStep::Approved("token".into()),
            "event: Approved\nretry: 60000\ndata: {\"Approved\":\"token\"}\n\n",
        ),
    ]);
    // Serde skips the time, which comes back from the field `retry`.
    comes_back(&LoginStep::RateLimited { wait: Duration::from_secs(5), attempts: 3 });
    assert_eq!(
        wire(&LoginStep::RateLimited { wait: Duration::from_secs(5), attempts: 3 }),
        "event: RateLimited\nretry: 5000\ndata: {\"RateLimited\":{\"attempts\":3}}\n\n"
    );
    assert!(LoginStep::PasswordEntered("secret".into()).to_frame().is_err());
    assert_eq!(types::<LoginStep>(), ["Pending", "ShowCode", "Approved", "RateLimited"]);
}

#[test]
fn every_value() {
    always_comes_back(prop_oneof![
        prop::strategy::LazyJust::new(|| LoginStep::Pending),
        any::<(String, u32)>().prop_map(|(code, expires_in)| LoginStep::ShowCode { code, expires_in }),
        any::<String>().prop_map(LoginStep::Approved),
        any::<(u32, u8)>().prop_map(|(ms, attempts)| LoginStep::RateLimited {
            wait: Duration::from_millis(ms.into()),
            attempts
        }),
    ]);
}
