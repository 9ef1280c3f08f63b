//! What customers and the back office are told.

use typed_sse::SseEvent;

/// One event of the shop.
#[derive(Clone, Debug, SseEvent)]
#[cfg_attr(test, derive(typed_sse::SseSchema))]
pub(crate) enum Shop {
    /// In the stream of the customer, and in that of the back office.
    OrderPlaced { order: i64, customer: String, item: String, cents: i32 },
    /// In the same two.
    OrderSent { order: i64, customer: String, item: String },
    /// In the stream of the back office.
    StockChanged {
        #[sse(key)]
        item: String,
        left: i32,
    },
}

#[cfg(test)]
mod tests {
    use typed_sse_codegen::TypeScript;

    use super::*;

    #[test]
    fn the_module_of_the_page_is_current() {
        TypeScript::of::<Shop>().check("page/shop.js").unwrap();
    }
}
