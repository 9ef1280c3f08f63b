//! Streams in documents of utoipa.

use serde_json::{Value, json};
use typed_sse::schema::SchemaCatalogue;
use typed_sse_codegen::openapi::Stream;
use utoipa::openapi::{OpenApi, OpenApiVersion};
use utoipa::{OpenApi as _, ToSchema};

use crate::events::Market;

/// A type of the name of one of [`Market`].
#[derive(ToSchema)]
struct Venue {
    city: String,
}

/// Prices, as ours.
#[utoipa::path(get, path = "/prices/{symbol}", tag = "ours", params(("symbol", description = "Ours")),
    responses((status = 200, description = "Ours"), (status = 404, description = "Ours", body = Venue)))]
fn prices() {}

#[derive(utoipa::OpenApi)]
#[openapi(paths(prices))]
struct Ours;

fn inserted() -> (OpenApi, Value) {
    let mut document = Ours::openapi();
    Stream::get("/prices/{symbol}", &SchemaCatalogue::of::<Market>())
        .insert_into_utoipa(&mut document)
        .unwrap();
    let value = serde_json::to_value(&document).unwrap();
    (document, value)
}

#[test]
fn an_operation_by_its_macro_gets_the_events_and_keeps_what_it_says() {
    let (document, value) = inserted();
    assert!(document.openapi == OpenApiVersion::Version32);
    let get = &value["paths"]["/prices/{symbol}"]["get"];
    assert_eq!((&get["tags"], &get["summary"]), (&json!(["ours"]), &json!("Prices, as ours.")));
    let parameters: Vec<_> = get["parameters"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(parameters, ["symbol", "Last-Event-ID"]);
    assert_eq!(get["parameters"][0]["description"], "Ours");
    let statuses: Vec<_> = get["responses"].as_object().unwrap().keys().collect();
    assert_eq!(statuses, ["200", "204", "404"]);
    assert_eq!(get["responses"]["200"]["description"], "Ours");
    let media = &get["responses"]["200"]["content"]["text/event-stream"];
    assert_eq!(media["schema"]["$ref"], "#/components/schemas/MarketEvent");
}

#[test]
fn one_type_in_two_streams_is_there_once() {
    let (mut document, value) = inserted();
    let number = |value: &Value| value["components"]["schemas"].as_object().unwrap().len();
    Stream::get("/all", &SchemaCatalogue::of::<Market>()).insert_into_utoipa(&mut document).unwrap();
    assert_eq!(number(&serde_json::to_value(&document).unwrap()), number(&value));
}

#[test]
fn constants_are_kept_and_names_that_clash_too() {
    let (_, value) = inserted();
    let media =
        &value["paths"]["/prices/{symbol}"]["get"]["responses"]["200"]["content"]["text/event-stream"];
    let branches = media["itemSchema"]["oneOf"].as_array().unwrap();
    let types: Vec<_> = branches.iter().map(|branch| &branch["properties"]["event"]["enum"][0]).collect();
    let wanted = ["price_changed", "story", "line", "logo", "tick", "delisted", "rumour", "closed", "reset"];
    assert_eq!(types, wanted);
    assert_eq!(branches[0]["properties"]["data"]["contentMediaType"], "application/json");
    assert_eq!(branches[7]["x-sse-terminal"], true);
    let schemas = &value["components"]["schemas"];
    assert_eq!(schemas["Venue"]["type"], "object");
    assert_eq!(schemas["Venue2"]["enum"], json!(["Nyse", "Lse"]));
}
