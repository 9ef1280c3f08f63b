use axum::body::Body;
use axum::response::IntoResponse;
use typed_sse_axum::Sse;

async fn forward(body: Body) -> impl IntoResponse {
    Sse::new(body.into_data_stream())
}

fn main() {}
