//! A client that reads bytes.

use std::collections::HashMap;
use std::io::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use flate2::write::GzDecoder;
use socket2::SockRef;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

/// A test that waits longer has failed.
pub(crate) const DEADLINE: Duration = Duration::from_secs(20);

/// One HTTP/1.1 connection.
#[derive(Debug)]
pub struct Client {
    stream: BufReader<TcpStream>,
}

/// The head of a response, and its body as it comes.
#[derive(Debug)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The header fields, names in lower case.
    pub headers: HashMap<String, String>,
    stream: BufReader<TcpStream>,
    /// What has been read of the body, without its transfer coding and its content coding.
    body: Vec<u8>,
    /// The body has come to its proper end.
    ended: bool,
    /// How long it is, where the head says so.
    length: Option<u64>,
    gzip: Option<GzDecoder<Vec<u8>>>,
}

impl Client {
    /// Sends a request with these header lines.
    ///
    /// # Panics
    ///
    /// If the server cannot be reached.
    #[expect(clippy::unwrap_used, reason = "a request that cannot be sent fails its test")]
    pub async fn send(address: SocketAddr, method: &str, target: &str, headers: &[(&str, &[u8])]) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        Self::send_by(stream, address, method, target, headers).await
    }

    #[expect(clippy::unwrap_used, reason = "a request that cannot be sent fails its test")]
    async fn send_by(
        mut stream: TcpStream,
        address: SocketAddr,
        method: &str,
        target: &str,
        headers: &[(&str, &[u8])],
    ) -> Self {
        let mut request = format!("{method} {target} HTTP/1.1\r\nhost: {address}\r\n").into_bytes();
        for (name, value) in headers {
            request.extend_from_slice(name.as_bytes());
            request.extend_from_slice(b": ");
            request.extend_from_slice(value);
            request.extend_from_slice(b"\r\n");
        }
        request.extend_from_slice(b"\r\n");
        stream.write_all(&request).await.unwrap();
        Self { stream: BufReader::new(stream) }
    }

    /// Sends a `GET` request of HTTP/1.0, and reads whatever is sent back until it ends in `end`, head and all.
    ///
    /// # Panics
    ///
    /// If the server cannot be reached, or that does not come.
    #[expect(clippy::unwrap_used, reason = "what does not come fails its test")]
    pub async fn get_by_http_1_0(address: SocketAddr, target: &str, end: &str) -> String {
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(format!("GET {target} HTTP/1.0\r\n\r\n").as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let read = async {
            while !answer.ends_with(end.as_bytes()) && stream.read_buf(&mut answer).await.unwrap() > 0 {}
        };
        timeout(DEADLINE, read).await.unwrap();
        String::from_utf8(answer).unwrap()
    }

    /// Sends a `GET` request.
    pub async fn get(address: SocketAddr, target: &str, headers: &[(&str, &[u8])]) -> Response {
        Self::send(address, "GET", target, headers).await.response().await
    }

    /// Sends a `GET` request and never reads: its own buffer is small.
    ///
    /// # Panics
    ///
    /// If the server cannot be reached.
    #[expect(clippy::unwrap_used, reason = "a request that cannot be sent fails its test")]
    pub async fn stalled(address: SocketAddr, target: &str) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        Self::send_by(socket.connect(address).await.unwrap(), address, "GET", target, &[]).await
    }

    /// Reads the head of the response.
    ///
    /// # Panics
    ///
    /// If none comes.
    #[expect(clippy::unwrap_used, reason = "a response that does not come fails its test")]
    pub async fn response(mut self) -> Response {
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            timeout(DEADLINE, self.stream.read_line(&mut line)).await.unwrap().unwrap();
            let line = line.trim_end();
            if line.is_empty() {
                break;
            }
            lines.push(line.to_owned());
        }
        let status = lines[0].split(' ').nth(1).unwrap().parse().unwrap();
        let headers = lines[1..].iter().filter_map(|line| line.split_once(": "));
        let headers: HashMap<_, _> =
            headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
        let gzip = match headers.get("content-encoding").map(String::as_str) {
            None | Some("identity") => None,
            Some("gzip") => Some(GzDecoder::new(Vec::new())),
            Some(coding) => panic!("no decoder for {coding}"),
        };
        let length = headers.get("content-length").map(|length| length.parse().unwrap());
        Response { status, headers, stream: self.stream, body: Vec::new(), ended: false, length, gzip }
    }
}

impl Response {
    /// Reads the body until it ends in `end`, and returns all of it so far.
    ///
    /// # Panics
    ///
    /// If that does not come.
    pub async fn read_until(&mut self, end: &str) -> String {
        let found = async {
            while !self.body.ends_with(end.as_bytes()) && self.read_chunk().await {}
            self.body.ends_with(end.as_bytes())
        };
        assert!(matches!(timeout(DEADLINE, found).await, Ok(true)), "no {end:?} behind {:?}", self.text());
        self.text()
    }

    /// Reads the body until it contains `part`, whatever comes with that, and returns all of it so far.
    ///
    /// # Panics
    ///
    /// If that does not come.
    pub async fn read_past(&mut self, part: &str) -> String {
        let found = async {
            while !self.text().contains(part) && self.read_chunk().await {}
            self.text().contains(part)
        };
        assert!(matches!(timeout(DEADLINE, found).await, Ok(true)), "no {part:?} in {:?}", self.text());
        self.text()
    }

    /// Reads the body until it ends in `end`, or ends.
    ///
    /// # Panics
    ///
    /// If neither comes.
    #[expect(clippy::unwrap_used, reason = "a body that does not end fails its test")]
    pub async fn read_until_or_end(&mut self, end: &str) {
        let read = async { while !self.body.ends_with(end.as_bytes()) && self.read_chunk().await {} };
        timeout(DEADLINE, read).await.unwrap();
    }

    /// Reads the body until the connection or the body ends. Returns all of it, and whether it ended properly.
    ///
    /// # Panics
    ///
    /// If it does not end.
    #[expect(clippy::unwrap_used, reason = "a body that does not end fails its test")]
    pub async fn read_to_end(&mut self) -> (String, bool) {
        timeout(DEADLINE, async { while self.read_chunk().await {} }).await.unwrap();
        (self.text(), self.ended)
    }

    /// Closes its own side of the connection, and could still read.
    ///
    /// # Panics
    ///
    /// If there is no connection.
    #[expect(clippy::unwrap_used, reason = "a connection that is gone fails its test")]
    pub async fn close_writing(&mut self) {
        self.stream.get_mut().shutdown().await.unwrap();
    }

    /// Leaves by a reset of the connection.
    ///
    /// # Panics
    ///
    /// If there is no connection.
    #[expect(clippy::unwrap_used, reason = "a connection that is gone fails its test")]
    pub fn reset(self) {
        SockRef::from(self.stream.get_ref()).set_linger(Some(Duration::ZERO)).unwrap();
    }

    /// Vanishes without a word, as by a cable that is pulled: the kernel drops whatever comes, unread and unanswered, for as
    /// long as this is kept.
    ///
    /// # Panics
    ///
    /// If the kernel takes no filter; only that of Linux does.
    pub fn vanish(&self) {
        #[cfg(target_os = "linux")]
        {
            // A socket filter of one instruction, `ret #0`: keep no byte of any packet.
            let nothing = socket2::SockFilter::new(0x06, 0, 0, 0);
            let attached = SockRef::from(self.stream.get_ref()).attach_filter(&[nothing]);
            assert!(attached.is_ok(), "{attached:?}");
        }
        #[cfg(not(target_os = "linux"))]
        panic!("only on Linux can a client vanish: run this test there");
    }

    /// Forgets the body so far.
    pub fn forget(&mut self) {
        self.body.clear();
    }

    /// The body so far.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// Reads one chunk of a chunked body, or all of another. False at its end, proper or not.
    async fn read_chunk(&mut self) -> bool {
        if self.ended {
            return false;
        }
        if let Some(length) = self.length {
            let read = (&mut self.stream).take(length).read_to_end(&mut self.body).await;
            self.ended = read.is_ok_and(|read| read as u64 == length);
            return false;
        }
        let mut size = String::new();
        if !matches!(self.stream.read_line(&mut size).await, Ok(1..)) {
            return false;
        }
        let Ok(size) = usize::from_str_radix(size.trim_end(), 16) else {
            return false;
        };
        let mut chunk = vec![0; size + 2];
        if self.stream.read_exact(&mut chunk).await.is_err() {
            return false;
        }
        chunk.truncate(size);
        match &mut self.gzip {
            None => self.body.extend_from_slice(&chunk),
            Some(gzip) => {
                if gzip.write_all(&chunk).and_then(|()| gzip.flush()).is_err() {
                    return false;
                }
                self.body.append(gzip.get_mut());
            }
        }
        self.ended = size == 0;
        !self.ended
    }
}
