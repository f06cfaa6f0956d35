//! Times in image documents: seconds since 1970 to RFC 3339 text and back. No clock is read.

use super::error::ImageError;

const DAY: i64 = 86_400;

/// `seconds` since 1970 as `2006-01-02T15:04:05Z`.
///
/// Errors: outside the years 1 to 9999, which RFC 3339 cannot write.
pub fn rfc3339(seconds: i64) -> Result<String, ImageError> {
    let (days, time) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
    let (year, month, day) =
        civil(days).filter(|(year, ..)| (1..=9999).contains(year)).ok_or(ImageError::TimeRange(seconds))?;
    let (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60);
    Ok(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"))
}

/// The seconds since 1970 of an RFC 3339 time; a fraction of a second is dropped.
pub fn parse_rfc3339(text: &str) -> Result<i64, ImageError> {
    seconds(text).ok_or_else(|| ImageError::Time(text.to_owned()))
}

fn seconds(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let number = |range: std::ops::Range<usize>| -> Option<i64> {
        let digits = bytes.get(range)?;
        digits.iter().try_fold(0, |number, digit| {
            digit.is_ascii_digit().then(|| number * 10 + i64::from(digit - b'0'))
        })
    };
    let is = |position: usize, allowed: &[u8]| bytes.get(position).is_some_and(|byte| allowed.contains(byte));
    if !(is(4, b"-") && is(7, b"-") && is(10, b"Tt") && is(13, b":") && is(16, b":")) {
        return None;
    }
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
    // A leap second is written as 60.
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let days = days_since_1970(year, month, day);
    if civil(days) != Some((year, month, day)) {
        return None;
    }
    let rest = text.get(19..)?;
    let zone = match rest.strip_prefix('.') {
        Some(fraction) => {
            let zone = fraction.trim_start_matches(|digit: char| digit.is_ascii_digit());
            if zone.len() == fraction.len() {
                return None;
            }
            zone
        }
        None => rest,
    };
    let offset = if matches!(zone, "Z" | "z") {
        0
    } else {
        let start = text.len() - zone.len();
        let (hours, minutes) = (number(start + 1..start + 3)?, number(start + 4..start + 6)?);
        if zone.len() != 6 || !is(start + 3, b":") || hours > 23 || minutes > 59 {
            return None;
        }
        match bytes.get(start) {
            Some(b'+') => hours * 3600 + minutes * 60,
            Some(b'-') => -(hours * 3600 + minutes * 60),
            _ => return None,
        }
    };
    Some(days * DAY + hour * 3600 + minute * 60 + second - offset)
}

/// Year, month and day of the proleptic Gregorian calendar; `None` far outside of it.
///
/// Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": years start in March,
/// so that the leap day is the last day of one.
fn civil(days: i64) -> Option<(i64, i64, i64)> {
    let days = days.checked_add(719_468)?;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    Some((year, month, day))
}

fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let shifted = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * shifted + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}
