//! Patience with other people's relays. Whoever knocks at an organisation names a relay, and may name one that never answers.
//!
//! A relay that was slow and took nothing waits for its next turn, each time twice as long. One flush spends about a minute
//! on slow relays that it doesn't know, and another on those that were slow before; relays that take what they are sent
//! always have their turn.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::Result;
use crate::home::{Home, to_json};

/// How relays served, by origin.
const STANDINGS: &str = "local/relays";
/// From so many seconds on a relay is slow.
const SLOW: i64 = 5;
/// The time for slow relays in one flush, in seconds. The last one that is tried may take longer.
const IN_ONE_FLUSH: i64 = 60;
const FIRST_WAIT: i64 = 10 * 60;
const LONGEST_WAIT: i64 = 24 * 60 * 60;

/// How a relay served.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Standing {
    /// It took the last message that it was sent, and soon.
    serves: bool,
    /// How long it waits for its turn, in seconds; 0 for one that was not slow.
    wait: i64,
    /// When its turn comes, Unix seconds.
    until: i64,
}

impl Standing {
    pub(super) fn of(home: &Home, relay: &str) -> Result<Standing> {
        Ok(home.kept(STANDINGS, relay)?.unwrap_or_default())
    }

    /// A clock that was put back makes no wait longer.
    fn waits(&self, now: i64) -> bool {
        now < self.until && now >= self.until.saturating_sub(self.wait)
    }

    /// How it stands after it has been sent a message.
    fn after(&self, is_slow: bool, took: bool, now: i64) -> Standing {
        match (is_slow, took) {
            (false, true) => Standing {
                serves: true,
                ..Standing::default()
            },
            (false, false) => self.clone(),
            (true, true) => Standing {
                serves: false,
                ..self.clone()
            },
            (true, false) => {
                let wait = self.wait.saturating_mul(2).clamp(FIRST_WAIT, LONGEST_WAIT);
                Standing {
                    serves: false,
                    wait,
                    until: now.saturating_add(wait),
                }
            }
        }
    }
}

/// The patience of one flush.
pub(super) struct Patience {
    is_bounded: bool,
    /// Relays that could not be reached.
    down: BTreeSet<String>,
    /// Seconds that slow relays took: those that were not slow before, and those that were.
    spent: (i64, i64),
}

impl Patience {
    pub(super) fn bounded() -> Patience {
        Patience {
            is_bounded: true,
            down: BTreeSet::new(),
            spent: (0, 0),
        }
    }

    pub(super) fn endless() -> Patience {
        Patience {
            is_bounded: false,
            ..Patience::bounded()
        }
    }

    /// Whether it is a relay's turn.
    pub(super) fn allows(&mut self, relay: &str, standing: &Standing, now: i64) -> bool {
        if self.down.contains(relay) {
            return false;
        }
        if !self.is_bounded || standing.serves {
            return true;
        }
        *self.spent_on(standing) < IN_ONE_FLUSH && !standing.waits(now)
    }

    /// Notes how a relay served that was sent a message at `began`.
    pub(super) async fn note(
        &mut self,
        home: &Arc<Home>,
        relay: String,
        standing: Standing,
        began: i64,
        sent: &Result<()>,
    ) -> Result<()> {
        if matches!(sent, Err(error) if error.code() == "Unreachable") {
            self.down.insert(relay.clone());
        }
        if !self.is_bounded {
            return Ok(());
        }
        let now = home.platform.now();
        let seconds = now.saturating_sub(began);
        let is_slow = seconds >= SLOW;
        if is_slow {
            let spent = self.spent_on(&standing);
            *spent = spent.saturating_add(seconds);
        }
        let after = standing.after(is_slow, sent.is_ok(), now);
        if after == standing {
            return Ok(());
        }
        home.blocking(move |home| home.keep(STANDINGS, &relay, &to_json(&after)?))
            .await
    }

    fn spent_on(&mut self, standing: &Standing) -> &mut i64 {
        match standing.wait {
            0 => &mut self.spent.0,
            _ => &mut self.spent.1,
        }
    }
}
