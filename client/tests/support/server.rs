//! A server that says what its script says, byte for byte.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What one connection gets.
#[derive(Clone, Debug)]
pub(crate) struct Answer(Vec<Part>);

#[derive(Clone, Debug)]
enum Part {
    Bytes(Vec<u8>),
    /// Lets what was written go out by itself.
    Pause,
    /// The same bytes, until the client is gone.
    Forever(&'static [u8], Duration),
    /// Waits until the client is gone.
    Hold,
    /// Breaks the connection off, without its end.
    Abort,
}

impl Answer {
    pub(crate) fn raw(bytes: impl Into<Vec<u8>>) -> Self {
        Self(vec![Part::Bytes(bytes.into())])
    }

    /// An event stream that ends with the connection.
    pub(crate) fn stream(body: impl Into<Vec<u8>>) -> Self {
        Self::raw(HEAD).then(body)
    }

    /// With these header lines, of no length.
    pub(crate) fn status(status: &str, headers: &str) -> Self {
        Self::raw(format!("HTTP/1.1 {status}\r\n{headers}Content-Length: 0\r\nConnection: close\r\n\r\n"))
    }

    /// `200 OK` with these header lines.
    pub(crate) fn with_headers(headers: &str, body: &str) -> Self {
        Self::raw(format!("HTTP/1.1 200 OK\r\n{headers}Connection: close\r\n\r\n{body}"))
    }

    /// Each byte by itself.
    pub(crate) fn bytewise(body: &str) -> Self {
        body.bytes().fold(Self::raw(HEAD), |answer, byte| answer.pause().then([byte]))
    }

    /// Each as a chunk of HTTP by itself, behind the one before.
    pub(crate) fn chunked(chunks: &[&[u8]]) -> Self {
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
        chunks.iter().fold(Self::raw(head), |answer, chunk| {
            answer.then(format!("{:x}\r\n", chunk.len())).then(*chunk).then("\r\n").pause()
        })
    }

    pub(crate) fn then(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.0.push(Part::Bytes(bytes.into()));
        self
    }

    pub(crate) fn pause(mut self) -> Self {
        self.0.push(Part::Pause);
        self
    }

    /// Lets what was written be read, before something happens that makes a client throw away what it has not.
    pub(crate) fn settle(self) -> Self {
        (0..200).fold(self, |answer, _| answer.pause())
    }

    pub(crate) fn forever(mut self, bytes: &'static [u8], pause: Duration) -> Self {
        self.0.push(Part::Forever(bytes, pause));
        self
    }

    pub(crate) fn hold(mut self) -> Self {
        self.0.push(Part::Hold);
        self
    }

    pub(crate) fn abort(mut self) -> Self {
        self.0.push(Part::Abort);
        self
    }

    async fn play(self, mut stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        for part in self.0 {
            match part {
                Part::Bytes(bytes) => stream.write_all(&bytes).await?,
                Part::Pause => tokio::time::sleep(Duration::from_millis(1)).await,
                Part::Forever(bytes, pause) => loop {
                    stream.write_all(bytes).await?;
                    if !pause.is_zero() {
                        tokio::time::sleep(pause).await;
                    }
                },
                Part::Hold => drain(&mut stream).await,
                Part::Abort => return stream.set_zero_linger(),
            }
        }
        stream.shutdown().await?;
        drain(&mut stream).await;
        Ok(())
    }
}

/// Reads until the client is gone.
async fn drain(stream: &mut TcpStream) {
    let mut buffer = [0; 1024];
    while matches!(stream.read(&mut buffer).await, Ok(1..)) {}
}

/// What a client asked.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) line: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<String> {
        let found = self.headers.iter().find(|(of, _)| of == name);
        found.map(|(_, value)| String::from_utf8_lossy(value).into_owned())
    }

    async fn read(stream: &mut TcpStream) -> Option<Self> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.ok()?);
        }
        let mut lines = head.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
        let line = String::from_utf8_lossy(lines.next()?).replace(" HTTP/1.1", "");
        let header = |line: &[u8]| {
            let colon = line.iter().position(|byte| *byte == b':')?;
            let name = String::from_utf8_lossy(&line[..colon]).to_lowercase();
            Some((name, line[colon + 1..].trim_ascii().to_vec()))
        };
        let mut asked = Self { line, headers: lines.filter_map(header).collect(), body: Vec::new() };
        let length = asked.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
        asked.body.resize(length, 0);
        stream.read_exact(&mut asked.body).await.ok()?;
        Some(asked)
    }
}

/// Answers each connection by its script, the number of the connection and what it asked.
pub(crate) struct Server {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    /// Plays these one after the other, then `204`.
    pub(crate) async fn play(answers: Vec<Answer>) -> Self {
        Self::by(move |number, _| match answers.get(number) {
            Some(answer) => answer.clone(),
            None => Answer::status("204 No Content", ""),
        })
        .await
    }

    pub(crate) async fn by(script: impl Fn(usize, &Asked) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let server = Self { url, asked: Arc::clone(&asked) };
        let script = Arc::new(script);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (asked, script) = (Arc::clone(&asked), Arc::clone(&script));
                tokio::spawn(async move {
                    let Some(request) = Asked::read(&mut stream).await else { return };
                    let number = {
                        let mut asked = asked.lock().unwrap();
                        asked.push(request.clone());
                        asked.len() - 1
                    };
                    // A client that is gone is none of its business.
                    let _ = script(number, &request).play(stream).await;
                });
            }
        });
        server
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// Each request in a word: method, path, last event ID.
    pub(crate) fn told(&self) -> Vec<String> {
        let tell = |asked: &Asked| match asked.header("last-event-id") {
            Some(id) => format!("{} #{id}", asked.line),
            None => asked.line.clone(),
        };
        self.asked().iter().map(tell).collect()
    }
}

const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";
