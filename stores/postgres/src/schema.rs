//! What a schema may be called.

use typed_sse_core::store::{StoreError, StoreErrorKind};

/// The name of a schema, which becomes part of statements.
pub(crate) fn check(schema: &str) -> Result<(), StoreError> {
    let is_legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let begins = schema.bytes().next().is_some_and(|first| !first.is_ascii_digit());
    // Those Postgres keeps for itself.
    let begins = begins && !schema.starts_with("pg_");
    if begins && schema.len() <= 48 && schema.bytes().all(is_legal) {
        return Ok(());
    }
    let words = "the name of a schema is up to 48 lower-case letters, digits and `_`, and begins with no digit and not with `pg_`";
    Err(StoreError::new(StoreErrorKind::Other, words))
}

/// As a statement has it: it may be a word of SQL.
pub(crate) fn quoted(schema: &str) -> String {
    format!("\"{schema}\"")
}
