//! What is repeated is stored once.

use typed_sse_core::store::{Appended, Batch, Range, Record, StoreError, StoreErrorKind, Token};

use super::support::{Case, event};
use crate::harness::Harness;

impl<H: Harness> Case<H> {
    async fn append_as(&self, token: &Token, records: &[Record]) -> Result<Appended, StoreError> {
        self.store.append(&self.log, Batch::new(records).with_token(token)).await
    }
}

/// A batch is stored, a duplicate, too early, or of a producer that is fenced off.
pub async fn tokens<H: Harness>() {
    let case = Case::<H>::new().await;
    let token = |epoch, number| Token::new("importer", epoch, number);
    let first = case.append_as(&token(3, 1), &[event("a"), event("b")]).await.unwrap();
    assert!(!first.is_duplicate);
    let again = case.append_as(&token(3, 1), &[event("a"), event("b")]).await.unwrap();
    assert_eq!(again, Appended::duplicate(first.positions), "and where it lies");

    let error = case.append_as(&token(3, 3), &[event("d")]).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Gap { expected: 2 });
    case.append_as(&token(3, 2), &[event("c")]).await.unwrap();
    let case = case.opened_again().await;
    case.append_as(&token(3, 3), &[event("d")]).await.unwrap();
    assert!(case.append_as(&token(3, 1), &[event("a"), event("b")]).await.unwrap().is_duplicate);

    case.append_as(&token(4, 1), &[event("e")]).await.unwrap();
    let error = case.append_as(&token(3, 4), &[event("f")]).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Fenced { epoch: 4 });
    assert!(!error.may_have_been_stored());
    assert_eq!(case.data(Range::after(0)).await, ["a", "b", "c", "d", "e"]);
}

/// Producers count for themselves, and so do logs.
pub async fn tokens_of_two_producers<H: Harness>() {
    let case = Case::<H>::new().await;
    for number in 1..=3 {
        for producer in ["one", "two"] {
            let token = Token::new(producer, 0, number);
            let stored = case.append_as(&token, &[event(&format!("{producer} {number}"))]).await.unwrap();
            assert!(!stored.is_duplicate, "{producer} {number}");
        }
    }
    let other = case.store.open("other").await.unwrap();
    let token = Token::new("one", 0, 1);
    let records = [event("x")];
    let stored = case.store.append(&other, Batch::new(&records).with_token(&token)).await.unwrap();
    assert!(!stored.is_duplicate);
    assert_eq!(case.read(Range::after(0)).await.len(), 6);
}
