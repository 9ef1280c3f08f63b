//! What other programs may publish in SQL, and what becomes of a row that they wrote in another way.
#![allow(clippy::unwrap_used, reason = "these are tests")]

mod support;

use support::{FAST, Server, client, data, open, push};
use typed_sse_core::store::{Range, Store as _, StoreErrorKind};

/// One record that no reader can read would stop the log for all who read it.
#[tokio::test]
async fn what_no_reader_could_read_is_refused() {
    let server = Server::start(&FAST);
    let (store, log) = open(&server).await;
    let other = client(&server).await;
    for wrong in [
        r"flags => E'tombstone\t'",
        r"flags => E'terminal\ntombstone'",
        r"flags => 'finish close'",
        r"id => E'a\uFFFF0b'",
        r#"others => '{"trace":"1"}'"#,
        r#"others => '[["v","1.0"]]'"#,
        r#"others => '[["id","7"]]'"#,
        r#"others => '[["topic","other"]]'"#,
        r"others => '[1]'",
        r"others => '[null]'",
        r#"others => '[{"0":"a","1":"b"}]'"#,
        r#"others => '[["a"]]'"#,
        r#"others => '[["a",1]]'"#,
        r#"others => '[["a","b","c"]]'"#,
        r#"others => '[["a","b",null]]'"#,
        r"others => 'null'",
        r"others => '3'",
        r#"others => '"a"'"#,
    ] {
        let refused = other.batch_execute(&format!("SELECT typed_sse.publish('market', 'x', {wrong})")).await;
        let code = refused.map_err(|error| error.code().unwrap().code().to_owned());
        assert_eq!(code, Err("SSE04".to_owned()), "{wrong}");
    }
    let taken = [
        r"flags => E'tombstone\t\fterminal', key => 'k'",
        r"id => E'a\uFFFF'",
        r"event => E'a\uFFFF0b', topic => ''",
        r"flags => ' '",
        r#"others => '[["trace","1"],["v","1"],["",""]]'"#,
        r"others => '[]'",
        r"others => NULL",
        r"flags => E'\tfinish\n'",
    ];
    for publish in taken {
        other.batch_execute(&format!("SELECT typed_sse.publish('market', 'x', {publish})")).await.unwrap();
    }
    let page = store.read(&log, Range::after(0).of("")).await.unwrap();
    assert_eq!(page.records.len(), taken.len());
    assert!(page.records[0].record.is_tombstone() && page.records[0].record.is_terminal());
    assert_eq!(page.records[4].record.fields().last().unwrap(), ("", "".into()));
    assert_eq!(page.bounds.finished, Some(taken.len() as u64));
}

/// It is named, and what to do is said.
#[tokio::test]
async fn a_row_that_is_no_record_is_named() {
    let server = Server::start(&FAST);
    let (store, log) = open(&server).await;
    let other = client(&server).await;
    for text in ["a", "b", "c"] {
        push(&store, &log, text).await.unwrap();
    }
    for (column, kind, advice) in [
        ("flags = 'tombstone'", StoreErrorKind::Corrupt, "delete its row"),
        ("data = NULL", StoreErrorKind::Corrupt, "delete its row"),
        (r#"others = '{"trace":"1"}'"#, StoreErrorKind::Corrupt, "delete its row"),
        (r#"others = '[["a",1]]'"#, StoreErrorKind::Corrupt, "delete its row"),
        (r#"others = '[["v","2"]]'"#, StoreErrorKind::Version, "update `typed-sse`"),
    ] {
        let spoil = format!("UPDATE typed_sse.records SET {column} WHERE position = 2");
        other.batch_execute(&spoil).await.unwrap();
        let error = store.read(&log, Range::after(0)).await.unwrap_err();
        let words = error.to_string();
        assert_eq!(error.kind(), kind, "{column}: {words}");
        assert!(words.contains("the record at 2 of the log `market`"), "{column}: {words}");
        assert!(words.contains(advice), "{column}: {words}");
        let mend = "UPDATE typed_sse.records SET data = 'b', flags = NULL, others = NULL WHERE position = 2";
        other.batch_execute(mend).await.unwrap();
    }
    assert_eq!(data(&store, &log).await, ["a", "b", "c"]);
}
