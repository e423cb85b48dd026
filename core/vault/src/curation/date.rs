//! Days of the calendar, as bodies have them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{Error, Result};

/// Milliseconds of a day.
pub(crate) const DAY_MS: i64 = 24 * 3600 * 1000;
/// 0000-01-01 and 9999-12-31, in days since 1970-01-01.
const FIRST: i32 = -719_528;
const LAST: i32 = 2_932_896;

/// A day of the Gregorian calendar, of the years 0 to 9999. As text it is `YYYY-MM-DD` (RFC 3339, `full-date`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    /// Since 1970-01-01.
    days: i32,
}

impl Date {
    /// The day at this time in UTC: milliseconds since 1970 UTC.
    pub fn from_ms(ms: i64) -> Self {
        let days = ms.div_euclid(DAY_MS).clamp(FIRST.into(), LAST.into());
        Date { days: days as i32 } // Within the bounds of `i32`, as those are.
    }

    /// The day that a text begins with, be it a date or a time of RFC 3339; `None` where it is neither.
    pub fn in_text(text: &str) -> Option<Self> {
        let (date, rest) = text.split_at_checked(10)?;
        let date = date.parse().ok()?;
        (rest.is_empty() || rest.starts_with(['T', 't', ' '])).then_some(date)
    }

    /// So many days later; at most the last day there is.
    pub fn plus_days(self, days: u32) -> Self {
        let later = i64::from(self.days) + i64::from(days);
        Date {
            days: later.min(LAST.into()) as i32,
        }
    }

    /// So many days earlier; at least the first day there is.
    pub fn minus_days(self, days: u32) -> Self {
        let earlier = i64::from(self.days) - i64::from(days);
        Date {
            days: earlier.max(FIRST.into()) as i32,
        }
    }

    /// Year, month and day.
    fn civil(self) -> (i32, u32, u32) {
        // Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": years begin in March, eras have 400 years.
        let days = self.days + 719_468;
        let era = days.div_euclid(146_097);
        let of_era = days.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let from_march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 {
            from_march + 3
        } else {
            from_march - 9
        };
        let year = era * 400 + year_of_era + i32::from(month <= 2);
        (year, month.cast_unsigned(), day.cast_unsigned())
    }

    fn from_civil(year: i32, month: i32, day: i32) -> Self {
        let year = year - i32::from(month <= 2);
        let era = year.div_euclid(400);
        let year_of_era = year.rem_euclid(400);
        let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
        let of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year;
        Date {
            days: era * 146_097 + of_era - 719_468,
        }
    }
}

impl FromStr for Date {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let malformed = Error::Malformed { what: "date" };
        let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = text.as_bytes() else {
            return Err(malformed);
        };
        let number = |digits: &[u8]| -> Result<i32> {
            digits.iter().try_fold(0, |number, digit| match digit {
                b'0'..=b'9' => Ok(number * 10 + i32::from(digit - b'0')),
                _ => Err(malformed.clone()),
            })
        };
        let (year, month, day) = (number(&[y1, y2, y3, y4])?, number(&[m1, m2])?, number(&[d1, d2])?);
        if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
            return Err(malformed);
        }
        let date = Date::from_civil(year, month, day);
        // A day that the month does not have has become one of the next month.
        if date.civil().2 == day.cast_unsigned() {
            Ok(date)
        } else {
            Err(malformed)
        }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (text, days) in [
            ("1970-01-01", 0),
            ("2024-02-29", 19_782),
            ("2000-02-29", 11_016),
            ("0000-01-01", FIRST),
            ("9999-12-31", LAST),
        ] {
            let date: Date = text.parse().unwrap();
            assert_eq!((date.days, date.to_string().as_str()), (days, text));
        }
        for text in [
            "2023-02-29",
            "1900-02-29",
            "2024-13-01",
            "2024-04-31",
            "2024-1-01",
            "+024-01-01",
            "2024-01-0é",
            "",
        ] {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
        assert_eq!(Date::in_text("2024-02-29T10:00:00Z"), "2024-02-29".parse().ok());
        assert_eq!(Date::in_text("2024-02-299"), None);
        assert_eq!(Date::from_ms(-1).to_string(), "1969-12-31");
        assert_eq!(Date::from_ms(i64::MAX).plus_days(u32::MAX).to_string(), "9999-12-31");
        assert_eq!(Date::from_ms(i64::MIN).minus_days(1).to_string(), "0000-01-01");
    }

    proptest! {
        #[test]
        fn a_date_is_read_back_as_it_was_written(days in FIRST..=LAST) {
            let date = Date { days };
            prop_assert_eq!(date.to_string().parse::<Date>(), Ok(date));
            prop_assert!(days == LAST || date.to_string() < date.plus_days(1).to_string(), "in order");
        }
    }
}
