//! The cases of the scripted suite as data: the same words, but nothing runs where they stand.

use typed_sse_client::{Client, End};

use crate::support::Tick;
use crate::support::server::Answer;

pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) answers: Vec<Answer>,
    pub(crate) want: Vec<&'static str>,
    pub(crate) asked: Option<Vec<&'static str>>,
    pub(crate) end: End,
    /// It has no option that a browser lacks.
    pub(crate) is_plain: bool,
}

pub(crate) fn case<const N: usize>(name: &'static str, answers: [Answer; N]) -> Case {
    Case { name, answers: answers.into(), want: Vec::new(), asked: None, end: End::NoContent, is_plain: true }
}

impl Case {
    pub(crate) fn set(mut self, _: fn(Client<Tick>) -> Client<Tick>) -> Self {
        self.is_plain = false;
        self
    }

    pub(crate) fn want<const N: usize>(mut self, want: [&'static str; N]) -> Self {
        self.want = want.into();
        self
    }

    pub(crate) fn asked<const N: usize>(mut self, asked: [&'static str; N]) -> Self {
        self.asked = Some(asked.into());
        self
    }

    pub(crate) fn end(mut self, end: End) -> Self {
        self.end = end;
        self
    }

    pub(crate) fn post(mut self) -> Self {
        self.is_plain = false;
        self
    }

    /// Of our transports, not of a browser.
    pub(crate) fn by_reqwest_alone(self) -> Self {
        self
    }
}

pub(crate) async fn run(_: Vec<Case>) {}
