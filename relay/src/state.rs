//! The state that all handlers share.

use std::sync::Arc;
use std::time::Duration;

use kist_wire::ErrorCode;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use crate::bell::Bells;
use crate::push::Pusher;
use crate::rate::RateLimiter;
use crate::store::{Outcome, Store};
use crate::{Clock, Config, Result, SystemClock};

/// An open relay. Cloning it is cheap, and all clones are the one relay.
#[derive(Clone)]
pub struct Relay(Arc<Inner>);

struct Inner {
    config: Config,
    clock: Box<dyn Clock>,
    store: Store,
    bells: Bells,
    rate: Option<RateLimiter>,
    pusher: Option<Pusher>,
    stopping: watch::Sender<bool>,
}

impl Relay {
    /// Opens the relay's data folder. Blocks for as long as that takes.
    ///
    /// Errors: see [`crate::Error`].
    pub fn open(config: Config) -> Result<Self> {
        Self::open_with_clock(config, SystemClock)
    }

    /// The same with a clock of the caller's.
    pub fn open_with_clock(config: Config, clock: impl Clock) -> Result<Self> {
        let store = Store::open(&config.data, config.limits.clone())?;
        let rate = config.rate.map(RateLimiter::new);
        let pusher = config.push.clone().map(Pusher::new).transpose()?;
        let stopping = watch::Sender::new(false);
        Ok(Self(Arc::new(Inner {
            config,
            clock: Box::new(clock),
            store,
            bells: Bells::new(),
            rate,
            pusher,
            stopping,
        })))
    }

    /// Removes what has expired: nonces, sessions, slots. [`crate::serve`] does so each minute.
    pub async fn purge(&self) {
        if self.run(|store, now| store.purge(now)).await.is_err() {
            tracing::error!("purge failed");
        }
    }

    /// Lets those who wait for news go at once, and `/ready` say no.
    pub fn stop(&self) {
        self.0.stopping.send_replace(true);
    }

    pub(crate) fn is_stopping(&self) -> bool {
        *self.0.stopping.borrow()
    }

    /// Returns when [`Relay::stop`] has been called.
    pub(crate) async fn stopped(&self) {
        // The sender lives as long as `self`, so waiting can't fail.
        let _ = self.0.stopping.subscribe().wait_for(|stopping| *stopping).await;
    }

    pub(crate) fn config(&self) -> &Config {
        &self.0.config
    }

    pub(crate) fn rate(&self) -> Option<&RateLimiter> {
        self.0.rate.as_ref()
    }

    /// What tells push services; none where the operator allows none.
    pub(crate) fn pusher(&self) -> Option<&Pusher> {
        self.0.pusher.as_ref()
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.0.clock.now_ms()
    }

    /// Unix seconds.
    pub(crate) fn now(&self) -> i64 {
        self.now_ms().div_euclid(1000)
    }

    /// Runs `work` on the storage, where blocking is allowed, with the present time. It is finished even if the client
    /// goes away meanwhile.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store, i64) -> Outcome<T> + Send + 'static,
    ) -> Outcome<T> {
        let relay = self.clone();
        let outcome = tokio::task::spawn_blocking(move || work(&relay.0.store, relay.now())).await;
        outcome.unwrap_or_else(|_| Err(ErrorCode::Internal.into()))
    }

    /// Tells those who wait for news of `id`.
    pub(crate) fn ring(&self, id: &[u8]) {
        self.0.bells.ring(id);
    }

    /// Looks until there is something, `wait` is over or the relay stops.
    pub(crate) async fn wait_for<T: Send + 'static>(
        &self,
        id: &[u8],
        wait: Duration,
        look: impl Fn(&Store, i64) -> Outcome<Option<T>> + Clone + Send + 'static,
    ) -> Outcome<Option<T>> {
        let deadline = Instant::now() + wait;
        loop {
            let news = self.0.bells.listen(id).await;
            if let Some(found) = self.run(look.clone()).await? {
                return Ok(Some(found));
            }
            tokio::select! {
                () = news => {}
                () = sleep_until(deadline) => return Ok(None),
                () = self.stopped() => return Ok(None),
            }
        }
    }
}
