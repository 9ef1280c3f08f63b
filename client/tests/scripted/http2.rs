//! The same over HTTP/2, where a stream may end while its connection goes on.

use bytes::Bytes;
use h2::{Reason, server};
use http::Response;
use tokio::net::TcpListener;
use typed_sse_client::Client;

use crate::support::{Tick, all_of, quick};

/// What one request gets.
#[derive(Clone)]
enum Answer {
    Stream(&'static [&'static str]),
    Broken(&'static str, Reason),
    Refused,
    Status(u16),
    /// The whole connection goes away behind the event.
    GoAway(&'static str),
}

/// Answers the requests of all connections one after the other, then `204`.
async fn play(answers: Vec<Answer>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut answers = answers.into_iter();
        while let Ok((stream, _)) = listener.accept().await {
            let mut connection = server::handshake(stream).await.unwrap();
            while let Some(Ok((_, mut respond))) = connection.accept().await {
                let answer = answers.next().unwrap_or(Answer::Status(204));
                let goes_away = matches!(answer, Answer::GoAway(_));
                answer.send(&mut respond);
                if goes_away {
                    connection.abrupt_shutdown(Reason::INTERNAL_ERROR);
                }
            }
        }
    });
    url
}

impl Answer {
    fn send(self, respond: &mut server::SendResponse<Bytes>) {
        let head = |status: u16| {
            Response::builder().status(status).header("content-type", "text/event-stream").body(()).unwrap()
        };
        match self {
            Self::Status(status) => {
                respond.send_response(head(status), true).unwrap();
            }
            Self::Refused => respond.send_reset(Reason::REFUSED_STREAM),
            Self::Stream(pieces) => {
                let mut body = respond.send_response(head(200), false).unwrap();
                for piece in pieces {
                    body.send_data((*piece).into(), false).unwrap();
                }
                body.send_data(Bytes::new(), true).unwrap();
            }
            Self::Broken(piece, reason) => {
                let mut body = respond.send_response(head(200), false).unwrap();
                body.send_data(piece.into(), false).unwrap();
                tokio::spawn(async move {
                    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                    body.send_reset(reason);
                });
            }
            Self::GoAway(piece) => {
                let mut body = respond.send_response(head(200), false).unwrap();
                body.send_data(piece.into(), false).unwrap();
            }
        }
    }
}

async fn told(answers: Vec<Answer>) -> Vec<String> {
    let url = play(answers).await;
    let reqwest = reqwest::Client::builder()
        .http2_prior_knowledge()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    all_of(Client::<Tick>::get(url).backoff(quick()).over_reqwest(reqwest)).await.0
}

#[tokio::test]
async fn events_in_several_frames() {
    let answers = vec![Answer::Stream(&["id: 1\nda", "ta: a\n", "\ndata: b\n\n"])];
    assert_eq!(told(answers).await, [r#""a" #1"#, r#""b" #1"#, "back: Ended"]);
}

#[tokio::test]
async fn comes_back_on_the_same_connection() {
    let answers = vec![Answer::Stream(&["data: a\n\n"]), Answer::Stream(&["data: b\n\n"])];
    assert_eq!(told(answers).await, [r#""a""#, "back: Ended", r#""b""#, "back: Ended"]);
}

#[tokio::test]
async fn a_stream_that_is_reset() {
    for reason in [Reason::INTERNAL_ERROR, Reason::CANCEL, Reason::ENHANCE_YOUR_CALM] {
        let answers = vec![Answer::Broken("data: a\n\n", reason), Answer::Stream(&["data: b\n\n"])];
        assert_eq!(told(answers).await, [r#""a""#, "back: Transport", r#""b""#, "back: Ended"], "{reason}");
    }
}

#[tokio::test]
async fn a_stream_that_is_refused() {
    // reqwest itself asks again for what was surely not read, so that there may be nothing to tell.
    let told = told(vec![Answer::Refused, Answer::Stream(&["data: b\n\n"])]).await;
    assert_eq!(told[told.len() - 2..], [r#""b""#, "back: Ended"]);
}

#[tokio::test]
async fn a_connection_that_goes_away() {
    let told = told(vec![Answer::GoAway("data: a\n\n"), Answer::Stream(&["data: b\n\n"])]).await;
    assert_eq!(told[told.len() - 2..], [r#""b""#, "back: Ended"]);
    assert!(told.contains(&"back: Transport".to_owned()), "{told:?}");
}

#[tokio::test]
async fn statuses() {
    assert!(told(vec![]).await.is_empty());
    assert_eq!(told(vec![Answer::Status(404)]).await, ["final: Status(404)"]);
}
