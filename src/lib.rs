#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

/// # The test of a handler
///
/// The same with axum: each connection is the body of the router's answer.
///
/// ```
/// use axum::body::{Body, BodyDataStream};
/// use axum::extract::State;
/// use axum::http::Request;
/// use axum::response::IntoResponse;
/// use axum::{Router, routing::get};
/// use tower::ServiceExt as _;
/// use typed_sse::testing::Ledger;
/// use typed_sse::{Channel, SseEvent};
/// use typed_sse_axum::{LastEventId, Sse};
///
/// #[derive(SseEvent)]
/// enum Market {
///     PriceChanged { #[sse(key)] symbol: String, price: f64 },
/// }
///
/// async fn prices(State(market): State<Channel<Market>>, last: LastEventId) -> impl IntoResponse {
///     Sse::new(market.subscribe(last))
/// }
///
/// async fn request(app: &Router, last: typed_sse::LastEventId) -> BodyDataStream {
///     let request = Request::get("/prices").header("Last-Event-ID", last.as_str()).body(Body::empty());
///     let response = app.clone().oneshot(request.unwrap()).await.unwrap();
///     assert_eq!(response.status(), 200);
///     response.into_body().into_data_stream()
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// #     tokio::time::pause();
/// #     no_price_is_lost().await.unwrap();
/// # }
/// # /*
/// #[tokio::test(start_paused = true)]
/// # */
/// async fn no_price_is_lost() -> Result<(), typed_sse::BoxError> {
///     let market = Channel::new();
///     let app = Router::new().route("/prices", get(prices)).with_state(market.clone());
///     let (ledger, acme) = (Ledger::new(), |price| Market::PriceChanged { symbol: "ACME".into(), price });
///     let mut client = ledger.client();
///
///     client.open(request(&app, client.last_event_id()).await);
///     ledger.publish(&market, &acme(12.5)).await?;
///     client.expect([acme(12.5)]).await?;
///
///     // The connection breaks in the middle of the next event.
///     ledger.publish(&market, &acme(12.75)).await?;
///     client.cut_after(20);
///     client.ended().await?;
///
///     ledger.publish(&market, &acme(13.0)).await?;
///     let last = client.come_back().await;
///     client.open(request(&app, last).await);
///     client.expect([acme(12.75), acme(13.0)]).await?;
///     ledger.check_caught_up(&mut client)?;
///     Ok(())
/// }
/// ```
#[cfg(feature = "testing")]
#[cfg_attr(docsrs, doc(cfg(feature = "testing")))]
pub use typed_sse_core::testing;
pub use typed_sse_core::*;
#[cfg(all(feature = "derive", feature = "schema"))]
#[cfg_attr(docsrs, doc(cfg(all(feature = "derive", feature = "schema"))))]
pub use typed_sse_derive::SseSchema;
#[cfg(feature = "derive")]
#[cfg_attr(docsrs, doc(cfg(feature = "derive")))]
pub use typed_sse_derive::{FromSseEvent, SseEvent};

#[doc(hidden)]
pub use typed_sse_core::__private;
