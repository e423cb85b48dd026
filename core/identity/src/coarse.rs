//! Coarse times: an exact second of issuance would let two verifiers find out that they hold copies of one credential.

/// Seconds of a day.
pub const DAY: i64 = 86_400;

/// The first second of the UTC day that `time` (Unix seconds) lies in: for `iat` and `nbf`.
pub fn start_of_day(time: i64) -> i64 {
    time.saturating_sub(time.rem_euclid(DAY))
}

/// The first second of a UTC day that is not before `time` (Unix seconds): for `exp`.
pub fn end_of_day(time: i64) -> i64 {
    match time.rem_euclid(DAY) {
        0 => time,
        past => time.saturating_add(DAY - past),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a21_times_of_one_day_become_one_time() {
        let noon = 1_795_435_200;
        assert_eq!(start_of_day(noon), start_of_day(noon + 3_601));
        assert_eq!(end_of_day(noon), start_of_day(noon) + DAY);
        assert_eq!(end_of_day(start_of_day(noon)), start_of_day(noon));
        assert_eq!((start_of_day(-1), end_of_day(-1)), (-DAY, 0));
    }

    #[test]
    fn extreme_times_do_not_overflow() {
        assert_eq!(end_of_day(i64::MAX), i64::MAX);
        assert_eq!(start_of_day(i64::MIN), i64::MIN);
    }
}
