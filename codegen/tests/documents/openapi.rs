//! Documents of OpenAPI, whole and in parts.

use serde_json::{Value, json};
use typed_sse::schema::SchemaCatalogue;
use typed_sse::{Event, SseEvent, SseSchema};
use typed_sse_codegen::openapi::{Companion, OpenApi, Stream};
use typed_sse_codegen::{Error, ErrorKind};

use crate::events::other::Arcade;
use crate::events::{Chat, Market};

fn market() -> Stream {
    Stream::get("/prices/{symbol}", &SchemaCatalogue::of::<Market>())
}

fn content<'a>(document: &'a Value, path: &str, method: &str) -> &'a Value {
    &document["paths"][path][method]["responses"]["200"]["content"]["text/event-stream"]
}

#[test]
fn the_whole_document_is_the_committed_one() -> Result<(), Error> {
    let chat = Stream::post("/chat", &SchemaCatalogue::of::<Chat>().without_reset())
        .operation_id("chat")
        .without_last_event_id()
        .without_end()
        .with("tags", json!(["chat"]))
        .response_description("The answer, piece by piece.");
    let prices = market().operation_id("prices").summary("What happens to a symbol").parameter(
        "query",
        "venue",
        &json!({"type": "string"}),
    );
    let document = OpenApi::new("A market, and a chat", "1.0.0")
        .description("What is sent, and what it means.")
        .server("http://127.0.0.1:3000")
        .stream(prices)
        .stream(chat);
    document.yaml()?.check("tests/documents/openapi.yaml")
}

#[test]
fn what_ends_a_stream_is_marked_and_so_is_what_else_is_known() {
    let document = OpenApi::new("", "").stream(market()).to_value().unwrap();
    let branches = content(&document, "/prices/{symbol}", "get")["itemSchema"]["oneOf"].as_array().unwrap();
    let marked = |mark: &str| {
        let marked = branches.iter().filter(|branch| branch[mark] == true);
        marked.map(|branch| branch["properties"]["event"]["const"].as_str().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(marked("x-sse-terminal"), ["closed"]);
    assert_eq!(marked("x-sse-ephemeral"), ["tick"]);
    assert_eq!(marked("x-sse-tombstone"), ["delisted"]);
    assert_eq!(marked("x-sse-reset"), ["reset"]);
    assert_eq!(marked("deprecated"), ["rumour"]);
}

/// In 3.2, a `schema` beside an `itemSchema` is about the list of all events.
#[test]
fn what_stands_beside_the_exact_schema_says_nothing_of_lists() {
    let document = OpenApi::new("", "").stream(market()).to_value().unwrap();
    assert_eq!(
        content(&document, "/prices/{symbol}", "get")["schema"],
        json!({"$ref": "#/components/schemas/MarketEvent"})
    );
    let schemas = &document["components"]["schemas"];
    for event in schemas["MarketEvent"]["anyOf"].as_array().unwrap() {
        let name = event["$ref"].as_str().unwrap().rsplit('/').next().unwrap();
        let event = schemas[name].as_object().unwrap();
        let words: Vec<_> = event.keys().map(String::as_str).filter(|word| !word.starts_with("x-")).collect();
        let allowed = ["deprecated", "description", "properties", "required", "title"];
        assert!(words.iter().all(|word| allowed.contains(word)), "{name}: {words:?}");
    }
}

#[test]
fn hey_api_gets_payloads_and_no_response_without_one() {
    let stream = market().companion(Companion::Payloads);
    let document = OpenApi::new("", "").stream(stream).to_value().unwrap();
    let operation = &document["paths"]["/prices/{symbol}"]["get"];
    assert!(operation["responses"].get("204").is_none());
    let payloads = &document["components"]["schemas"]["MarketPayload"]["anyOf"];
    assert_eq!(payloads[0], json!({"$ref": "#/components/schemas/MarketPriceChanged"}));
    assert_eq!(payloads.as_array().unwrap().len(), 9);
}

#[test]
fn events_of_any_type_have_a_branch() {
    #[derive(SseEvent, SseSchema)]
    enum Proxy {
        Ready,
        #[sse(transparent)]
        Any(Event),
    }
    let stream = Stream::get("/any", &SchemaCatalogue::of::<Proxy>().without_reset());
    let document = OpenApi::new("", "").stream(stream).to_value().unwrap();
    let branches = content(&document, "/any", "get")["itemSchema"]["anyOf"].as_array().unwrap();
    assert_eq!(branches[0]["properties"]["event"], json!({"type": "string", "const": "ready"}));
    assert_eq!(branches[1]["properties"]["event"], json!({"type": "string"}));
    assert_eq!(branches[1]["required"], json!(["data"]));
}

#[test]
fn a_team_s_own_document_keeps_what_it_says() {
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {"title": "Ours", "version": "1"},
        "paths": {"/prices/{symbol}": {
            "get": {
                "summary": "Ours",
                "parameters": [{"in": "header", "name": "last-event-id", "schema": {"type": "string"}, "description": "Ours"}],
                "responses": {
                    "200": {"description": "Ours", "content": {"application/json": {}}},
                    "204": {"description": "Ours"},
                    "404": {"description": "Ours"},
                },
            },
            "delete": {"responses": {}},
        }},
        "components": {"schemas": {"Venue": {"type": "object"}, "Other": {"type": "null"}}},
    });
    market().summary("Theirs").operation_id("prices").insert_into(&mut document).unwrap();
    assert_eq!(document["openapi"], "3.2.0");
    assert!(document["paths"]["/prices/{symbol}"].get("delete").is_some());
    let get = &document["paths"]["/prices/{symbol}"]["get"];
    assert_eq!((&get["summary"], &get["operationId"]), (&json!("Ours"), &json!("prices")));
    let parameters: Vec<_> = get["parameters"].as_array().unwrap().iter().map(|one| &one["name"]).collect();
    assert_eq!(parameters, ["last-event-id", "symbol"]);
    for status in ["200", "204", "404"] {
        assert_eq!(get["responses"][status]["description"], "Ours");
    }
    let types: Vec<_> = get["responses"]["200"]["content"].as_object().unwrap().keys().collect();
    assert_eq!(types, ["application/json", "text/event-stream"]);
    // The name is taken by another type.
    let schemas = &document["components"]["schemas"];
    assert_eq!(
        (&schemas["Venue"], &schemas["Other"]),
        (&json!({"type": "object"}), &json!({"type": "null"}))
    );
    assert_eq!(schemas["Venue2"]["enum"], json!(["Nyse", "Lse"]));
    let venue = &schemas["MarketPriceChanged"]["properties"]["venue"]["anyOf"][0];
    assert_eq!(venue["$ref"], "#/components/schemas/Venue2");
}

#[test]
fn types_of_one_name_in_two_streams_stay_two() {
    let arcade = Stream::get("/scores", &SchemaCatalogue::of::<Arcade>());
    let document = OpenApi::new("", "").stream(market()).stream(arcade).to_value().unwrap();
    let schemas = &document["components"]["schemas"];
    assert_eq!(schemas["Venue"]["enum"], json!(["Nyse", "Lse"]));
    assert_eq!(schemas["Venue2"]["type"], "object");
    let venue = &schemas["ArcadeScore"]["properties"]["venue"];
    assert_eq!(venue, &json!({"$ref": "#/components/schemas/Venue2"}));
}

#[test]
fn one_type_in_two_streams_is_there_once() {
    let both = |other: &str| {
        let stream = Stream::get(other, &SchemaCatalogue::of::<Market>());
        let document = OpenApi::new("", "").stream(market()).stream(stream).to_value().unwrap();
        document["components"]["schemas"].as_object().unwrap().len()
    };
    let once = OpenApi::new("", "").stream(market()).to_value().unwrap();
    assert_eq!(both("/all"), once["components"]["schemas"].as_object().unwrap().len());
}

#[test]
fn a_response_alone_brings_what_it_refers_to() {
    let fragment = market().fragment();
    let media = &fragment.response["content"]["text/event-stream"];
    let data = &media["itemSchema"]["oneOf"][0]["properties"]["data"];
    assert_eq!(data["contentSchema"]["$ref"], "#/components/schemas/MarketPriceChanged");
    assert!(fragment.schemas.contains_key("MarketPriceChanged"));
    assert!(fragment.schemas.contains_key("Story"));
}

#[test]
fn what_does_not_fit_is_told() {
    let market = || SchemaCatalogue::of::<Market>();
    let twice =
        OpenApi::new("", "").stream(Stream::get("/a", &market())).stream(Stream::get("/a", &market()));
    let cases = [
        (
            twice.to_value().map(|_| ()),
            "two streams are at `GET /a`: give one of them another path or method",
        ),
        (
            OpenApi::new("", "").stream(Stream::get("a", &market())).to_value().map(|_| ()),
            "the path `a` has to begin with `/`",
        ),
        (
            Stream::get("/a", &market()).insert_into(&mut json!({"openapi": "3.0.3"})),
            "`openapi`: `3.0.3` is not what a document of OpenAPI 3.1 or 3.2 has there: an older one has to be converted first",
        ),
        (
            Stream::get("/a", &market()).insert_into(&mut json!({"openapi": "3.2.0", "paths": []})),
            "`paths` is not what a document of OpenAPI 3.1 or 3.2 has there: an older one has to be converted first",
        ),
    ];
    for (result, words) in cases {
        let error = result.unwrap_err();
        assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Unsupported, words));
    }
}

#[test]
fn a_path_to_the_end_has_a_parameter_like_any_other() {
    let stream = Stream::get("/topics/{*topic}", &SchemaCatalogue::of::<Chat>());
    let document = OpenApi::new("", "").stream(stream).to_value().unwrap();
    assert_eq!(document["paths"]["/topics/{topic}"]["get"]["parameters"][0]["name"], "topic");
}
