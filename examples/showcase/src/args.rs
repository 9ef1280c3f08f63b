//! What the command line says.

use std::net::SocketAddr;

const USAGE: &str = "usage: showcase [--port 3000] [--host 127.0.0.1] [--store memory|redb:PATH|redis:URL]";

#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Args {
    pub(crate) address: SocketAddr,
    pub(crate) store: Store,
}

/// Where the events are kept.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Store {
    Memory,
    Redb(String),
    /// A URL may have a password in it.
    Redis(String),
}

impl Args {
    pub(crate) fn parse(mut args: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut parsed = Self { address: SocketAddr::from(([127, 0, 0, 1], 3000)), store: Store::Memory };
        while let Some(arg) = args.next() {
            let (name, value) = match arg.split_once('=') {
                Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
                None => (arg, args.next()),
            };
            let value = value.unwrap_or_default();
            let wrong = |what| format!("`{name} {value}` is not {what}");
            match name.as_str() {
                "--port" => parsed.address.set_port(value.parse().map_err(|_| wrong("a port"))?),
                "--host" => parsed.address.set_ip(value.parse().map_err(|_| wrong("an IP address"))?),
                "--store" => {
                    parsed.store = Store::parse(&value)
                        .ok_or_else(|| wrong("a store: write `memory`, `redb:PATH` or `redis:URL`"))?
                }
                _ => return Err(format!("unknown argument `{name}`\n{USAGE}")),
            }
        }
        Ok(parsed)
    }
}

impl Store {
    fn parse(value: &str) -> Option<Self> {
        match value.split_once(':') {
            None if value == "memory" => Some(Self::Memory),
            Some(("redb", path)) if !path.is_empty() => Some(Self::Redb(path.to_owned())),
            Some(("redis", url)) if !url.is_empty() => Some(Self::Redis(url.to_owned())),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(args: &str) -> Result<Args, String> {
        Args::parse(args.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn defaults_and_both_forms() {
        let args = parse("").unwrap();
        assert_eq!((args.address.to_string().as_str(), args.store), ("127.0.0.1:3000", Store::Memory));
        let args = parse("--port=80 --host 0.0.0.0 --store redb:a:b.redb").unwrap();
        assert_eq!(args.address.to_string(), "0.0.0.0:80");
        assert_eq!(args.store, Store::Redb("a:b.redb".to_owned()));
        let args = parse("--store redis:redis://localhost:6379").unwrap();
        assert_eq!(args.store, Store::Redis("redis://localhost:6379".to_owned()));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (args, words) in [
            ("--port x", "`--port x` is not a port"),
            ("--host x", "`--host x` is not an IP address"),
            ("--store floppy:a", "`--store floppy:a` is not a store: write `memory`"),
            ("--store redb:", "`--store redb:` is not a store: write `memory`"),
            ("--prot 1", "unknown argument `--prot`\nusage: "),
        ] {
            let error = parse(args).unwrap_err();
            assert!(error.starts_with(words), "{error}");
        }
    }
}
