//! What a URL says of TLS: `tokio-postgres` reads a part of it.

use tokio_postgres::Config;
use tokio_postgres::config::SslMode;
use typed_sse_core::store::{StoreError, StoreErrorKind};

/// A URL that was read. None of its errors shows a part of it.
pub(crate) struct Url {
    pub(crate) config: Config,
    /// The file of certificates that it names, as it stands there.
    pub(crate) root: Option<String>,
}

impl Url {
    pub(crate) fn parse(url: &str) -> Result<Self, StoreError> {
        let wrong = |words| StoreError::new(StoreErrorKind::Other, words);
        // As `tokio-postgres` reads it: the parameters begin behind the host, which stands behind the password.
        let host = url.find('@').unwrap_or(0);
        let (mut plain, parameters) = match url[host..].find('?').map(|at| url.split_at(host + at)) {
            Some((before, parameters)) if url.contains("://") => (before.to_owned(), &parameters[1..]),
            _ => (url.to_owned(), ""),
        };
        let mut root = None;
        for (n, parameter) in parameters.split('&').filter(|parameter| !parameter.is_empty()).enumerate() {
            let parameter = match parameter.split_once('=') {
                Some(("sslrootcert", path)) => {
                    root = Some(path.to_owned());
                    continue;
                }
                // Who asks for TLS gets the certificate checked, and the name in it.
                Some(("sslmode", "verify-ca" | "verify-full")) => "sslmode=require",
                Some(("sslmode", "disable" | "prefer" | "require")) => parameter,
                Some(("sslmode", _)) => {
                    return Err(wrong(
                        "`sslmode` in the URL is one of disable, prefer, require, verify-ca, verify-full",
                    ));
                }
                _ => parameter,
            };
            plain.push(if n == 0 || !plain[host..].contains('?') { '?' } else { '&' });
            plain.push_str(parameter);
        }
        let config = plain
            .parse()
            .map_err(|_| wrong("the URL is no `postgres://user:password@host:port/database`"))?;
        Ok(Self { config, root })
    }

    pub(crate) fn asks_for_tls(&self) -> bool {
        self.config.get_ssl_mode() == SslMode::Require
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_it_says_of_tls() {
        let read = |url: &str| Url::parse(url).map(|url| (url.asks_for_tls(), url.root)).ok();
        for (url, tls, root) in [
            ("postgres://a@h/d", false, None),
            ("postgres://a@h/d?sslmode=prefer", false, None),
            ("postgres://a@h/d?sslmode=require", true, None),
            ("postgres://a:p?w@h/d?sslmode=verify-full&connect_timeout=3", true, None),
            (
                "postgres://h?sslrootcert=%2Fca.pem&application_name=x&sslmode=verify-ca",
                true,
                Some("%2Fca.pem"),
            ),
            ("host=h user=a sslmode=require", true, None),
        ] {
            assert_eq!(read(url), Some((tls, root.map(str::to_owned))), "{url}");
        }
        for url in ["postgres://a@h/d?sslmode=yes", "postgres://a@h/d?nonsense=1", "http://a@h"] {
            assert!(read(url).is_none(), "{url}");
        }
        let url = Url::parse("postgres://a@h/d?sslrootcert=/x&application_name=n&connect_timeout=3").unwrap();
        assert_eq!((url.config.get_application_name(), url.config.get_dbname()), (Some("n"), Some("d")));
    }
}
