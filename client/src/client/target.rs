//! Where requests go, and what may be sent there.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use http::HeaderValue;
use percent_encoding::percent_decode_str;
use url::Url;

use crate::error::{BoxError, Error, ErrorKind};
use crate::machine::Redirect;

/// The URL of the application, and what redirects have made of it.
pub(super) struct Target {
    /// Where the application sent us.
    given: Url,
    /// Where the next attempt begins.
    home: Url,
    /// Where this request goes.
    current: Url,
    /// What stood in the URL as user name and password.
    authorization: Option<HeaderValue>,
}

impl Target {
    pub(super) fn new(url: &str) -> Result<Self, BoxError> {
        // The message of a parser names no part of the URL.
        let mut given = Url::parse(url)?;
        if !is_http(&given) {
            return Err("the URL is neither http nor https".into());
        }
        let authorization = take_credentials(&mut given)?;
        let (home, current) = (given.clone(), given.clone());
        Ok(Self { given, home, current, authorization })
    }

    /// Begins another attempt.
    pub(super) fn start_over(&mut self) {
        self.current.clone_from(&self.home);
    }

    /// Comes back to where it is now: there was an answer that is no redirect.
    ///
    /// The standard fetches one request again and again. Each redirect, whatever its status, is [appended to the URL list of
    /// that request][list], and the next fetch begins where the list ends. A place that has never answered is not come back to, as
    /// in Chromium: the first URL may know another one.
    ///
    /// [list]: https://fetch.spec.whatwg.org/#http-redirect-fetch
    pub(super) fn stay(&mut self) {
        self.home.clone_from(&self.current);
    }

    /// Goes where the server points. A final error says that it is of no use to ask again.
    pub(super) fn follow(&mut self, redirect: &Redirect) -> Result<(), Error> {
        let error = || Error::new(ErrorKind::Redirect);
        let location = std::str::from_utf8(redirect.location.as_bytes()).map_err(|_| error())?;
        let mut next = self.current.join(location).map_err(|_| error())?;
        // Fetch: "If locationURL's scheme is not an HTTP(S) scheme, then return a network error." To ask again is "futile".
        if !is_http(&next) {
            return Err(error().into_final());
        }
        take_credentials(&mut next).map_err(|_| error())?;
        self.current = next;
        Ok(())
    }

    /// Whether the application's headers may be sent there: what was meant for one server is not told to another, neither on the
    /// redirect nor when the client comes back to where it led.
    pub(super) fn is_trusted(&self) -> bool {
        self.current.origin() == self.given.origin()
    }

    pub(super) fn url(&self) -> &str {
        self.current.as_str()
    }

    pub(super) const fn authorization(&self) -> Option<&HeaderValue> {
        self.authorization.as_ref()
    }

    /// What may be shown of the URL: path and query may carry a token.
    pub(super) fn shown(&self) -> String {
        self.given.origin().ascii_serialization()
    }
}

fn is_http(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}

/// Takes user name and password, and the fragment, which stays with the client, out of the URL.
fn take_credentials(url: &mut Url) -> Result<Option<HeaderValue>, BoxError> {
    url.set_fragment(None);
    let decode = |text: &str| percent_decode_str(text).collect::<Vec<u8>>();
    let mut credentials = decode(url.username());
    credentials.push(b':');
    credentials.extend(decode(url.password().unwrap_or_default()));
    // An http URL has a host, so that this succeeds.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    if credentials == b":" {
        return Ok(None);
    }
    let mut value = HeaderValue::from_str(&format!("Basic {}", BASE64_STANDARD.encode(credentials)))?;
    value.set_sensitive(true);
    Ok(Some(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn redirect(location: &'static str) -> Redirect {
        Redirect { location: HeaderValue::from_static(location), keeps_method: true }
    }

    #[test]
    fn stays_where_it_was_answered() {
        let mut target = Target::new("http://a.test/old?x=1#f").unwrap();
        target.follow(&redirect("elsewhere")).unwrap();
        target.start_over();
        assert_eq!(target.url(), "http://a.test/old?x=1");
        for (location, url, is_trusted) in [
            ("new", "http://a.test/new", true),
            ("//b.test/x/y?z#f", "http://b.test/x/y?z", false),
            ("z", "http://b.test/x/z", false),
            ("http://a.test:80/back", "http://a.test/back", true),
        ] {
            target.follow(&redirect(location)).unwrap();
            target.stay();
            target.start_over();
            assert_eq!((target.url(), target.is_trusted()), (url, is_trusted));
        }
        // Where no redirect leads to is no place to be.
        target.follow(&redirect("http://")).unwrap_err();
        assert_eq!(target.url(), "http://a.test/back");
    }

    #[test]
    fn another_origin_is_another_host_port_or_scheme() {
        for location in ["https://a.test/", "http://a.test:81/", "http://b.a.test/"] {
            let mut target = Target::new("http://a.test/").unwrap();
            target.follow(&redirect(location)).unwrap();
            assert!(!target.is_trusted(), "{location}");
        }
    }

    #[test]
    fn credentials_leave_the_url() {
        let mut target = Target::new("https://me:p%40ss@a.test/x").unwrap();
        assert_eq!(target.url(), "https://a.test/x");
        assert_eq!(target.authorization().unwrap(), "Basic bWU6cEBzcw==");
        assert!(target.authorization().unwrap().is_sensitive());
        target.follow(&redirect("https://you:word@a.test/y")).unwrap();
        assert_eq!(target.url(), "https://a.test/y");
    }

    #[test]
    fn a_url_that_no_client_can_ask() {
        for url in ["", "/path", "ftp://a.test/", "http://", "http://a:99999/", "data:text/event-stream,"] {
            assert!(Target::new(url).is_err(), "{url}");
        }
        for (location, is_final) in [("ftp://a.test/", true), ("http://", false), ("http://a:99999/", false)]
        {
            let mut target = Target::new("http://a.test/").unwrap();
            let error = target.follow(&redirect(location)).unwrap_err();
            assert_eq!((error.kind(), error.is_final()), (ErrorKind::Redirect, is_final));
        }
    }
}
