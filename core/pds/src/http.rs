//! The one HTTP client: https alone, no private addresses (checked again after resolution), no redirects, replies bounded
//! in size and time.

use std::net::SocketAddr;
use std::sync::{Arc, Once, OnceLock};
use std::time::Duration;

use kist_exchange::{TransportPolicy, is_allowed_ip, is_allowed_url};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Certificate, Method, RequestBuilder, Response, StatusCode};
use tokio::time::{Instant, timeout, timeout_at};

use crate::{Error, Platform, Result};

/// The largest reply that is read unless the caller allows more, in bytes.
pub(crate) const MAX_REPLY: usize = 1 << 20;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Nothing arriving for this long ends a request; it is above the relay's longest wait.
const SILENCE: Duration = Duration::from_secs(60);
/// Bodies may travel as slowly as this, in bytes a second, and no slower.
const SLOWEST: u64 = 16 * 1024;

/// A client for everything that a store reaches over the network. Cheap to clone. It is made when it is first used: making
/// it reads the platform's certificate authorities, which unlocking a store need not wait for.
#[derive(Clone)]
pub(crate) struct Http {
    client: Arc<OnceLock<reqwest::Client>>,
    authorities: Arc<[Certificate]>,
    policy: TransportPolicy,
}

impl Http {
    pub(crate) fn new(platform: &Platform) -> Result<Self> {
        let malformed = |_| Error::new("Malformed").with("what", "certificate");
        let authorities = platform.tls_authorities.iter();
        Ok(Http {
            client: Arc::default(),
            authorities: authorities
                .map(|der| Certificate::from_der(der).map_err(malformed))
                .collect::<Result<_>>()?,
            policy: platform.policy(),
        })
    }

    fn client(&self) -> Result<&reqwest::Client> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            // Fails only where the app has installed a provider of its own, which then serves.
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let mut builder = reqwest::Client::builder()
            .no_proxy()
            .http1_only()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .dns_resolver(Arc::new(PublicOnly { policy: self.policy }));
        if !self.authorities.is_empty() {
            builder = builder.tls_certs_merge(self.authorities.iter().cloned());
        }
        let client = builder.build().map_err(|_| Error::new("Internal"))?;
        Ok(self.client.get_or_init(|| client))
    }

    /// That the policy allows an address.
    pub(crate) fn check(&self, url: &str) -> Result<()> {
        match is_allowed_url(url, self.policy) {
            true => Ok(()),
            false => Err(Error::new("AddressRefused")),
        }
    }

    /// A request to an address that the policy allows.
    pub(crate) fn request(&self, method: Method, url: &str) -> Result<RequestBuilder> {
        self.check(url)?;
        Ok(self.client()?.request(method, url))
    }
}

/// Sends, and gives whatever the server replies.
pub(crate) async fn send(request: RequestBuilder) -> Result<Response> {
    let (client, request) = request.build_split();
    let request = request.map_err(|_| Error::new("AddressRefused"))?;
    let length = request.body().and_then(|body| body.as_bytes()).map_or(0, <[u8]>::len);
    match timeout(time_for(length), client.execute(request)).await {
        Ok(Ok(response)) => Ok(response),
        _ => Err(Error::new("Unreachable")),
    }
}

/// Reads a reply of at most `limit` bytes.
pub(crate) async fn body(mut response: Response, limit: usize) -> Result<Vec<u8>> {
    let announced = response
        .content_length()
        .and_then(|length| usize::try_from(length).ok())
        .unwrap_or(0);
    let end = Instant::now() + time_for(limit);
    let mut bytes = Vec::with_capacity(announced.min(limit));
    loop {
        let silence = end.min(Instant::now() + SILENCE);
        match timeout_at(silence, response.chunk()).await {
            Ok(Ok(None)) => return Ok(bytes),
            Ok(Ok(Some(chunk))) if chunk.len() <= limit - bytes.len() => bytes.extend_from_slice(&chunk),
            Ok(Ok(Some(_))) => return Err(Error::new("TooLarge").with("what", "reply").with("limit", limit)),
            _ => return Err(Error::new("Unreachable")),
        }
    }
}

fn time_for(bytes: usize) -> Duration {
    SILENCE + Duration::from_secs(bytes as u64 / SLOWEST)
}

/// Fetches a document, such as a trust list.
pub(crate) async fn fetch(http: &Http, url: &str, limit: usize) -> Result<Vec<u8>> {
    let response = send(http.request(Method::GET, url)?).await?;
    match response.status() {
        StatusCode::OK => body(response, limit).await,
        StatusCode::NOT_FOUND | StatusCode::GONE => Err(Error::new("NotFound").with("what", "document")),
        status => Err(Error::new("RelayRefused").with("status", status.as_u16())),
    }
}

/// Resolves names, and leaves out addresses that the policy does not allow: a name may point into a private network.
struct PublicOnly {
    policy: TransportPolicy,
}

impl Resolve for PublicOnly {
    fn resolve(&self, name: Name) -> Resolving {
        let policy = self.policy;
        Box::pin(async move {
            let resolved = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed = |address: &SocketAddr| is_allowed_ip(address.ip(), policy);
            let addresses: Vec<SocketAddr> = resolved.filter(allowed).collect();
            if addresses.is_empty() {
                return Err("no allowed address".into());
            }
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn resolve(name: &str, policy: TransportPolicy) -> Option<Vec<SocketAddr>> {
        let resolved = PublicOnly { policy }.resolve(name.parse().ok()?).await;
        resolved.ok().map(Iterator::collect)
    }

    #[tokio::test]
    async fn a31_a_name_of_this_machine_resolves_to_nothing_unless_loopback_is_allowed() {
        assert_eq!(resolve("localhost", TransportPolicy::default()).await, None);
        let allowed = resolve("localhost", TransportPolicy { allow_loopback: true }).await;
        assert!(allowed.is_some_and(|all| all.iter().all(|address| address.ip().is_loopback())));
    }
}
