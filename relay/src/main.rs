//! `kist-relay`: serves a relay until it is told to stop.

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use kist_relay::{Config, Push, RateLimit, Relay};
use kist_wire::{Limits, Origin, limits};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// The zero-knowledge relay of Kist.
///
/// It speaks HTTP; put a proxy with TLS in front of it. When it listens, it prints one line of JSON with its address.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Address to listen on; port 0 takes any free one
    #[arg(long, env = "KIST_RELAY_LISTEN", default_value = "127.0.0.1:7700")]
    listen: SocketAddr,
    /// Folder that holds everything
    #[arg(long, env = "KIST_RELAY_DATA")]
    data: PathBuf,
    /// Origin under which clients reach the relay, for example https://relay.example; by default the address listened on
    #[arg(long, env = "KIST_RELAY_PUBLIC_URL")]
    public_url: Option<Origin>,
    /// Who runs this relay
    #[arg(long, env = "KIST_RELAY_OPERATOR", default_value = "")]
    operator: String,
    /// Where its data rests, ISO 3166-1 alpha-2
    #[arg(long, env = "KIST_RELAY_COUNTRY", default_value = "", value_parser = country)]
    country: String,
    /// Ask this invitation of whoever creates a vault
    #[arg(long, env = "KIST_RELAY_INVITE", hide_env_values = true)]
    invite: Option<String>,
    /// Take the client's address from the last entry of X-Forwarded-For, which the proxy in front must set
    #[arg(long, env = "KIST_RELAY_FORWARDED")]
    forwarded: bool,
    /// Host of a push service that is told, without content, when a message arrives; can be repeated, * is any
    #[arg(long, env = "KIST_RELAY_PUSH_HOST", value_delimiter = ',')]
    push_host: Vec<String>,
    /// Seconds between two words to one mailbox's push service
    #[arg(long, env = "KIST_RELAY_PUSH_INTERVAL", default_value_t = 30)]
    push_interval: u64,
    /// Also tell push services on this machine over plain HTTP, for demonstrations and tests
    #[arg(long, env = "KIST_RELAY_PUSH_LOOPBACK")]
    push_loopback: bool,
    /// Requests a second for one client address
    #[arg(long, env = "KIST_RELAY_RATE", default_value_t = RateLimit::default().per_second)]
    rate: u32,
    /// Requests that one client address may make at once
    #[arg(long, env = "KIST_RELAY_BURST", default_value_t = RateLimit::default().burst)]
    burst: u32,
    /// No rate limit: for benchmarks and tests
    #[arg(long, env = "KIST_RELAY_NO_RATE_LIMIT", conflicts_with_all = ["rate", "burst"])]
    no_rate_limit: bool,
    /// Bytes of a blob
    #[arg(long, env = "KIST_RELAY_BLOB_BYTES", default_value_t = limits::BLOB_BYTES)]
    blob_bytes: u64,
    /// Bytes of all blobs and log entries of a vault
    #[arg(long, env = "KIST_RELAY_VAULT_BYTES", default_value_t = limits::VAULT_BYTES)]
    vault_bytes: u64,
    /// Messages that wait in a mailbox
    #[arg(long, env = "KIST_RELAY_MAILBOX_MESSAGES", default_value_t = limits::MAILBOX_MESSAGES)]
    mailbox_messages: u64,
    /// Bytes of all messages that wait in a mailbox
    #[arg(long, env = "KIST_RELAY_MAILBOX_BYTES", default_value_t = limits::MAILBOX_BYTES)]
    mailbox_bytes: u64,
}

fn country(text: &str) -> Result<String, &'static str> {
    match text.as_bytes() {
        [] | [b'A'..=b'Z', b'A'..=b'Z'] => Ok(text.to_owned()),
        _ => Err("two capital letters, for example GB"),
    }
}

impl Arguments {
    fn config(self, bound: SocketAddr) -> Result<Config, kist_wire::Error> {
        let origin = match self.public_url {
            Some(origin) => origin,
            None => format!("http://{bound}").parse()?,
        };
        let limits = Limits {
            blob_bytes: self.blob_bytes,
            vault_bytes: self.vault_bytes,
            mailbox_messages: self.mailbox_messages,
            mailbox_bytes: self.mailbox_bytes,
            ..Limits::default()
        };
        let rate = (!self.no_rate_limit).then_some(RateLimit {
            per_second: self.rate,
            burst: self.burst,
        });
        let push = Push {
            hosts: self.push_host,
            interval: Duration::from_secs(self.push_interval),
            allow_loopback: self.push_loopback,
        };
        Ok(Config {
            push: (!push.hosts.is_empty() || push.allow_loopback).then_some(push),
            operator: self.operator,
            country: self.country,
            limits,
            rate,
            invite: self.invite,
            forwarded: self.forwarded,
            ..Config::new(self.data, origin)
        })
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_target(false)
        .with_writer(std::io::stderr)
        .init();
    match run(Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let cause = error.source().map(ToString::to_string);
            tracing::error!(%error, cause, "the relay can't run");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<(), Box<dyn std::error::Error>> {
    let listener = TcpListener::bind(arguments.listen).await?;
    let address = listener.local_addr()?;
    let relay = Relay::open(arguments.config(address)?)?;
    // Asked for before the address is told: whoever reads it may send a signal at once.
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let line = serde_json::json!({ "address": address.to_string(), "url": format!("http://{address}") });
    writeln!(std::io::stdout(), "{line}")?;
    kist_relay::serve(listener, relay, async {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping");
    })
    .await;
    Ok(())
}
