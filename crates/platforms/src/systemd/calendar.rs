//! The five fields of a cron schedule as systemd calendar events. The clock is never read.
//!
//! Source: systemd.time(7), "Calendar Events"; crontab(5).

/// The names of days, from Sunday.
const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];

/// The names of months, from January.
const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// The times of a schedule, in UTC as platforms have it; two of them where cron means one or the
/// other. `None` for what is no schedule of cron.
pub(super) fn events(schedule: &str) -> Option<Vec<String>> {
    let schedule = match schedule.trim() {
        "@hourly" => "0 * * * *",
        "@daily" | "@midnight" => "0 0 * * *",
        "@weekly" => "0 0 * * 0",
        "@monthly" => "0 0 1 * *",
        "@yearly" | "@annually" => "0 0 1 1 *",
        other => other,
    };
    let fields: Vec<&str> = schedule.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = fields.as_slice() else { return None };
    let (minute, hour) = (numbers(minute, 0, 59, &[])?, numbers(hour, 0, 23, &[])?);
    let (dates, month) = (numbers(day, 1, 31, &[])?, numbers(month, 1, 12, &MONTHS)?);
    let days = weekdays(weekday)?;
    let time = format!("{hour}:{minute}:00 UTC");
    // Where both kinds of days are named, cron means days of either kind.
    Some(match (day.starts_with('*'), days) {
        (_, None) => vec![format!("*-{month}-{dates} {time}")],
        (true, Some(days)) => vec![format!("{days} *-{month}-{dates} {time}")],
        (false, Some(days)) => {
            vec![format!("*-{month}-{dates} {time}"), format!("{days} *-{month}-* {time}")]
        }
    })
}

/// A field of numbers: `*`, `*/15`, `1,15`, `1-5`, `1-9/2`, `jan`.
fn numbers(field: &str, least: u32, most: u32, names: &[&str]) -> Option<String> {
    if field == "*" {
        return Some("*".to_owned());
    }
    let parts: Option<Vec<String>> = field
        .split(',')
        .map(|part| {
            let (range, step) = match part.split_once('/') {
                Some((range, step)) => (range, Some(step.parse::<u32>().ok().filter(|step| *step > 0)?)),
                None => (part, None),
            };
            let number = |text: &str| number(text, least, most, names);
            Some(match (range, range.split_once('-'), step) {
                ("*", _, Some(step)) => format!("{least:02}/{step}"),
                ("*", _, None) => format!("{least:02}..{most:02}"),
                (_, Some((first, last)), step) => {
                    let (first, last) = (number(first)?, number(last)?);
                    let step = step.map_or_else(String::new, |step| format!("/{step}"));
                    (first <= last).then(|| format!("{first:02}..{last:02}{step}"))?
                }
                (one, None, Some(step)) => format!("{:02}/{step}", number(one)?),
                (one, None, None) => format!("{:02}", number(one)?),
            })
        })
        .collect();
    Some(parts?.join(","))
}

fn number(text: &str, least: u32, most: u32, names: &[&str]) -> Option<u32> {
    let named =
        names.iter().position(|name| text.eq_ignore_ascii_case(name)).map(|place| place as u32 + least);
    named.or_else(|| text.parse().ok()).filter(|number| (least..=most).contains(number))
}

/// The days of the week by name; `Some(None)` for all of them.
fn weekdays(field: &str) -> Option<Option<String>> {
    if field == "*" {
        return Some(None);
    }
    let mut days = [false; 7];
    for part in field.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, step.parse::<usize>().ok().filter(|step| *step > 0)?),
            None => (part, 1),
        };
        let (first, last) = match (range, range.split_once('-')) {
            ("*", _) => (0, 6),
            (_, Some((first, last))) => (weekday(first)?, weekday(last)?),
            (one, None) if part.contains('/') => (weekday(one)?, 6),
            (one, None) => (weekday(one)?, weekday(one)?),
        };
        // Both 0 and 7 are Sunday.
        if first > last {
            return None;
        }
        (first..=last).step_by(step).for_each(|day| days[day % 7] = true);
    }
    let named: Vec<&str> = (1..=7).map(|day| day % 7).filter(|&day| days[day]).map(|day| DAYS[day]).collect();
    Some((named.len() < 7).then(|| named.join(",")))
}

fn weekday(text: &str) -> Option<usize> {
    let named = DAYS.iter().position(|day| day.eq_ignore_ascii_case(text));
    named.or_else(|| text.parse().ok()).filter(|day| *day <= 7)
}
