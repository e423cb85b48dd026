//! The time that an organisation has to answer (GDPR, article 12(3)): one calendar month, and two more where it says in
//! time that it needs them.
//!
//! A month ends with the day that has the number of the day on which it began, or with the last day of a shorter month;
//! one that ends on a Saturday or Sunday ends with the Monday after (Regulation 1182/71, article 3(2)(c) and (4)). Public
//! holidays differ from place to place and are not counted. Days are those of UTC.

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::terms::MAX_TIME;

/// The last second, Unix time, in which an answer to a request received at `received_at` is in time.
pub fn answer_due(received_at: i64) -> i64 {
    end_of_months(received_at, 1)
}

/// The same where the time was extended.
pub fn extended_due(received_at: i64) -> i64 {
    end_of_months(received_at, 3)
}

fn end_of_months(from: i64, months: i8) -> i64 {
    due_day(from, months)
        .and_then(|day| {
            let end = day.at(23, 59, 59, 0).to_zoned_datetime(TimeZone::UTC);
            end.ok().map(|end| end.timestamp().as_second())
        })
        // Beyond the calendar there is no deadline to miss.
        .unwrap_or(MAX_TIME)
}

fn due_day(from: i64, months: i8) -> Option<Date> {
    let began = Timestamp::from_second(from)
        .ok()?
        .to_zoned_datetime(TimeZone::UTC)
        .date();
    // A day that the month doesn't have becomes its last.
    let day = began.checked_add(i64::from(months).months()).ok()?;
    let weekend = match day.weekday() {
        Weekday::Saturday => 2,
        Weekday::Sunday => 1,
        _ => 0,
    };
    day.checked_add(weekend.days()).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_second()
    }

    #[test]
    fn k6_a_month_is_the_calendars() {
        for (from, one, three) in [
            // A Monday to the Wednesday of the same number.
            ("2026-11-23T12:00:00Z", "2026-12-23T23:59:59Z", "2027-02-23T23:59:59Z"),
            // January 31: February has no such day.
            ("2028-01-31T00:00:00Z", "2028-02-29T23:59:59Z", "2028-05-01T23:59:59Z"),
            // To a Sunday, and so to the Monday; three months later it is a Wednesday.
            ("2027-01-28T23:59:59Z", "2027-03-01T23:59:59Z", "2027-04-28T23:59:59Z"),
            // To a Saturday, over the end of the year.
            ("2026-12-02T08:00:00Z", "2027-01-04T23:59:59Z", "2027-03-02T23:59:59Z"),
        ] {
            assert_eq!(answer_due(at(from)), at(one), "{from}");
            assert_eq!(extended_due(at(from)), at(three), "{from}");
        }
    }

    proptest! {
        #[test]
        fn k6_a_deadline_is_a_month_of_days_away_and_no_moment_panics(from in any::<i64>(), sane in 0..MAX_TIME - 200 * 86_400) {
            let _ = (answer_due(from), extended_due(from));
            let (one, three) = (answer_due(sane) - sane, extended_due(sane) - sane);
            prop_assert!((28 * 86_400..=34 * 86_400).contains(&one), "{one}");
            prop_assert!((89 * 86_400..=95 * 86_400).contains(&three), "{three}");
        }

        #[test]
        fn k6_who_asks_later_is_not_answered_sooner(first in 0..MAX_TIME - 86_400, later in 0..86_400i64) {
            prop_assert!(answer_due(first) <= answer_due(first + later));
        }
    }
}
