//! Tokens for the query of a URL, since an `EventSource` cannot send a header.
//!
//! `base64url(claims) "." base64url(HMAC-SHA256(key, base64url(claims)))`. There is one algorithm, and no field that
//! could choose another.

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use tokio::time::Instant;

use crate::access::Grant;
use crate::user::Rights;

/// What a token says. It grants nothing by itself: the session and its rights are looked at as they are now.
#[derive(Deserialize, Serialize)]
pub(crate) struct Claims {
    /// What it is for: a token that this key signs for something else opens no stream.
    aud: String,
    pub(crate) session: String,
    pub(crate) topics: Rights,
    /// In milliseconds since 1970.
    exp: u64,
}

pub(crate) struct Tokens {
    mac: Hmac<Sha256>,
    started: (Duration, Instant),
}

const AUDIENCE: &str = "events";

impl Tokens {
    pub(crate) fn new(key: [u8; 64]) -> Self {
        let unix = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Self { mac: Hmac::new(&key.into()), started: (unix, Instant::now()) }
    }

    pub(crate) fn issue(&self, grant: &Grant) -> Option<String> {
        let (unix, started) = self.started;
        let exp = unix + grant.until.duration_since(started);
        let exp = u64::try_from(exp.as_millis()).unwrap_or(u64::MAX);
        let claims = Claims {
            aud: AUDIENCE.to_owned(),
            session: grant.session.handle.clone(),
            topics: grant.topics.clone(),
            exp,
        };
        let claims = BASE64_URL_SAFE_NO_PAD.encode(serde_json::to_vec(&claims).ok()?);
        let mac = self.mac.clone().chain_update(&claims).finalize().into_bytes();
        Some(format!("{claims}.{}", BASE64_URL_SAFE_NO_PAD.encode(mac)))
    }

    /// The claims of a token that is ours, for a stream and not expired, and until when it is good.
    pub(crate) fn check(&self, token: &str) -> Option<(Claims, Instant)> {
        let (claims, mac) = token.split_once('.')?;
        let mac = BASE64_URL_SAFE_NO_PAD.decode(mac).ok()?;
        // In constant time, and before a byte of the claims is read.
        self.mac.clone().chain_update(claims).verify_slice(&mac).ok()?;
        let claims: Claims = serde_json::from_slice(&BASE64_URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
        let (unix, started) = self.started;
        // On a clock that nobody sets back: an expired token does not come to life again.
        let expires = started.checked_add(Duration::from_millis(claims.exp).checked_sub(unix)?)?;
        (claims.aud == AUDIENCE && expires > Instant::now()).then_some((claims, expires))
    }
}
