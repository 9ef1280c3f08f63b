//! What the parts of a stream are called among the schemas of a document.

use typed_sse_core::schema::EventSchema;

/// The names that a stream's own schemas have, before others get in the way.
pub(crate) struct Names {
    /// The stream's name, without an `Event` at its end.
    stem: String,
    /// Of each event, in order; no two are the same.
    titles: Vec<String>,
}

impl Names {
    pub(crate) fn new(stream: &str, events: &[EventSchema]) -> Self {
        let stem = match stream.strip_suffix("Event") {
            Some(stem) if !stem.is_empty() => stem,
            _ => stream,
        };
        Self { stem: legal(stem), titles: titles(events) }
    }

    /// Any of the stream's events: `MarketEvent`.
    pub(crate) fn any_event(&self) -> String {
        format!("{}Event", self.stem)
    }

    /// Any of the payloads: `MarketPayload`.
    pub(crate) fn any_payload(&self) -> String {
        format!("{}Payload", self.stem)
    }

    /// One event: `MarketPriceChangedEvent`.
    pub(crate) fn event(&self, index: usize) -> String {
        format!("{}{}Event", self.stem, self.titles[index])
    }

    /// The payload of one event: `MarketPriceChanged`.
    pub(crate) fn payload(&self, index: usize) -> String {
        format!("{}{}", self.stem, self.titles[index])
    }

    /// One event, without the stream's name: `PriceChanged`.
    pub(crate) fn title(&self, index: usize) -> &str {
        &self.titles[index]
    }
}

/// The name of each event's variant; where two types have one of that name, the event type; then a number.
fn titles(events: &[EventSchema]) -> Vec<String> {
    let variants: Vec<_> = events.iter().map(|event| title(event.variant())).collect();
    let mut titles: Vec<String> = Vec::new();
    for (event, variant) in events.iter().zip(&variants) {
        let is_alone = !variant.is_empty() && variants.iter().filter(|other| *other == variant).count() == 1;
        let wished = if is_alone { variant.clone() } else { title(event.event_type().unwrap_or("other")) };
        let mut free = wished.clone();
        let mut number = 2;
        while titles.contains(&free) {
            free = format!("{wished}{number}");
            number += 1;
        }
        titles.push(free);
    }
    titles
}

/// `PriceChanged` of `price_changed`.
fn title(name: &str) -> String {
    let mut title = String::with_capacity(name.len());
    for word in name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let mut chars = word.chars();
        title.extend(chars.next().into_iter().flat_map(char::to_uppercase));
        title.push_str(chars.as_str());
    }
    legal(&title)
}

/// The same with what the keys of Components may have.
///
/// <https://spec.openapis.org/oas/v3.2.0.html#components-object>
pub(crate) fn legal(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '_' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use typed_sse_core::schema::Payload;

    #[test]
    fn names_of_events() {
        let event = |event_type: &str| EventSchema::new(event_type, Payload::Text);
        for (given, wanted) in [
            ("price_changed", "MarketPriceChanged"),
            ("market.price-changed", "MarketMarketPriceChanged"),
            ("priceChanged", "MarketPriceChanged"),
            ("preis_änderung", "MarketPreis_nderung"),
        ] {
            assert_eq!(Names::new("MarketEvent", &[event(given)]).payload(0), wanted);
        }
        let events = [
            event("message").with_variant("Chunk"),
            event("chat_failed").with_variant("Failed"),
            event("tool_failed").with_variant("Failed"),
            event("message"),
            event("message"),
        ];
        let names = Names::new("Chat", &events);
        assert_eq!(
            (names.event(0), names.any_event()),
            ("ChatChunkEvent".to_owned(), "ChatEvent".to_owned())
        );
        let titles: Vec<_> = (0..5).map(|i| names.title(i)).collect();
        assert_eq!(titles, ["Chunk", "ChatFailed", "ToolFailed", "Message", "Message2"]);
        assert_eq!(Names::new("Event", &[]).any_event(), "EventEvent");
    }
}
