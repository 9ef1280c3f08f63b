//! Who may log in, and what each may read. Replace it with what your users are kept in.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use argon2::{Argon2, PasswordVerifier as _};
use tokio::sync::{Semaphore, watch};
use tokio::task::spawn_blocking;

use crate::access::Refused;

/// One who may log in.
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) admin: bool,
    /// The topics it may read. Whoever looks at them can also wait until they change, without a moment between.
    pub(crate) rights: watch::Sender<Rights>,
    pub(crate) password_hash: String,
}

/// Names of topics.
pub(crate) type Rights = BTreeSet<String>;

pub(crate) struct Users {
    by_name: HashMap<String, Arc<User>>,
    /// Places for logins that are under way.
    pub(crate) places: Semaphore,
    /// Turns at the password hash, for those that have a place.
    pub(crate) turns: Arc<Semaphore>,
}

/// No password has this hash. It costs what the others cost.
pub(crate) const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5IGlzIGhlcmU$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

// The hashes of the passwords in the README.
const ALICE: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$1m8PHhebPQKz752P2o32GQ$d4MvI092pKvuG7FCjAjDjy4mDI4SVXv1UOZRu+4BPwM";
const BOB: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$JCfjyBrM5d7DMa0rm7rvcQ$waxLPSWLDbiUiy9h5Zow58CYlu37JleRXhunrrtLZ0Y";
const CAROL: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$hebMZOubBA2cVSce2D9buw$6yCz9GnZcvhVrVTDwVGDaS8b9xzRqHWPdwoSI23fSTg";

impl User {
    /// A user who may read these topics; `password_hash` is a PHC string of Argon2.
    pub(crate) fn new(name: &str, password_hash: &str, topics: &[&str]) -> Self {
        let rights = topics.iter().map(|&topic| topic.to_owned()).collect();
        Self {
            name: name.to_owned(),
            admin: false,
            rights: watch::Sender::new(rights),
            password_hash: password_hash.to_owned(),
        }
    }

    /// The users of the demonstration. Their passwords are in the README.
    pub(crate) fn demo() -> Vec<Self> {
        vec![
            Self::new("alice", ALICE, &["news", "orders"]),
            Self::new("bob", BOB, &["news"]),
            Self { admin: true, ..Self::new("carol", CAROL, &["news", "orders", "payroll"]) },
        ]
    }
}

impl Users {
    pub(crate) fn new(users: Vec<User>) -> Self {
        let by_name = users.into_iter().map(|user| (user.name.clone(), Arc::new(user))).collect();
        // Each turn takes 19 MiB and a core. Who finds no place is refused, so that no queue grows without bound.
        Self { by_name, places: Semaphore::new(64), turns: Arc::new(Semaphore::new(2)) }
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Arc<User>> {
        self.by_name.get(name)
    }

    /// The user of this name, if this is the password.
    pub(crate) async fn log_in(&self, name: &str, password: String) -> Result<Arc<User>, Refused> {
        let _place = self.places.try_acquire().map_err(|_| Refused::Unavailable)?;
        let user = self.find(name);
        // An unknown name costs the same, so that the time does not tell which names there are.
        let hash = user.map_or(NOBODY, |user| &user.password_hash).to_owned();
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| Refused::Unavailable)?;
        let matches = spawn_blocking(move || {
            // Until the hash is done: who sent the password may have left before, and this goes on.
            let _turn = turn;
            Argon2::default().verify_password(password.as_bytes(), hash.as_str()).is_ok()
        });
        let matches = matches.await.is_ok_and(|matches| matches);
        user.filter(|_| matches).cloned().ok_or(Refused::NotLoggedIn)
    }
}
