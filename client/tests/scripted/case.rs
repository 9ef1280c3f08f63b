//! One case: what the server says, what the client makes of it.

use hyper_util::client::legacy::Client as Hyper;
use hyper_util::rt::TokioExecutor;
use typed_sse_client::{Client, End};

use crate::support::server::{Answer, Server};
use crate::support::{Tick, all_of, quick};

type Options = fn(Client<Tick>) -> Client<Tick>;

pub(crate) struct Case {
    name: &'static str,
    answers: Vec<Answer>,
    options: Options,
    want: Vec<&'static str>,
    asked: Option<Vec<&'static str>>,
    end: End,
    is_post: bool,
    /// Only one of the transports can do it.
    by_reqwest_alone: bool,
}

/// A case in which the client reads to the end of the script, where the server answers `204`.
pub(crate) fn case<const N: usize>(name: &'static str, answers: [Answer; N]) -> Case {
    Case {
        name,
        answers: answers.into(),
        options: |client| client,
        want: Vec::new(),
        asked: None,
        end: End::NoContent,
        is_post: false,
        by_reqwest_alone: false,
    }
}

impl Case {
    pub(crate) fn set(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// What the client yields, up to the end.
    pub(crate) fn want<const N: usize>(mut self, want: [&'static str; N]) -> Self {
        self.want = want.into();
        self
    }

    /// What the server was asked, all of it.
    pub(crate) fn asked<const N: usize>(mut self, asked: [&'static str; N]) -> Self {
        self.asked = Some(asked.into());
        self
    }

    pub(crate) fn end(mut self, end: End) -> Self {
        self.end = end;
        self
    }

    pub(crate) fn post(mut self) -> Self {
        self.is_post = true;
        self
    }

    pub(crate) fn by_reqwest_alone(mut self) -> Self {
        self.by_reqwest_alone = true;
        self
    }

    async fn run(&self, transport: &str) {
        let server = Server::play(self.answers.clone()).await;
        let url = format!("{}/a", server.url);
        let client = if self.is_post { Client::post(url) } else { Client::get(url) };
        let mut client = (self.options)(client.backoff(quick()));
        if transport == "tower" {
            let hyper = Hyper::builder(TokioExecutor::new());
            client = client.over(hyper.build_http::<http_body_util::Full<bytes::Bytes>>());
        }
        let (told, items) = all_of(client).await;
        let name = format!("{} over {transport}", self.name);
        assert_eq!(told, self.want, "{name}");
        assert_eq!(items.end(), Some(self.end), "{name}");
        if let Some(asked) = &self.asked {
            assert_eq!(server.told(), *asked, "{name}");
        }
    }
}

/// Runs each over each transport.
pub(crate) async fn run(cases: Vec<Case>) {
    for case in cases {
        case.run("reqwest").await;
        if !case.by_reqwest_alone {
            case.run("tower").await;
        }
    }
}
