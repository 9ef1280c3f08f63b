//! What is sent fits the types that TypeScript has of it.
//!
//! Here the modules are made, and beside them what the tests send, as a browser dispatches it. `e2e/tests/typescript/ported.test.js`
//! lets the client of each module read that, and asks the compiler whether it is what the types say.

use std::any::type_name;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde_json::json;
use typed_sse::Event;
use typed_sse::schema::{SchemaCatalogue, SseSchema};
use typed_sse_codegen::{Document, TypeScript};

/// By the names of types. The tests run beside each other, and some send the same.
static SENT: Mutex<BTreeMap<&str, Sent>> = Mutex::new(BTreeMap::new());

struct Sent {
    catalogue: SchemaCatalogue,
    /// Event type and data, each once.
    events: BTreeMap<(String, String), ()>,
}

/// Keeps an event as it was dispatched.
pub(crate) fn keep<E: SseSchema>(event: &Event) {
    let mut all = SENT.lock().unwrap_or_else(PoisonError::into_inner);
    let sent = all.entry(type_name::<E>());
    let sent =
        sent.or_insert_with(|| Sent { catalogue: SchemaCatalogue::of::<E>(), events: BTreeMap::new() });
    sent.events.insert((event.event_type().to_owned(), event.data().to_owned()), ());
}

#[test]
fn modules_and_what_is_sent_are_current() {
    everything_is_sent();
    let folder = Path::new("e2e/generated/ported");
    let all = SENT.lock().unwrap_or_else(PoisonError::into_inner);
    for (ty, sent) in all.iter() {
        let path = ty.split('<').next().unwrap_or(ty).trim_start_matches("ported::").replace("::", "-");
        TypeScript::new(sent.catalogue.clone()).check(folder.join(&path).with_extension("ts")).unwrap();
        let types: Vec<_> = sent.catalogue.events().iter().filter_map(|event| event.event_type()).collect();
        let events = sent.events.keys().map(|(event_type, data)| json!({ "type": event_type, "data": data }));
        // What an open catalogue does not name has no type in TypeScript either.
        let events: Vec<_> =
            events.filter(|event| types.iter().any(|known| event["type"] == *known)).collect();
        let json = serde_json::to_string_pretty(&events).unwrap() + "\n";
        Document::new(json).check(folder.join(&path).with_extension("json")).unwrap();
    }
    // Each type of these tests is there, and so is each of its events, but for the reset.
    assert_eq!(all.len(), TYPES, "{:?}", all.keys());
    for (ty, sent) in all.iter() {
        for event in sent.catalogue.events().iter().filter(|event| !event.is_reset()) {
            let Some(event_type) = event.event_type() else { continue };
            assert!(sent.events.keys().any(|(sent, _)| sent == event_type), "`{ty}` sends no `{event_type}`");
        }
    }
}

/// Whatever test runs first: all of them have run after this.
fn everything_is_sent() {
    crate::adjacent::every_shape();
    crate::completion::until_done();
    crate::custom_kinds::kinds_in_the_data();
    crate::custom_kinds::kinds_are_data();
    crate::delivery::from_outside_and_from_inside();
    crate::job_runner::all_unnamed();
    crate::log_lines::names_and_lines();
    crate::login::steps();
    crate::messages::a_whole_reply();
    crate::responses::name_and_tag_are_one();
    crate::rpc::message_is_written_out();
    crate::search::what_serde_converts();
    crate::session::an_id_where_there_is_one();
    crate::stored::the_number_is_the_id();
    crate::timeline::each_enum_by_its_own_rules();
}

/// How many types these tests send events of.
const TYPES: usize = 17;
