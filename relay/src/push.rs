//! Push: a word without content to a push service, that something has come (RFC 8030, section 5).
//!
//! A phone registers a subscription's address with its mailbox; UnifiedPush and WebPush give such addresses. When a message
//! arrives, the relay posts an empty body there. It says nothing but that, at most once in an interval, and never holds a
//! message up: what can't be posted at once is dropped, since the phone looks by itself too.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, Once, PoisonError};
use std::time::Duration;

use kist_wire::{ErrorCode, MailboxId};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, StatusCode, Url};
use tokio::sync::Semaphore;
use tokio::time::sleep;

use crate::config::Push;
use crate::state::Relay;
use crate::store::Outcome;
use crate::{Error, Result};

/// The longest address of a subscription, in bytes.
const MAX_ENDPOINT: usize = 1024;
/// Words that are under way at a time; what comes then is dropped.
const AT_ONCE: usize = 64;
/// Mailboxes that wait for their interval to pass; what comes then is dropped.
const WAITING: usize = 10_000;
const TIMEOUT: Duration = Duration::from_secs(10);
/// For so many seconds a push service keeps the word for a phone that is off.
const TTL: &str = "86400";

/// What posts to push services.
pub(crate) struct Pusher {
    client: Client,
    push: Push,
    permits: Semaphore,
    /// Mailboxes of which a word was sent within the interval, and whether another is owed at its end.
    recent: Mutex<HashMap<MailboxId, bool>>,
}

impl Pusher {
    /// A client without redirects, which connects to public addresses alone.
    ///
    /// Errors: [`Error::Push`] on a system that trusts no certificate authority.
    pub(crate) fn new(push: Push) -> Result<Self> {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            // Fails only where there is one already, which then serves.
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let resolver = PublicOnly {
            loopback: push.allow_loopback,
        };
        let client = Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(TIMEOUT)
            .timeout(TIMEOUT)
            .dns_resolver(Arc::new(resolver))
            .build()
            .map_err(Error::Push)?;
        Ok(Pusher {
            client,
            push,
            permits: Semaphore::new(AT_ONCE),
            recent: Mutex::default(),
        })
    }

    /// That an address is one of a push service that the operator lets the relay call.
    pub(crate) fn check(&self, endpoint: &str) -> Outcome<()> {
        match endpoint.len() <= MAX_ENDPOINT && self.is_allowed(endpoint) {
            true => Ok(()),
            false => Err(ErrorCode::InvalidRequest.into()),
        }
    }

    fn is_allowed(&self, endpoint: &str) -> bool {
        let Some(url) = Url::parse(endpoint).ok().filter(|url| url.username().is_empty()) else {
            return false;
        };
        let Some(host) = url.host_str() else { return false };
        let literal: Option<IpAddr> = host.trim_matches(['[', ']']).parse().ok();
        if self.push.allow_loopback && literal.is_some_and(|ip| ip.is_loopback()) {
            return matches!(url.scheme(), "http" | "https");
        }
        let named = |allowed: &String| allowed == "*" || allowed.eq_ignore_ascii_case(host);
        url.scheme() == "https" && literal.is_none() && url.password().is_none() && self.push.hosts.iter().any(named)
    }

    /// Whether a word may go out now. Where one has gone within the interval, another is owed at its end.
    fn begins(&self, mailbox: MailboxId) -> bool {
        let mut recent = self.recent();
        if let Some(owed) = recent.get_mut(&mailbox) {
            *owed = true;
            return false;
        }
        if recent.len() >= WAITING {
            return false;
        }
        recent.insert(mailbox, false);
        true
    }

    /// At the end of an interval: whether another word is owed. Else the mailbox is forgotten.
    fn goes_on(&self, mailbox: &MailboxId) -> bool {
        let mut recent = self.recent();
        match recent.get_mut(mailbox) {
            Some(owed) if *owed => {
                *owed = false;
                true
            }
            _ => {
                recent.remove(mailbox);
                false
            }
        }
    }

    fn recent(&self) -> std::sync::MutexGuard<'_, HashMap<MailboxId, bool>> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Posts the word. Gives false where the subscription is gone for good.
    async fn post(&self, endpoint: &str) -> bool {
        // The operator may have changed what is allowed since it was registered.
        let (true, Ok(_permit)) = (self.is_allowed(endpoint), self.permits.try_acquire()) else {
            return true;
        };
        let request = self.client.post(endpoint).header("ttl", TTL).header("topic", "kist");
        match request.header("content-length", "0").send().await {
            Ok(response) => !matches!(response.status(), StatusCode::NOT_FOUND | StatusCode::GONE),
            // Not the phone's fault: the next message tries again.
            Err(_) => true,
        }
    }
}

/// Tells a mailbox's push service that something has come, if it has one. Returns at once.
pub(crate) fn tell(relay: &Relay, mailbox: MailboxId) {
    let Some(pusher) = relay.pusher() else { return };
    if !pusher.begins(mailbox) {
        return;
    }
    let relay = relay.clone();
    tokio::spawn(async move {
        let Some(pusher) = relay.pusher() else { return };
        loop {
            let endpoint = relay.run(move |store, _| store.push_endpoint(&mailbox)).await;
            let Ok(Some(endpoint)) = endpoint else {
                // No interval runs where nobody was told: a subscription may be registered meanwhile.
                pusher.recent().remove(&mailbox);
                return;
            };
            if !pusher.post(&endpoint).await {
                // Where it can't be removed, the next word finds it gone again.
                let _ = relay.run(move |store, _| store.forget_push(&mailbox, &endpoint)).await;
            }
            tokio::select! {
                () = sleep(pusher.push.interval) => {}
                () = relay.stopped() => return,
            }
            if !pusher.goes_on(&mailbox) {
                return;
            }
        }
    });
}

/// Resolves names, and leaves out addresses of private networks: a name may point anywhere.
struct PublicOnly {
    loopback: bool,
}

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let loopback = self.loopback;
        Box::pin(async move {
            let resolved = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed = |address: &SocketAddr| is_public(address.ip()) || (loopback && address.ip().is_loopback());
            let addresses: Vec<SocketAddr> = resolved.filter(allowed).collect();
            if addresses.is_empty() {
                return Err("no allowed address".into());
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

/// Whether an address is one of the open internet (the registries of RFC 6890).
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_public_v4(ip),
        IpAddr::V6(ip) => is_public_v6(ip),
    }
}

fn is_public_v4(ip: Ipv4Addr) -> bool {
    let special = ip.is_private()
        || ip.is_loopback()
        || ip.is_link_local()
        || ip.is_documentation()
        || ip.is_multicast()
        || ip.is_broadcast();
    !special
        && !matches!(
            ip.octets(),
            [0, ..] | [100, 64..=127, ..] | [192, 0, 0, _] | [192, 88, 99, _] | [198, 18..=19, ..] | [240..=255, ..]
        )
}

/// Global unicast alone, without what holds another address or is for documents.
fn is_public_v6(ip: Ipv6Addr) -> bool {
    match ip.segments() {
        [0x2001, second, ..] => second >= 0x0200 && second != 0x0db8,
        [0x2002, ..] => false,
        [first, ..] => (0x2000..0x4000).contains(&first) && first != 0x3fff,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pusher(hosts: &[&str], allow_loopback: bool) -> Pusher {
        let hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
        let interval = Duration::from_secs(30);
        Pusher::new(Push {
            hosts,
            interval,
            allow_loopback,
        })
        .unwrap()
    }

    #[test]
    fn a31_only_the_operators_push_services_are_called_and_no_address() {
        let one = pusher(&["push.example"], false);
        assert!(one.check("https://push.example/up/1").is_ok());
        for refused in [
            "http://push.example/up/1",
            "https://other.example/up/1",
            "https://push.example@other.example/",
            "https://user:word@push.example/",
            "https://127.0.0.1/",
            "ftp://push.example/",
            "push.example",
        ] {
            assert!(one.check(refused).is_err(), "{refused}");
        }
        let any = pusher(&["*"], false);
        assert!(any.check("https://other.example/up/1").is_ok());
        for refused in [
            "https://10.0.0.1/",
            "https://[::1]/",
            "https://0x7f.1/",
            "http://other.example/",
        ] {
            assert!(any.check(refused).is_err(), "{refused}");
        }
        assert!(
            any.check(&format!("https://other.example/{}", "x".repeat(1024)))
                .is_err()
        );
        assert!(pusher(&[], true).check("http://127.0.0.1:8000/up").is_ok());
    }

    #[test]
    fn a31_addresses_of_private_networks_are_not_public() {
        for private in [
            "10.1.2.3",
            "127.0.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "::1",
            "fe80::1",
            "fd00::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a00:1",
            "2002:a00:1::1",
            "2001:db8::1",
        ] {
            assert!(!is_public(private.parse().unwrap()), "{private}");
        }
        for public in ["9.9.9.9", "2620:fe::fe", "2001:4860:4860::8888"] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }
}
