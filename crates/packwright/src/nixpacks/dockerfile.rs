//! A Dockerfile that puts the finished layers of an image together, for platforms that run
//! `docker build` after Nixpacks. It runs nothing and fetches nothing.

use packwright_engine::Built;

/// Where the image's layout is, from the directory that is built in.
pub const LAYOUT: &str = ".nixpacks/image";

/// The Dockerfile of an image whose layout is at [`LAYOUT`] in the build's context.
///
/// Source: Dockerfile reference, "ADD": archives are known by their contents and unpacked.
pub fn dockerfile(built: &Built) -> String {
    let config = &built.config;
    let mut text =
        "# Made by Packwright: the layers of the image that is in .nixpacks/image.\nFROM scratch\n"
            .to_owned();
    for layer in &built.image.layers {
        let digest = layer.digest.to_string();
        let (algorithm, hex) = digest.split_once(':').unwrap_or(("sha256", &digest));
        text.push_str(&format!("ADD {LAYOUT}/blobs/{algorithm}/{hex} /\n"));
    }
    for (name, value) in config.env.iter().filter(|(_, value)| is_one_line(value)) {
        text.push_str(&format!("ENV {name}={}\n", quoted(value)));
    }
    for (name, value) in &config.labels {
        text.push_str(&format!("LABEL {}={}\n", quoted(name), quoted(value)));
    }
    for port in &config.exposed_ports {
        text.push_str(&format!("EXPOSE {port}\n"));
    }
    let mut line = |instruction: &str, value: Option<String>| {
        text.extend(value.map(|value| format!("{instruction} {value}\n")));
    };
    line("WORKDIR", config.working_dir.clone());
    line("STOPSIGNAL", config.stop_signal.clone());
    line("USER", config.user.clone());
    let list = |words: &[String]| {
        (!words.is_empty()).then(|| serde_json::to_string(words).expect("words are plain text"))
    };
    line("ENTRYPOINT", list(&config.entrypoint));
    line("CMD", list(&config.cmd));
    text
}

/// The variables of the image that no Dockerfile can set.
pub fn left_out(built: &Built) -> Vec<String> {
    let long = built.config.env.iter().filter(|(_, value)| !is_one_line(value));
    long.map(|(name, _)| name.clone()).collect()
}

/// Source: Dockerfile reference, "ENV": there is no way to write a line break.
fn is_one_line(value: &str) -> bool {
    !value.contains(['\n', '\r'])
}

/// What of the build's context Docker has to read.
pub fn ignored() -> String {
    format!("*\n!{LAYOUT}\n")
}

/// A value between double quotes as Dockerfiles read it.
fn quoted(value: &str) -> String {
    let mut text = String::from("\"");
    for letter in value.chars() {
        match letter {
            '"' | '\\' | '$' => text.extend(['\\', letter]),
            other => text.push(other),
        }
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_quoted_as_dockerfiles_read_them() {
        assert_eq!(quoted("a b"), "\"a b\"");
        assert_eq!(quoted("a\"b\\c$D"), "\"a\\\"b\\\\c\\$D\"");
    }
}
