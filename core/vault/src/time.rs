//! Hybrid logical time: clock readings made into one order that follows cause and effect, also where clocks are wrong.
//!
//! After Kulkarni et al., "Logical Physical Clocks" (2014): a time is never before one that its device has seen.

use std::fmt;
use std::str::FromStr;

use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql, params};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::ids::{FixedBytes, read_hex, show_hex};
use crate::{Error, Result};

/// The last millisecond that a time can name: the last that a UUIDv7 can.
const LAST_MS: u64 = (1 << 48) - 1;

/// When something was written, and where: wall clock, then a counter within the millisecond, then the vault that wrote.
///
/// No two writes share one; a write made in knowledge of another is greater. Its bytes (8 + 4 + 8, big-endian) have
/// the same order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HybridTime {
    wall_ms: u64,
    counter: u32,
    node: u64,
}

impl HybridTime {
    /// Bytes of the encoding.
    pub const LENGTH: usize = 20;

    /// The wall clock: milliseconds since 1970-01-01 UTC.
    pub fn wall_ms(&self) -> i64 {
        self.wall_ms as i64 // At most 48 bits.
    }

    /// The number of the vault that wrote, random for each vault.
    pub fn node(&self) -> u64 {
        self.node
    }

    /// The encoding.
    pub fn to_bytes(self) -> [u8; Self::LENGTH] {
        let mut bytes = [0; Self::LENGTH];
        bytes[..8].copy_from_slice(&self.wall_ms.to_be_bytes());
        bytes[8..12].copy_from_slice(&self.counter.to_be_bytes());
        bytes[12..].copy_from_slice(&self.node.to_be_bytes());
        bytes
    }

    /// Reads the encoding; `Malformed` for a wall clock beyond 48 bits.
    pub fn from_bytes(bytes: &[u8; Self::LENGTH]) -> Result<Self> {
        let [a, b, c, d, e, f, g, h, i, j, k, l, node @ ..] = *bytes;
        let wall_ms = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
        if wall_ms > LAST_MS {
            return Err(Error::Malformed { what: "hybrid time" });
        }
        Ok(HybridTime {
            wall_ms,
            counter: u32::from_be_bytes([i, j, k, l]),
            node: u64::from_be_bytes(node),
        })
    }
}

/// Gives out the times of one vault.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock(HybridTime);

impl Clock {
    /// Goes on from the last time given out or seen.
    pub(crate) fn load(connection: &Connection) -> Result<Self> {
        let (wall_ms, counter, node): (i64, u32, i64) = connection
            .prepare_cached("SELECT wall_ms, counter, node FROM store")?
            .query_row([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        Ok(Clock(HybridTime {
            wall_ms: wall_ms.cast_unsigned(),
            counter,
            node: node.cast_unsigned(),
        }))
    }

    /// Remembers the last time, and counts a commit.
    pub(crate) fn store(&self, connection: &Connection) -> Result<()> {
        connection
            .prepare_cached("UPDATE store SET generation = generation + 1, wall_ms = ?1, counter = ?2")?
            .execute(params![self.0.wall_ms.cast_signed(), self.0.counter])?;
        Ok(())
    }

    /// The time of a write at `now_ms`.
    pub(crate) fn tick(&mut self, now_ms: i64) -> HybridTime {
        let now = u64::try_from(now_ms).unwrap_or(0).min(LAST_MS);
        if now > self.0.wall_ms {
            self.0.wall_ms = now;
            self.0.counter = 0;
        } else if let Some(next) = self.0.counter.checked_add(1) {
            self.0.counter = next;
        } else {
            self.0.wall_ms += 1;
            self.0.counter = 0;
        }
        self.0
    }

    /// Takes note of another vault's time.
    pub(crate) fn observe(&mut self, other: HybridTime) {
        if (other.wall_ms, other.counter) > (self.0.wall_ms, self.0.counter) {
            self.0.wall_ms = other.wall_ms;
            self.0.counter = other.counter;
        }
    }
}

impl fmt::Display for HybridTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show_hex(&self.to_bytes(), f)
    }
}

impl FromStr for HybridTime {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let bytes = read_hex(text).ok_or(Error::Malformed { what: "hybrid time" })?;
        HybridTime::from_bytes(&bytes)
    }
}

impl Serialize for HybridTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(self)
        } else {
            serializer.serialize_bytes(&self.to_bytes())
        }
    }
}

impl<'de> Deserialize<'de> for HybridTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        if deserializer.is_human_readable() {
            String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
        } else {
            let bytes = deserializer.deserialize_bytes(FixedBytes)?;
            HybridTime::from_bytes(&bytes).map_err(de::Error::custom)
        }
    }
}

impl ToSql for HybridTime {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(self.to_bytes().to_vec().into())
    }
}

impl FromSql for HybridTime {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let bytes = <[u8; Self::LENGTH]>::column_result(value)?;
        HybridTime::from_bytes(&bytes).map_err(FromSqlError::other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(node: u64) -> Clock {
        Clock(HybridTime {
            wall_ms: 0,
            counter: 0,
            node,
        })
    }

    #[test]
    fn a_time_follows_what_its_vault_has_seen_when_its_clock_is_a_year_behind() {
        let year = 365 * 24 * 3600 * 1000;
        let mut ahead = start(1);
        let mut behind = start(2);
        let first = ahead.tick(2 * year);
        behind.observe(first);
        let answer = behind.tick(year);
        assert!(answer > first);
        assert_eq!(answer.wall_ms(), 2 * year);
    }

    #[test]
    fn times_of_one_millisecond_differ_and_bytes_keep_their_order() {
        let mut clock = start(7);
        let times: Vec<_> = [5, 5, 4, 6, 6].into_iter().map(|ms| clock.tick(ms)).collect();
        assert!(times.is_sorted_by(|a, b| a < b && a.to_bytes() < b.to_bytes()));
        assert_eq!(HybridTime::from_bytes(&times[4].to_bytes()), Ok(times[4]));
    }

    #[test]
    fn a_full_counter_and_a_clock_before_1970_still_go_forward() {
        let full = HybridTime {
            wall_ms: 9,
            counter: u32::MAX,
            node: 3,
        };
        let next = Clock(full).tick(-1);
        assert!(next > full);
    }
}
