//! Who is connected, so that a connection can be cut on request.

use std::collections::HashMap;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use futures_util::Stream;
use tokio::sync::oneshot;
use typed_sse::{Frame, Subscription, SubscriptionError};

use crate::events::Dashboard;

/// The open connections, by the name that each page has chosen for itself.
#[derive(Clone, Debug, Default)]
pub(crate) struct Clients {
    cuts: Arc<Mutex<HashMap<String, oneshot::Sender<()>>>>,
}

/// A subscription that can be cut: a connection that breaks in the middle.
#[derive(Debug)]
pub(crate) struct Cuttable {
    subscription: Subscription<Dashboard>,
    /// Gone once it can bring nothing any more.
    cut: Option<oneshot::Receiver<()>>,
    _entry: Entry,
}

/// Why a stream broke.
#[derive(Debug)]
pub(crate) enum Broken {
    Cut,
    Subscription(SubscriptionError),
}

#[derive(Debug)]
struct Entry {
    clients: Clients,
    name: String,
}

impl Clients {
    /// Longer names are cut to it: they are kept for as long as the connection is open.
    const MAX_NAME: usize = 64;

    pub(crate) fn connect(&self, name: &str, subscription: Subscription<Dashboard>) -> Cuttable {
        let name = Self::key(name);
        let (sender, cut) = oneshot::channel();
        // One who gives no name, such as curl, cannot ask to be cut.
        let cut = (!name.is_empty()).then(|| {
            self.lock().insert(name.clone(), sender);
            cut
        });
        Cuttable { subscription, cut, _entry: Entry { clients: self.clone(), name } }
    }

    /// Cuts the newest connection of this name. False if there is none.
    pub(crate) fn cut(&self, name: &str) -> bool {
        self.lock().remove(&Self::key(name)).is_some_and(|cut| cut.send(()).is_ok())
    }

    fn key(name: &str) -> String {
        name.chars().take(Self::MAX_NAME).collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, oneshot::Sender<()>>> {
        self.cuts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Stream for Cuttable {
    type Item = Result<Frame, Broken>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(cut) = &mut self.cut
            && let Poll::Ready(cut) = Pin::new(cut).poll(context)
        {
            // A sender that is gone without a word was replaced by a newer connection of the page.
            self.cut = None;
            if cut.is_ok() {
                return Poll::Ready(Some(Err(Broken::Cut)));
            }
        }
        let item = Pin::new(&mut self.subscription).poll_next(context);
        item.map(|item| item.map(|frame| frame.map_err(Broken::Subscription)))
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        let mut cuts = self.clients.lock();
        // A newer connection of the same page may have taken the name over.
        if cuts.get(&self.name).is_some_and(oneshot::Sender::is_closed) {
            cuts.remove(&self.name);
        }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cut => f.write_str("the connection was cut on request"),
            Self::Subscription(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for Broken {}
