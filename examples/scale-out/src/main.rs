//! One address in front of several servers: each connection goes to the next of those that can be reached.
//!
//! ```text
//! cargo run -p scale-out -- 3000 3001 3002 3003
//! ```
//!
//! It knows nothing of events, of cookies or of sticky sessions. The servers share one log, so a client may come back to any of them.

mod balance;

use std::io::{self, Write as _};
use std::process::ExitCode;

use tokio::net::TcpListener;

use balance::Balance;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            let _ = writeln!(io::stderr(), "scale-out: {message}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), String> {
    let (port, servers) = ports(std::env::args().skip(1))?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await;
    let listener = listener.map_err(|error| format!("cannot listen on port {port}: {error}"))?;
    let _ = writeln!(io::stdout(), "http://127.0.0.1:{port} in front of the servers at {servers:?}");
    let balance = Balance::new(servers, |line| {
        let _ = writeln!(io::stdout(), "{line}");
    });
    balance.serve(listener).await.map_err(|error| error.to_string())
}

/// Where to listen, and where the servers are.
fn ports(args: impl Iterator<Item = String>) -> Result<(u16, Vec<u16>), String> {
    let parsed = args.map(|arg| arg.parse().map_err(|_| format!("`{arg}` is not a port\n{USAGE}")));
    let mut ports: Vec<u16> = parsed.collect::<Result<_, _>>()?;
    if ports.len() < 2 {
        return Err(USAGE.to_owned());
    }
    Ok((ports.remove(0), ports))
}

const USAGE: &str = "usage: scale-out PORT SERVER-PORT..., as in `scale-out 3000 3001 3002 3003`";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_port_is_ours() {
        let read = |args: &str| ports(args.split_whitespace().map(str::to_owned));
        assert_eq!(read("3000 3001 3002"), Ok((3000, vec![3001, 3002])));
        assert_eq!(read("3000"), Err(USAGE.to_owned()));
        assert!(read("3000 x").is_err_and(|error| error.starts_with("`x` is not a port\nusage: ")));
    }
}
