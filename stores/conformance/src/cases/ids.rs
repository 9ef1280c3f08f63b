//! IDs that events bring.

use typed_sse_core::store::{Range, StoreErrorKind};

use super::support::{Case, Sample, event, with_id};
use crate::harness::Harness;
use crate::limits::Limits;

/// An own ID leads to its event, in its topic.
pub async fn own_ids_are_found<H: Harness>() {
    let case = Case::<H>::new().await;
    case.push(event("a")).await;
    let seven = case.push(with_id("7", "b")).await;
    let other = Sample { data: "c", topic: "orders", id: "7", ..Sample::default() };
    let other = case.push(other.record()).await;
    let case = case.opened_again().await;
    assert_eq!(case.find("", "7").await, Some(seven));
    assert_eq!(case.find("orders", "7").await, Some(other));
    assert_eq!(case.find("", "8").await, None);
    assert_eq!(case.find("nowhere", "7").await, None);
    assert_eq!(case.data(Range::after(seven).of("")).await, [""; 0]);
}

/// A second event of an ID is refused for as long as the first is retained, and says where that is.
pub async fn an_own_id_names_one_event<H: Harness>() {
    let case = Case::<H>::with_limits(Limits::records(2)).await;
    let seven = case.push(with_id("7", "a")).await;
    let error = case.append(&[with_id("7", "b")]).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::DuplicateId { position: seven });
    assert!(!error.may_have_been_stored(), "it is known not to be stored");
    let error = case.append(&[with_id("8", "c"), with_id("8", "d")]).await.unwrap_err();
    assert!(matches!(error.kind(), StoreErrorKind::DuplicateId { .. }), "{error}");
    assert_eq!(case.data(Range::after(0)).await, ["a"]);

    case.push(event("b")).await;
    case.push(event("c")).await;
    case.harness.trim().await;
    assert_eq!(case.data(Range::after(0)).await, ["b", "c"]);
    assert_eq!(case.find("", "7").await, Some(seven), "its client has missed nothing");
    let again = case.push(with_id("7", "d")).await;
    assert_eq!(case.find("", "7").await, Some(again));
}
