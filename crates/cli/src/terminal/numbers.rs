//! Sizes and times as people read them.

use std::time::Duration;

/// A size in bytes, in decimal units as disks and networks are sold.
pub(crate) fn bytes(count: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if count < 1000 {
        return format!("{count} B");
    }
    let mut size = count as f64 / 1000.0;
    let mut unit = 0;
    // 999.95 would be shown as 1000.0.
    while size >= 999.95 && unit + 1 < UNITS.len() {
        size /= 1000.0;
        unit += 1;
    }
    format!("{size:.1} {}", UNITS[unit])
}

/// An elapsed time.
pub(crate) fn elapsed(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..60 => format!("{:.1} s", time.as_secs_f64().min(59.9)),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// A remaining time, to the second.
pub(crate) fn left(time: Duration) -> String {
    match time.as_secs() {
        0..60 => format!("{} s left", time.as_secs() + 1),
        _ => format!("{} left", elapsed(time)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        let sizes = [0, 999, 1000, 24_100_000, 999_949, 999_950, 5_000_000_000_000_000].map(bytes);
        assert_eq!(sizes, ["0 B", "999 B", "1.0 kB", "24.1 MB", "999.9 kB", "1.0 MB", "5000.0 TB"]);
        let times = [0, 400, 59_990, 60_000, 125_000, 3_720_000].map(|ms| elapsed(Duration::from_millis(ms)));
        assert_eq!(times, ["0.0 s", "0.4 s", "59.9 s", "1 min 0 s", "2 min 5 s", "1 h 2 min"]);
        assert_eq!(left(Duration::from_millis(200)), "1 s left");
    }
}
