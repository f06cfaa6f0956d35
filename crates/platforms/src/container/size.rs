//! [`Size`]: the share of a machine that a container may use, in the units of three platforms.

/// Processor and memory of a container. Its words are those of Kubernetes: `cpu 250m, memory 512Mi`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size {
    /// Thousandths of a processor.
    pub(crate) cpu: Option<u64>,
    /// Bytes.
    pub(crate) memory: Option<u64>,
}

/// Bytes in a mebibyte.
pub(crate) const MIB: u64 = 1 << 20;

impl Size {
    /// The size as one text; nothing when it says nothing.
    pub(crate) fn told(&self) -> Option<String> {
        let cpu = self.cpu.map(|cpu| format!("cpu {}", Size::cpu_quantity(cpu)));
        let memory = self.memory.map(|memory| format!("memory {}", Size::memory_quantity(memory)));
        let both: Vec<String> = cpu.into_iter().chain(memory).collect();
        (!both.is_empty()).then(|| both.join(", "))
    }

    /// The size that a text of [`Size::told`] says.
    pub(crate) fn of(text: &str) -> Option<Size> {
        let mut size = Size { cpu: None, memory: None };
        for part in text.split(", ") {
            let (what, quantity) = part.split_once(' ')?;
            match what {
                "cpu" => size.cpu = Some(Size::cpu_of(quantity)?),
                "memory" => size.memory = Some(Size::quantity(quantity)?),
                _ => return None,
            }
        }
        Some(size)
    }

    /// Thousandths of a processor in the words of Kubernetes.
    pub(crate) fn cpu_quantity(cpu: u64) -> String {
        match cpu % 1000 {
            0 => (cpu / 1000).to_string(),
            _ => format!("{cpu}m"),
        }
    }

    /// Bytes in the words of Kubernetes.
    pub(crate) fn memory_quantity(memory: u64) -> String {
        match memory % MIB {
            0 if memory > 0 => format!("{}Mi", memory / MIB),
            _ => memory.to_string(),
        }
    }

    /// Thousandths of a processor from `500m`, `0.5` or `2`; finer parts are rounded up.
    pub(crate) fn cpu_of(text: &str) -> Option<u64> {
        match text.strip_suffix('m') {
            Some(thousandths) => thousandths.parse().ok(),
            None => decimal(text, 1000),
        }
    }

    /// Bytes from a quantity of Kubernetes: `512Mi`, `1.5Gi`, `500M`, `1e3`, `128974848`.
    pub(crate) fn quantity(text: &str) -> Option<u64> {
        let end = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
        let (number, unit) = text.split_at(end);
        let factor = match unit {
            "" => 1,
            "k" => 1000,
            "M" => 1_000_000,
            "G" => 1_000_000_000,
            "T" => 1_000_000_000_000,
            "Ki" => 1 << 10,
            "Mi" => MIB,
            "Gi" => 1 << 30,
            "Ti" => 1 << 40,
            _ => return None,
        };
        decimal(number, factor)
    }

    /// Bytes from the words of Compose: `512M`, `1gb`, `50m`; every unit is a power of 1024.
    pub(crate) fn compose_bytes(text: &str) -> Option<u64> {
        let text = text.trim().to_ascii_lowercase();
        let end = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
        let (number, unit) = text.split_at(end);
        let factor = match unit.trim_end_matches('b').trim_end_matches('i') {
            "" => 1,
            "k" => 1 << 10,
            "m" => MIB,
            "g" => 1 << 30,
            "t" => 1 << 40,
            _ => return None,
        };
        decimal(number.trim(), factor)
    }
}

/// A decimal number times `factor`, rounded up.
fn decimal(text: &str, factor: u64) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if text.len() > 18
        || whole.is_empty() && fraction.is_empty()
        || !are_digits(whole)
        || !are_digits(fraction)
    {
        return None;
    }
    let fraction = &fraction[..fraction.len().min(9)];
    let scale = 10u128.pow(fraction.len() as u32);
    let whole: u128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let part: u128 = if fraction.is_empty() { 0 } else { fraction.parse().ok()? };
    let total = (whole * scale + part).checked_mul(u128::from(factor))?.div_ceil(scale);
    u64::try_from(total).ok()
}
