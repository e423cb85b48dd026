//! Hours in which requests wait.

use serde::{Deserialize, Serialize};

const DAY: i64 = 24 * 60;

/// Hours of each day by the clock on the wall, over midnight where they end before they begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuietHours {
    /// The first quiet minute, counted from midnight.
    pub from: u16,
    /// The first minute that isn't quiet any more.
    pub until: u16,
}

impl QuietHours {
    pub(super) fn check(&self) -> bool {
        let is_minute = |minute: u16| i64::from(minute) < DAY;
        is_minute(self.from) && is_minute(self.until) && self.from != self.until
    }

    /// When the quiet in which `now` falls ends, Unix seconds; none where it is not quiet. The wall's clock is
    /// `offset_minutes` ahead of UTC.
    pub(super) fn end(&self, now: i64, offset_minutes: i32) -> Option<i64> {
        let minutes = now.div_euclid(60).checked_add(i64::from(offset_minutes))?;
        let minute = minutes.rem_euclid(DAY);
        let since = (minute - i64::from(self.from)).rem_euclid(DAY);
        let length = (i64::from(self.until) - i64::from(self.from)).rem_euclid(DAY);
        let left = (since < length).then_some(length - since)?;
        now.div_euclid(60).checked_add(left)?.checked_mul(60)
    }
}
