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
    /// A browser has no such options.
    has_options: bool,
    /// What a browser does, where that is something else.
    browser: Option<Seen>,
}

/// What a page sees of the events, up to the end, and what its server is asked.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) told: Vec<String>,
    pub(crate) asked: Option<Vec<String>>,
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
        has_options: false,
        browser: None,
    }
}

impl Case {
    pub(crate) fn set(mut self, options: Options) -> Self {
        self.options = options;
        self.has_options = true;
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

    /// A browser does something else, and why is said where the case is.
    pub(crate) fn but_a_browser<const N: usize, const M: usize>(
        mut self,
        told: [&str; N],
        asked: [&str; M],
    ) -> Self {
        let owned = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
        self.browser = Some(Seen { told: owned(&told), asked: Some(owned(&asked)) });
        self
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    pub(crate) fn answers(&self) -> &[Answer] {
        &self.answers
    }

    /// What a browser is to see; `None` where it cannot run the case.
    pub(crate) fn in_browser(&self) -> Option<Seen> {
        if self.browser.is_some() {
            return self.browser.clone();
        }
        if self.has_options || self.is_post || self.end == End::Terminal {
            return None;
        }
        let is_event = |line: &&&str| line.starts_with('"') || line.starts_with("number");
        let told = self.want.iter().filter(is_event).map(|line| (*line).to_owned()).collect();
        let asked = self.asked.as_ref().map(|asked| asked.iter().map(|line| (*line).to_owned()).collect());
        Some(Seen { told, asked })
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
