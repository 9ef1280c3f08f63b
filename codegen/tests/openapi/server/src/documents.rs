//! The documents of this server.

use typed_sse::schema::SchemaCatalogue;
use typed_sse_codegen::asyncapi::AsyncApi;
use typed_sse_codegen::openapi::{Companion, OpenApi, Stream};
use typed_sse_codegen::{Document, Error};
use utoipa::openapi::{InfoBuilder, OpenApiBuilder};

use crate::events::{Chat, Market};
use crate::shapes::{Mixed, Shapes};

const TITLE: &str = "A market, and a chat";

/// The document of this name; `None` if there is no such name.
pub(crate) fn document(name: &str) -> Option<Result<Document, Error>> {
    Some(match name {
        "openapi.json" => openapi(Companion::Events).json(),
        "openapi.yaml" => openapi(Companion::Events).yaml(),
        "exact.json" => openapi(Companion::None).json(),
        "payloads.json" => openapi(Companion::Payloads).json(),
        "utoipa.json" => utoipa(),
        "asyncapi.json" => Ok(asyncapi().json()),
        "asyncapi.yaml" => Ok(asyncapi().yaml()),
        "market.json" => Ok(Document::new(SchemaCatalogue::of::<Market>().to_json())),
        _ => return None,
    })
}

fn streams(companion: Companion) -> [Stream; 3] {
    let prices = Stream::get("/prices/{symbol}", &SchemaCatalogue::of::<Market>())
        .operation_id("prices")
        .summary("What happens to a symbol in a day");
    let chat = Stream::post("/chat", &SchemaCatalogue::of::<Chat>().without_reset())
        .operation_id("chat")
        .without_last_event_id()
        .without_end();
    let shapes = Stream::get("/shapes", &SchemaCatalogue::of::<Shapes>()).operation_id("shapes");
    [prices, chat, shapes].map(|stream| stream.companion(companion))
}

fn openapi(companion: Companion) -> OpenApi {
    let mixed = Stream::get("/mixed", &SchemaCatalogue::of::<Mixed>()).operation_id("mixed");
    let streams = streams(companion).into_iter().chain([mixed.companion(companion)]);
    streams.fold(OpenApi::new(TITLE, "1.0.0"), OpenApi::stream)
}

fn utoipa() -> Result<Document, Error> {
    let info = InfoBuilder::new().title(TITLE).version("1.0.0").build();
    let mut document = OpenApiBuilder::new().info(info).build();
    for stream in streams(Companion::Events) {
        stream.insert_into_utoipa(&mut document)?;
    }
    let json = document.to_pretty_json().map_err(|error| Error::unsupported(error.to_string()))?;
    Ok(Document::new(json))
}

fn asyncapi() -> AsyncApi {
    AsyncApi::new(TITLE, "1.0.0")
        .server("here", "127.0.0.1:3000", "http")
        .stream("/prices/{symbol}", &SchemaCatalogue::of::<Market>())
        .stream("/chat", &SchemaCatalogue::of::<Chat>().without_reset())
        .stream("/shapes", &SchemaCatalogue::of::<Shapes>())
        .stream("/mixed", &SchemaCatalogue::of::<Mixed>())
}
