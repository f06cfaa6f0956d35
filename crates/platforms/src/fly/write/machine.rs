//! The parts of `fly.toml` that describe a machine besides its image: static files, volumes, size, and how
//! it is stopped.

use packwright_planner::StaticMount;

use super::App;
use crate::entries::Entries;
use crate::write::Loss;

/// Where the application is in the image.
const APP: &str = "/app/";

/// Signals that Fly.io can send. Source: SchemaStore, fly.json, `kill_signal`.
const SIGNALS: &[&str] = &["SIGINT", "SIGTERM", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGKILL", "SIGSTOP"];

/// Sizes of machines. Source: SchemaStore, fly.json, `vm.size`.
const SIZES: &[&str] = &[
    "shared-cpu-1x",
    "shared-cpu-2x",
    "shared-cpu-4x",
    "shared-cpu-8x",
    "performance-1x",
    "performance-2x",
    "performance-4x",
    "performance-8x",
    "performance-16x",
];

/// Kinds of graphics processors. Source: as above, `vm.gpu_kind`.
const GPUS: &[&str] = &["a10", "a100-40gb", "a100-80gb", "l40s"];

impl App<'_> {
    pub(super) fn statics(&mut self, entries: &mut Entries) {
        let mut statics = Vec::new();
        for StaticMount { url, dir, expires, fallback } in &self.part.statics {
            if dir.contains('*') {
                let what = format!("the files `{dir}` at `{}` are not written", url.value);
                self.converted.lose(Loss::StaticFiles, what, "name one directory", Some(&url.origin));
                continue;
            }
            if expires.is_some() || fallback.is_some() {
                let what = format!(
                    "how long files at `{}` are kept, and what stands for missing ones, is not written",
                    url.value
                );
                self.converted.lose(
                    Loss::StaticFiles,
                    what,
                    "let the application serve them",
                    Some(&url.origin),
                );
            }
            let mut written = Entries::default();
            written.text("guest_path", in_image(dir)).text("url_prefix", &url.value);
            statics.push(written);
        }
        entries.maps("statics", statics);
    }

    pub(super) fn mounts(&mut self, entries: &mut Entries) {
        let mut mounts = Vec::new();
        for (number, volume) in self.part.volumes.iter().enumerate() {
            let path = &volume.path.value;
            let origin = &volume.path.origin;
            if number > 0 {
                let what = format!("the volume `{path}` is not written: a machine has one");
                self.converted.lose(Loss::Volume, what, "keep both below one directory", Some(origin));
                continue;
            }
            let fits = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
            let wanted = volume.name.as_deref().unwrap_or_else(|| path.trim_matches('/'));
            let name: String =
                wanted.chars().map(|letter| if fits(letter) { letter } else { '_' }).take(30).collect();
            if volume.name.as_deref() != Some(&name) {
                let what = format!("the volume `{path}` is called `{name}`");
                self.converted.lose(Loss::Volume, what, "nothing", Some(origin));
            }
            let mut mount = Entries::default();
            mount.text("source", name).text("destination", in_image(path));
            if let Some(megabytes) = volume.megabytes {
                let gigabytes = megabytes.div_ceil(1024).max(1);
                if megabytes != gigabytes * 1024 {
                    let what = format!("the volume `{path}` has {gigabytes} GB");
                    self.converted.lose(Loss::Volume, what, "nothing", Some(origin));
                }
                mount.text("initial_size", format!("{gigabytes}gb"));
            }
            mounts.push(mount);
        }
        entries.maps("mounts", mounts);
    }

    pub(super) fn sizes(&mut self, entries: &mut Entries) {
        let mut groups: Vec<(Entries, Vec<&str>)> = Vec::new();
        let running = self.running();
        for process in &running {
            let Some(size) = &process.size else { continue };
            let Some(size) = machine(&size.value) else {
                let what = format!("the size `{}` of `{}` is not written", size.value, process.name);
                self.converted.lose(
                    Loss::Scale,
                    what,
                    "choose one of `fly platform vm-sizes`",
                    Some(&size.origin),
                );
                continue;
            };
            match groups.iter_mut().find(|(known, _)| *known == size) {
                Some((_, names)) => names.push(process.name.as_str()),
                None => groups.push((size, vec![process.name.as_str()])),
            }
        }
        let machines = groups.into_iter().map(|(mut size, names)| {
            size.texts("processes", names);
            size
        });
        entries.maps("vm", machines.collect());
    }

    /// How processes are ended: the file says it for all of them at once.
    pub(super) fn stop(&mut self, entries: &mut Entries) {
        let running = self.running();
        let ways: Vec<_> = running.iter().filter_map(|process| process.stop.as_ref()).collect();
        let Some(first) = ways.first() else { return };
        let known = first.value.signal.as_ref().is_none_or(|signal| SIGNALS.contains(&signal.as_str()));
        if !known || ways.iter().any(|way| way.value != first.value) {
            for way in ways {
                let what = "how one process is ended is not written: the file says it for all of them";
                let instead = "write `kill_signal` and `kill_timeout` as all processes can bear them";
                self.converted.lose(Loss::Stop, what, instead, Some(&way.origin));
            }
            return;
        }
        entries.maybe("kill_signal", first.value.signal.as_deref());
        entries.maybe("kill_timeout", first.value.grace.map(|seconds| format!("{seconds}s")).as_deref());
        for process in running.iter().filter(|process| process.stop.is_none()) {
            let what = format!("`{}` is ended as the other processes are", process.name);
            self.converted.lose(Loss::Stop, what, "nothing, if it can bear that", Some(&process.origin));
        }
    }
}

/// A path in the image.
fn in_image(path: &str) -> String {
    match path.starts_with('/') {
        true => path.to_owned(),
        false => format!("{APP}{path}"),
    }
}

/// A size in the words of the reader: `shared-cpu-1x, 512mb`.
fn machine(text: &str) -> Option<Entries> {
    let mut size = Entries::default();
    for word in text.split(", ") {
        let number = |end: &str| word.strip_suffix(end).and_then(|number| number.parse::<u64>().ok());
        if SIZES.contains(&word) {
            size.text("size", word);
        } else if let Some(cpus) = number(" cpus") {
            size.number("cpus", cpus);
        } else if let Some(gpus) = number(" gpus") {
            size.number("gpus", gpus);
        } else if matches!(word, "shared" | "performance") {
            size.text("cpu_kind", word);
        } else if GPUS.contains(&word) {
            size.text("gpu_kind", word);
        } else if number("mb").or(number("gb")).is_some() {
            size.text("memory", word);
        } else {
            return None;
        }
    }
    (!size.is_empty()).then_some(size)
}
