//! Rate limits: a token bucket for each client address, in memory of a fixed size.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use kist_wire::path;

use crate::config::RateLimit;
use crate::failure::Failure;
use crate::state::Relay;

/// Buckets. Addresses are hashed on them with a random key, so an attacker can't choose whose bucket to share.
const BUCKETS: usize = 1 << 16;
/// Thousandths of a token: what a bucket counts in.
const TOKEN: u64 = 1000;
/// Tokens for a request.
const ORDINARY: u64 = 1;
/// Tokens for creating something, and for guessing wrong.
const COSTLY: u64 = 10;

#[derive(Clone, Copy)]
struct Bucket {
    /// Thousandths of tokens taken and not yet back.
    taken: u64,
    /// When `taken` was counted, milliseconds.
    at: i64,
}

/// The buckets of all addresses.
pub(crate) struct RateLimiter {
    limit: RateLimit,
    hasher: RandomState,
    buckets: Mutex<Vec<Bucket>>,
}

impl RateLimiter {
    pub(crate) fn new(limit: RateLimit) -> Self {
        let limit = RateLimit {
            per_second: limit.per_second.max(1),
            burst: limit.burst.max(1),
        };
        Self {
            limit,
            hasher: RandomState::new(),
            buckets: Mutex::new(vec![Bucket { taken: 0, at: 0 }; BUCKETS]),
        }
    }

    /// Takes tokens if they are there; otherwise says how many seconds to wait for them.
    fn take(&self, address: IpAddr, tokens: u64, now_ms: i64) -> Result<(), u64> {
        self.with_bucket(address, now_ms, |bucket, limit| {
            let capacity = u64::from(limit.burst) * TOKEN;
            // Whatever a request costs, a full bucket allows it.
            let cost = (tokens * TOKEN).min(capacity);
            let over = (bucket.taken + cost).saturating_sub(capacity);
            if over > 0 {
                return Err(over.div_ceil(u64::from(limit.per_second) * TOKEN));
            }
            bucket.taken += cost;
            Ok(())
        })
    }

    /// Takes tokens as far as they are there, after the fact.
    fn fine(&self, address: IpAddr, tokens: u64, now_ms: i64) {
        self.with_bucket(address, now_ms, |bucket, limit| {
            bucket.taken = (bucket.taken + tokens * TOKEN).min(u64::from(limit.burst) * TOKEN);
        });
    }

    fn with_bucket<T>(&self, address: IpAddr, now_ms: i64, work: impl FnOnce(&mut Bucket, RateLimit) -> T) -> T {
        let index = self.hasher.hash_one(network(address)) as usize % BUCKETS;
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = &mut buckets[index];
        // A millisecond brings back as many thousandths as a second brings tokens.
        let passed = u64::try_from(now_ms.saturating_sub(bucket.at)).unwrap_or(0);
        bucket.taken = bucket
            .taken
            .saturating_sub(passed.saturating_mul(u64::from(self.limit.per_second)));
        bucket.at = now_ms;
        work(bucket, self.limit)
    }
}

/// The part of an address that one client can't change at will: an IPv6 network of 64 bits.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            IpAddr::from([a, b, c, d, 0, 0, 0, 0])
        }
    }
}

/// Refuses an address that asks too fast, and makes wrong guesses dear.
pub(crate) async fn limit(State(relay): State<Relay>, request: Request, next: Next) -> Response {
    let Some(limiter) = relay.rate() else {
        return next.run(request).await;
    };
    let address = client_address(&request, relay.config().forwarded);
    let route = route_of(&request);
    let tokens = if creates(request.method(), route.as_str()) {
        COSTLY
    } else {
        ORDINARY
    };
    if let Err(seconds) = limiter.take(address, tokens, relay.now_ms()) {
        return Failure::RateLimited { seconds }.into_response();
    }
    let response = next.run(request).await;
    if guessed(&route, response.status()) {
        limiter.fine(address, COSTLY, relay.now_ms());
    }
    response
}

/// The template of the route that a request found; never the path, which holds ids.
pub(crate) fn route_of(request: &Request) -> String {
    request
        .extensions()
        .get::<MatchedPath>()
        .map_or("none", MatchedPath::as_str)
        .to_owned()
}

fn client_address(request: &Request, forwarded: bool) -> IpAddr {
    let peer = request.extensions().get::<ConnectInfo<std::net::SocketAddr>>();
    let peer = peer.map_or(IpAddr::from([0, 0, 0, 0]), |info| info.0.ip());
    if !forwarded {
        return peer;
    }
    let values = request.headers().get_all("x-forwarded-for");
    let last = values
        .iter()
        .next_back()
        .and_then(|value| value.to_str().ok()?.rsplit(',').next()?.trim().parse().ok());
    last.unwrap_or(peer)
}

fn creates(method: &Method, route: &str) -> bool {
    (method == Method::POST && [path::VAULTS, path::MAILBOXES].contains(&route))
        || (method == Method::PUT && route == path::SLOT)
}

/// Within a vault a 404 is no guess: only its own session gets so far.
fn guessed(route: &str, status: StatusCode) -> bool {
    status == StatusCode::UNAUTHORIZED || (status == StatusCode::NOT_FOUND && !route.starts_with(path::VAULT))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 0, 2, 1));

    #[test]
    fn a41_a_bucket_empties_and_fills_with_time() {
        let limiter = RateLimiter::new(RateLimit {
            per_second: 2,
            burst: 3,
        });
        for _ in 0..3 {
            assert_eq!(limiter.take(ONE, 1, 0), Ok(()));
        }
        assert_eq!(limiter.take(ONE, 1, 0), Err(1));
        assert_eq!(limiter.take(ONE, 3, 0), Err(2));
        assert_eq!(limiter.take(ONE, 1, 499), Err(1));
        assert_eq!(limiter.take(ONE, 1, 500), Ok(()));
        assert_eq!(
            limiter.take(ONE, 10, 10_000),
            Ok(()),
            "a full bucket allows whatever a request costs"
        );
        assert_eq!(limiter.take(ONE, 1, 9_000), Err(1), "a clock put back gives nothing");
    }

    #[test]
    fn a41_an_ipv6_network_is_one_client() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2::1"));
        assert_ne!(of("2001:db8:1:3::1"), of("2001:db8:1:2::1"));
        assert_eq!(of("::ffff:192.0.2.1"), ONE);
    }
}
