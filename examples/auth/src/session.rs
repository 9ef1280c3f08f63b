//! Who is logged in.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use tokio::sync::watch;
use tokio::time::Instant;

use crate::user::User;

/// A login that is in force.
#[derive(Clone)]
pub(crate) struct Session {
    /// Its public name, good for a token and useless as a cookie.
    pub(crate) handle: String,
    pub(crate) user: Arc<User>,
    pub(crate) expires: Instant,
    /// Closed when it ends.
    pub(crate) alive: watch::Receiver<()>,
}

pub(crate) struct Sessions {
    pub(crate) lifetime: Duration,
    open: Mutex<HashMap<String, (Session, watch::Sender<()>)>>,
}

/// So many windows and devices may one user have logged in: who knows a password shall not fill the memory.
pub(crate) const MAX_PER_USER: usize = 16;

impl Sessions {
    pub(crate) fn new(lifetime: Duration) -> Self {
        Self { lifetime, open: Mutex::default() }
    }

    /// Starts a session, and ends the oldest of a user who has too many. Returns its secret, which only the user's cookie
    /// holds.
    pub(crate) fn start(&self, user: Arc<User>) -> Result<String, getrandom::Error> {
        // 256 bits of the operating system's: not to be guessed, and new at each login, so that none can be planted.
        let mut secret = [0; 32];
        getrandom::fill(&mut secret)?;
        let secret = BASE64_URL_SAFE_NO_PAD.encode(secret);
        let (sender, alive) = watch::channel(());
        let handle = Self::handle(&secret);
        let session =
            Session { handle: handle.clone(), user, expires: Instant::now() + self.lifetime, alive };
        let mut open = self.lock();
        open.retain(|_, (session, _)| session.expires > Instant::now());
        let of_user = || open.values().filter(|(of, _)| Arc::ptr_eq(&of.user, &session.user));
        if of_user().count() >= MAX_PER_USER {
            let oldest = of_user().min_by_key(|(of, _)| of.expires).map(|(of, _)| of.handle.clone());
            oldest.and_then(|handle| open.remove(&handle));
        }
        open.insert(handle, (session, sender));
        Ok(secret)
    }

    /// The session of this handle, unless it has ended.
    pub(crate) fn find(&self, handle: &str) -> Option<Session> {
        let open = self.lock();
        let (session, _) = open.get(handle)?;
        (session.expires > Instant::now()).then(|| session.clone())
    }

    /// Ends a session, its streams and its tokens.
    pub(crate) fn end(&self, handle: &str) {
        self.lock().remove(handle);
    }

    /// The server keeps this hash and not the secret: who reads its memory, a token or a log becomes nobody.
    pub(crate) fn handle(secret: &str) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(secret))
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, (Session, watch::Sender<()>)>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
