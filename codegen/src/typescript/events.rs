//! What a client listens for, and how it reads what comes.

use std::collections::BTreeMap;

use serde_json::Value;
use typed_sse_core::schema::{EventSchema, Payload, SchemaCatalogue};

/// All events of one event type, which a client reads in one way.
pub(super) struct Group<'a> {
    pub(super) event_type: &'a str,
    pub(super) events: Vec<&'a EventSchema>,
    /// The member that tells them apart, and the value that each of them has there.
    pub(super) tag: Option<(String, Vec<Option<String>>)>,
}

/// The events of a catalogue, in the order in which their types are declared. Open ones have none.
pub(super) fn groups(catalogue: &SchemaCatalogue) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for event in catalogue.events() {
        let Some(event_type) = event.event_type() else { continue };
        match groups.iter_mut().find(|group| group.event_type == event_type) {
            Some(group) => group.events.push(event),
            None => groups.push(Group { event_type, events: vec![event], tag: None }),
        }
    }
    let mut taken: Vec<String> = groups.iter().map(|group| group.event_type.to_owned()).collect();
    for group in &mut groups {
        let tag = tag(catalogue, group);
        let names = || tag.iter().flat_map(|(_, names)| names).flatten();
        // A name that is taken would be two events under one.
        if names().any(|name| taken.contains(name)) {
            continue;
        }
        taken.extend(names().cloned());
        group.tag = tag;
    }
    groups
}

impl<'a> Group<'a> {
    /// What an event is called to a client: by its tag, or else by its event type.
    pub(super) fn name(&self, i: usize) -> &str {
        let tagged = self.tag.as_ref().and_then(|(_, names)| names.get(i)?.as_deref());
        tagged.unwrap_or(self.event_type)
    }

    /// Whether some of them are text or bytes and others are not, so that all that is known is the text.
    pub(super) fn is_mixed(&self) -> bool {
        let mut formats: Vec<_> = self.events.iter().filter_map(|event| format(event)).collect();
        formats.sort_unstable();
        formats.dedup();
        formats.len() > 1
    }

    /// Which of their names and texts end the stream: all, or these.
    pub(super) fn ends(&self) -> Ends<'_> {
        if self.events.iter().all(|event| event.is_terminal()) {
            return Ends::All;
        }
        let terminal = self.events.iter().enumerate().filter(|(_, event)| event.is_terminal());
        let ends = terminal.filter_map(|(i, event)| match event.payload() {
            Payload::Fixed(text) => Some(text.as_str()),
            // Without a tag, nothing tells it from the others.
            _ => self.tag.as_ref().map(|_| self.name(i)),
        });
        Ends::Some(ends.collect())
    }

    pub(super) fn fixed(&self) -> Vec<&'a str> {
        let text = |event: &&'a EventSchema| match event.payload() {
            Payload::Fixed(text) => Some(text.as_str()),
            _ => None,
        };
        self.events.iter().filter_map(text).collect()
    }
}

pub(super) enum Ends<'a> {
    All,
    Some(Vec<&'a str>),
}

fn format(event: &EventSchema) -> Option<u8> {
    match event.payload() {
        Payload::Json(_) => Some(0),
        Payload::Text => Some(1),
        Payload::Base64 => Some(2),
        _ => None,
    }
}

/// A member that each of several JSON events has always, with another constant.
fn tag(catalogue: &SchemaCatalogue, group: &Group<'_>) -> Option<(String, Vec<Option<String>>)> {
    let schemas: Vec<_> = group.events.iter().filter_map(|event| event.schema()).collect();
    if schemas.len() < 2 || group.is_mixed() {
        return None;
    }
    let constants: Vec<_> =
        schemas.iter().map(|schema| constants(catalogue.resolve(schema).as_value())).collect();
    let (first, others) = constants.split_first()?;
    let tag = first.keys().find(|tag| {
        let mut values: Vec<_> = constants.iter().filter_map(|constants| constants.get(*tag)).collect();
        values.sort_unstable();
        values.dedup();
        values.len() == constants.len() && others.iter().all(|constants| constants.contains_key(*tag))
    })?;
    let name = |event: &&EventSchema| {
        let schema = catalogue.resolve(event.schema()?);
        constants_of(schema.as_value(), tag)
    };
    Some((tag.clone(), group.events.iter().map(name).collect()))
}

fn constants_of(schema: &Value, tag: &str) -> Option<String> {
    constants(schema).remove(tag)
}

/// The members of an object that are always there, and always the same text.
fn constants(schema: &Value) -> BTreeMap<String, String> {
    let members = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    let required = schema.get("required").and_then(Value::as_array);
    let is_required =
        |name: &str| required.is_some_and(|required| required.iter().any(|known| known == name));
    let constant = |(name, member): (&String, &Value)| {
        let value = member.get("const")?.as_str()?;
        is_required(name).then(|| (name.clone(), value.to_owned()))
    };
    members.filter_map(constant).collect()
}
