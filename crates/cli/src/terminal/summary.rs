//! The summary at the end of a build: the image, its parts, and where it was delivered.

use std::time::Duration;

use packwright::planner::Diagnostic;
use packwright::{Build, Destination, LayerReport, label};
use serde_json::{Value, json};

use super::numbers::{bytes, elapsed};
use super::style::{Style, table};

/// What the summary reports.
pub(crate) struct Summary<'a> {
    pub(crate) build: &'a Build,
    pub(crate) destinations: &'a [Destination],
    pub(crate) notices: &'a [Diagnostic],
    pub(crate) took: Duration,
}

impl Summary<'_> {
    /// For people.
    pub(crate) fn text(&self, style: Style) -> String {
        let built = &self.build.image;
        let time = elapsed(self.took);
        let mut text =
            format!("{} {} in {time}\n", style.green("built"), style.bold(&built.image.digest.to_string()));
        let mut line = |what: &str, value: &str| text.push_str(&format!("  {what:<10} {value}\n"));
        let size: u64 = built.layers.iter().map(|layer| layer.size).sum();
        line("size", &format!("{} in {} layers", bytes(size), built.layers.len()));
        for (index, version) in label(&self.build.plan, &self.build.lock).versions.iter().enumerate() {
            let what = if index == 0 { "versions" } else { "" };
            line(what, &format!("{} {} ({})", version.tool, version.version, version.origin));
        }
        for (index, process) in self.build.plan.processes.iter().enumerate() {
            let what = if index == 0 { "processes" } else { "" };
            line(what, &format!("{}: {} ({})", process.name, process.command, process.origin));
        }
        if let Some(port) = self.port() {
            line("port", port);
        }
        line(
            "isolation",
            &self
                .build
                .isolation()
                .map_or("none works here; no step had to run".to_owned(), |isolation| isolation.to_string()),
        );
        text.push_str(&table("  ", &built.layers.iter().map(row).collect::<Vec<_>>()));
        for destination in self.destinations {
            text.push_str(&format!("written to {destination}\n"));
        }
        text
    }

    /// For programs.
    pub(crate) fn json(&self) -> Value {
        let label = label(&self.build.plan, &self.build.lock);
        let destinations: Vec<String> = self.destinations.iter().map(Destination::to_string).collect();
        json!({
            "event": "done",
            "digest": self.build.image.image.digest.to_string(),
            "size": self.build.image.layers.iter().map(|layer| layer.size).sum::<u64>(),
            "layers": self.build.image.layers,
            "versions": label.versions,
            "processes": label.processes,
            "port": self.port(),
            "isolation": self.build.isolation().map(|isolation| isolation.to_string()),
            "destinations": destinations,
            "diagnostics": self.notices,
            "seconds": self.took.as_secs_f64(),
        })
    }

    fn port(&self) -> Option<&str> {
        self.build.plan.port?;
        self.build.plan.environment.get("PORT").map(|setting| setting.value.as_str())
    }
}

/// One row of the table of layers: kind, digest, size, reused or made, contents and reason.
fn row(layer: &LayerReport) -> [String; 5] {
    let state = if layer.reused { "reused" } else { "made" };
    let reason = format!("{}: {}", layer.what, layer.reason);
    let digest = layer.digest.hex().chars().take(12).collect();
    [kind(layer), digest, bytes(layer.size), state.to_owned(), reason]
}

/// The kind as plans spell it.
fn kind(layer: &LayerReport) -> String {
    match serde_json::to_value(layer.kind) {
        Ok(Value::String(name)) => name,
        _ => format!("{:?}", layer.kind),
    }
}
