//! Restarts, and lives of a log.

use typed_sse_core::store::{Batch, Epoch, Range, StoreErrorKind, StoredLog};

use super::support::{Case, event, with_id, with_key};
use crate::harness::Harness;

/// Everything is there when it is opened again, and goes on behind it.
pub async fn opened_again<H: Harness>() {
    let mut case = Case::<H>::new().await;
    let mut last = 0;
    for n in 0..5 {
        last = case.push(with_id(&n.to_string(), &format!("event {n}"))).await;
        case.push(with_key("k", &format!("key {n}"))).await;
        case = case.opened_again().await;
        assert_eq!(case.find("", &n.to_string()).await, Some(last));
        assert_eq!(case.newest("").await, [format!("key {n}")]);
    }
    assert_eq!(case.read(Range::after(0)).await.len(), 10);
    assert!(case.push(event("x")).await > last);
}

/// Calls of another life of the log are refused, whatever they are.
pub async fn another_epoch<H: Harness>() {
    let case = Case::<H>::new().await;
    case.push(event("a")).await;
    let before = StoredLog::new("market", Epoch::random());
    let (store, records) = (&case.store, [event("b")]);
    let is_refused = |error: typed_sse_core::store::StoreError| {
        assert_eq!(error.kind(), StoreErrorKind::Epoch, "{error}");
    };
    is_refused(store.append(&before, Batch::new(&records)).await.unwrap_err());
    is_refused(store.read(&before, Range::after(0)).await.unwrap_err());
    is_refused(store.follow(&before, Range::after(0)).await.unwrap_err());
    is_refused(store.find(&before, "", "7").await.unwrap_err());
    is_refused(store.newest(&before, Range::after(0).of("")).await.unwrap_err());
    assert_eq!(case.data(Range::after(0)).await, ["a"]);
}
