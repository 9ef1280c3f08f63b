//! Documents of AsyncAPI.

use typed_sse::schema::SchemaCatalogue;
use typed_sse_codegen::Error;
use typed_sse_codegen::asyncapi::AsyncApi;

use crate::events::other::Arcade;
use crate::events::{Chat, Market};

#[test]
fn the_whole_document_is_the_committed_one() -> Result<(), Error> {
    AsyncApi::new("A market, and a chat", "1.0.0")
        .description("What is sent, and what it means.")
        .server("here", "127.0.0.1:3000", "http")
        .stream("/prices/{symbol}", &SchemaCatalogue::of::<Market>())
        .stream("/chat", &SchemaCatalogue::of::<Chat>().without_reset())
        .yaml()
        .check("tests/documents/asyncapi.yaml")
}

#[test]
fn names_that_clash_stay_apart() {
    let document = AsyncApi::new("", "")
        .stream("/prices", &SchemaCatalogue::of::<Market>())
        .stream("/all", &SchemaCatalogue::of::<Market>())
        .stream("/scores", &SchemaCatalogue::of::<Arcade>())
        .to_value();
    let channels: Vec<_> = document["channels"].as_object().unwrap().keys().collect();
    assert_eq!(channels, ["arcade", "market", "market2"]);
    let operations: Vec<_> = document["operations"].as_object().unwrap().keys().collect();
    assert_eq!(operations, ["sendArcade", "sendMarket", "sendMarket2"]);
    let venue = &document["channels"]["arcade"]["messages"]["Score"]["payload"]["properties"]["venue"];
    assert_eq!(venue["$ref"], "#/components/schemas/Venue2");
}
