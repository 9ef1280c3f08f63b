//! The output of a process: plain text under names that other parts of the program use, too.

use proptest::prelude::*;
use typed_sse::{FromSseEvent, SseEvent, SseSchema};

use crate::{always_comes_back, comes_back, text, types, wire};

/// What the client of this program compares with.
mod streams {
    pub(crate) const STDOUT: &str = "stdout";
    pub(crate) const STDERR: &str = "stderr";
}

#[derive(Debug, PartialEq, FromSseEvent, SseEvent, SseSchema)]
enum LogLine {
    #[sse(event = streams::STDOUT, text)]
    Out(String),
    #[sse(event = streams::STDERR, text)]
    Err(String),
    #[sse(event = concat!("process", ".", "exited"))]
    Exited { code: i32 },
    /// For the audit log, not for clients.
    #[sse(skip)]
    #[allow(dead_code)]
    Environment(Vec<(String, String)>),
}

#[test]
pub(crate) fn names_and_lines() {
    assert_eq!(wire(&LogLine::Out("a\nb".into())), "event: stdout\ndata: a\ndata: b\n\n");
    assert_eq!(wire(&LogLine::Err(" warning".into())), "event: stderr\ndata:  warning\n\n");
    assert_eq!(wire(&LogLine::Exited { code: -1 }), "event: process.exited\ndata: {\"code\":-1}\n\n");
    for line in [LogLine::Out("a\nb".into()), LogLine::Err(" warning".into()), LogLine::Exited { code: -1 }] {
        comes_back(&line);
    }
    assert!(LogLine::Environment(Vec::new()).to_frame().is_err());
    assert_eq!(types::<LogLine>(), [streams::STDOUT, streams::STDERR, "process.exited"]);
}

#[test]
fn every_value() {
    always_comes_back(prop_oneof![
        text().prop_map(LogLine::Out),
        text().prop_map(LogLine::Err),
        any::<i32>().prop_map(|code| LogLine::Exited { code }),
    ]);
}
