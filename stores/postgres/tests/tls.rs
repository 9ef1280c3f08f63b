//! A server that speaks TLS, with a certificate of its own.
#![allow(clippy::unwrap_used, reason = "these are tests")]
#![cfg(feature = "tls")]

mod support;

use std::error::Error as _;

use support::certificate::Certificate;
use support::{FAST, LIMIT, Server, client, data, open, push};
use typed_sse_core::store::{Store as _, StoreError, StoreErrorKind};
use typed_sse_postgres::Postgres;

/// A server whose certificate is for this name.
async fn server(name: &str) -> (Server, Certificate) {
    let certificate = Certificate::of(name);
    let options = certificate.options();
    let options: Vec<_> = FAST.into_iter().chain(options.iter().map(String::as_str)).collect();
    let server = Server::start(&options);
    open(&server).await;
    (server, certificate)
}

fn url(server: &Server, parameters: &str) -> String {
    format!("postgres://postgres:s3cret@localhost:{}/postgres?{parameters}", server.port)
}

async fn refused(url: &str) -> StoreError {
    let error = Postgres::builder().time_limit(LIMIT * 4).connect(url).await.unwrap_err();
    let mut shown = format!("{error} {error:?}");
    let mut source = error.source();
    while let Some(error) = source {
        shown.push_str(&format!(" {error} {error:?}"));
        source = error.source();
    }
    assert!(!shown.contains("s3cret"), "{shown}");
    error
}

#[tokio::test]
async fn every_connection_is_encrypted() {
    let (server, certificate) = server("localhost").await;
    let root = certificate.certificate.display();
    for mode in ["require", "verify-ca", "verify-full"] {
        let url = url(&server, &format!("sslmode={mode}&sslrootcert={root}"));
        let store = Postgres::builder().connect(&url).await.unwrap();
        let log = store.open(mode).await.unwrap();
        push(&store, &log, mode).await.unwrap();
        assert_eq!(data(&store, &log).await, [mode]);
        let admin = client(&server).await;
        while support::listeners(&admin).await == 0 {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        let statement = "SELECT count(*), count(*) FILTER (WHERE s.ssl) FROM pg_stat_activity AS a JOIN pg_stat_ssl AS s USING (pid) \
                         WHERE a.application_name = 'typed-sse'";
        let row = admin.query_one(statement, &[]).await.unwrap();
        let (all, encrypted): (i64, i64) = (row.get(0), row.get(1));
        assert!(all >= 3 && all == encrypted, "{encrypted} of {all}");
        drop(store);
        while !support::processes(&admin).await.is_empty() {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }
    // Who does not ask for it, speaks plainly.
    Postgres::connect(url(&server, "sslmode=prefer")).await.unwrap();
}

#[tokio::test]
async fn what_is_wrong_is_told() {
    let (server, certificate) = server("elsewhere.test").await;
    let root = certificate.certificate.display();
    let error = refused(&url(&server, "sslmode=require")).await;
    assert_eq!(error.kind(), StoreErrorKind::Unavailable);
    assert!(error.to_string().contains("not trusted: name the certificate"), "{error}");
    let error = refused(&url(&server, &format!("sslmode=verify-full&sslrootcert={root}"))).await;
    assert!(error.to_string().contains("for another name"), "{error}");
    let error = refused(&url(&server, "sslmode=verify-full&sslrootcert=/nowhere.pem")).await;
    assert!(error.to_string().contains("`/nowhere.pem` of `sslrootcert` cannot be read"), "{error}");
    let key = certificate.key.display();
    let error = refused(&url(&server, &format!("sslmode=verify-full&sslrootcert={key}"))).await;
    assert!(error.to_string().contains("has no certificate"), "{error}");
    let error = refused(&url(&server, "sslmode=always")).await;
    assert!(error.to_string().contains("disable, prefer, require, verify-ca, verify-full"), "{error}");
    let plain = Server::start(&FAST);
    let error = refused(&url(&plain, "sslmode=require")).await;
    assert!(error.to_string().contains("takes no connection"), "{error}");
}
