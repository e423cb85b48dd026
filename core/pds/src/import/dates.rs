//! Dates and times as files write them, as records keep them: `YYYY-MM-DD` and `HH:MM:SS`.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Whether `03/04/2026` is in April or in March.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateOrder {
    /// Day, month, year.
    DayFirst,
    /// Month, day, year.
    MonthFirst,
}

/// A date in some common form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    /// One date alone.
    Sure(Date),
    /// Two numbers that could both be the month, with the year.
    Either { first: i8, second: i8, year: i16 },
}

impl Found {
    /// The date, where the order is needed and known, or not needed.
    pub(super) fn date(self, order: Option<DateOrder>) -> Option<Date> {
        match self {
            Found::Sure(date) => Some(date),
            Found::Either { first, second, year } => match order? {
                DateOrder::DayFirst => Date::new(year, second, first).ok(),
                DateOrder::MonthFirst => Date::new(year, first, second).ok(),
            },
        }
    }
}

/// What kind of order a text shows: of numbers whose one can't be a month.
pub(super) fn shown_order(text: &str) -> Option<DateOrder> {
    let [first, second, _] = numbers(date_part(text))?;
    match (first, second) {
        (13..=31, 1..=12) => Some(DateOrder::DayFirst),
        (1..=12, 13..=31) => Some(DateOrder::MonthFirst),
        _ => None,
    }
}

/// Reads a date: `2026-11-24`, `2026/11/24`, `20261124`, `24.11.2026`, `24/11/2026`, `24 Nov 2026`, `November 24, 2026`;
/// a time after it is let go. A year has four digits.
pub(super) fn find(text: &str) -> Option<Found> {
    let text = text.trim();
    if text.len() > 60 {
        return None;
    }
    if let Some(date) = in_words(text) {
        return Some(Found::Sure(date));
    }
    let part = date_part(text);
    if part.len() == 8 && part.bytes().all(|byte| byte.is_ascii_digit()) {
        return basic(part).map(Found::Sure);
    }
    let [a, b, c] = numbers(part)?;
    let of = |year: u16, month: u16, day: u16| {
        let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
        Date::new(i16::try_from(year).ok()?, month, day).ok()
    };
    if a >= 1000 {
        return of(a, b, c).map(Found::Sure);
    }
    if c < 1000 {
        return None;
    }
    match (of(c, b, a), of(c, a, b)) {
        (Some(day_first), Some(month_first)) if day_first == month_first => Some(Found::Sure(day_first)),
        (Some(_), Some(_)) => Some(Found::Either {
            first: i8::try_from(a).ok()?,
            second: i8::try_from(b).ok()?,
            year: i16::try_from(c).ok()?,
        }),
        (Some(date), None) | (None, Some(date)) => Some(Found::Sure(date)),
        (None, None) => None,
    }
}

/// `YYYYMMDD`.
pub(super) fn basic(digits: &str) -> Option<Date> {
    if digits.len() != 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let (year, month, day) = (digits.get(..4)?, digits.get(4..6)?, digits.get(6..8)?);
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

fn date_part(text: &str) -> &str {
    let text = text.trim();
    match text.find(['T', ' ']) {
        Some(end) if text.as_bytes().get(end.wrapping_sub(1)).is_some_and(u8::is_ascii_digit) => {
            text.get(..end).unwrap_or(text)
        }
        _ => text,
    }
}

fn numbers(text: &str) -> Option<[u16; 3]> {
    let separator = text.chars().find(|symbol| matches!(symbol, '-' | '/' | '.'))?;
    let mut parts = text.split(separator);
    let mut next = || -> Option<u16> {
        let part = parts.next()?.trim();
        let digits = (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| part.parse().ok())?
    };
    let found = [next()?, next()?, next()?];
    parts.next().is_none().then_some(found)
}

/// A month by its English name or its first three letters.
fn in_words(text: &str) -> Option<Date> {
    const MONTHS: [&str; 12] = [
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ];
    let words: Vec<String> = text
        .split([' ', ',', '-', '/', '.'])
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
        .collect();
    let month = |word: &str| {
        let known = |name: &str| word.len() >= 3 && name.starts_with(word);
        let found = MONTHS.iter().position(|name| known(name))?;
        i8::try_from(found + 1).ok()
    };
    let day = |word: &str| -> Option<i8> {
        let digits = word.trim_end_matches(|symbol: char| symbol.is_ascii_alphabetic());
        digits.parse().ok()
    };
    let [a, b, year, ..] = words.as_slice() else {
        return None;
    };
    let year: i16 = if year.len() == 4 {
        year.parse().ok()?
    } else {
        return None;
    };
    let (day, month) = match (month(a), month(b)) {
        (None, Some(month)) => (day(a)?, month),
        (Some(month), None) => (day(b)?, month),
        _ => return None,
    };
    Date::new(year, month, day).ok()
}

/// `HH:MM`, `HH:MM:SS`, `9.30 pm`, as `HH:MM:SS`.
pub(super) fn time(text: &str) -> Option<String> {
    let lower = text.trim().to_ascii_lowercase();
    if lower.len() > 20 {
        return None;
    }
    let (digits, afternoon) = match (lower.strip_suffix("pm"), lower.strip_suffix("am")) {
        (Some(digits), _) => (digits, Some(true)),
        (_, Some(digits)) => (digits, Some(false)),
        _ => (lower.as_str(), None),
    };
    let mut parts = digits.trim().split([':', '.']).map(str::parse::<u8>);
    let hour = parts.next()?.ok()?;
    let minute = match parts.next() {
        Some(minute) => minute.ok()?,
        None if afternoon.is_some() => 0,
        None => return None,
    };
    let second = parts.next().unwrap_or(Ok(0)).ok()?;
    let hour = match (afternoon, hour) {
        (Some(true), 1..=11) => hour + 12,
        (Some(false), 12) => 0,
        (Some(_), 0 | 13..) => return None,
        _ => hour,
    };
    let valid = hour < 24 && minute < 60 && second <= 59 && parts.next().is_none();
    valid.then(|| format!("{hour:02}:{minute:02}:{second:02}"))
}
