//! A server that speaks TLS.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "these are tests")]
#![cfg(feature = "tls")]

mod support;

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use support::Server;
use typed_sse_core::store::{Batch, Range, Record, Store as _, StoreErrorKind};
use typed_sse_redis::Redis;

/// The URL, for this test that runs itself: what the system trusts is said in its environment.
const URL: &str = "TYPED_SSE_REDIS_URL";

#[tokio::test]
async fn child() {
    let Ok(url) = std::env::var(URL) else { return };
    let store = Redis::connect(url).await.unwrap();
    let log = store.open("market").await.unwrap();
    let record = [Record::from_fields([("data", "x")]).unwrap()];
    store.append(&log, Batch::new(&record)).await.unwrap();
    assert_eq!(store.follow(&log, Range::after(0)).await.unwrap().records.len(), 1);
}

#[tokio::test]
async fn a_certificate_that_the_system_trusts() {
    let folder = tempfile::tempdir().unwrap();
    let [key, certificate] = ["key.pem", "certificate.pem"].map(|name| folder.path().join(name));
    certify(&key, &certificate);
    let [key, certificate] = [&key, &certificate].map(|path| path.to_str().unwrap());
    let port = free_port().to_string();
    let _server = Server::start(&[
        "--tls-port",
        &port,
        "--tls-cert-file",
        certificate,
        "--tls-key-file",
        key,
        "--tls-ca-cert-file",
        certificate,
        "--tls-auth-clients",
        "no",
    ]);
    let url = format!("rediss://localhost:{port}");
    let child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--nocapture"])
        .env(URL, &url)
        .env("SSL_CERT_FILE", certificate)
        .output()
        .unwrap();
    assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stderr));

    let error = Redis::builder().time_limit(Duration::from_secs(2)).connect(&url).await.unwrap_err();
    assert_eq!(error.kind(), StoreErrorKind::Unavailable, "nobody trusts it here: {error}");
}

fn certify(key: &Path, certificate: &Path) {
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
        ])
        .args(["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"])
        .args(["-addext", "basicConstraints=critical,CA:FALSE"])
        .arg("-keyout")
        .arg(key)
        .arg("-out")
        .arg(certificate)
        .output();
    let made = made.expect("no `openssl` here: apt-get install openssl");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}
