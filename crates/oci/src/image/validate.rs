//! The rules of the image specification that can be checked on documents alone. What needs the
//! layers' bytes (their digests and that they are archives) is checked where these are read.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::config::ImageConfig;
use super::documents::Image;
use super::error::Violation;
use super::manifest::Manifest;
use super::media_type;
use super::time::parse_rfc3339;
use crate::json::strict_json;
use crate::{Compression, Digest, canonical_json};

/// Checks an image that Packwright made against the specification. The check is strict: it also reports what
/// most readers tolerate. Gives all violations, none for a valid image.
///
/// An image of another tool may be usable and still have violations, such as documents with
/// spaces or layers of other media types.
pub fn validate(image: &Image) -> Vec<Violation> {
    let mut found = Checker(Vec::new());
    found.documents(image);
    found.manifest(image);
    found.config(image);
    found.0
}

struct Checker(Vec<Violation>);

impl Checker {
    fn need(&mut self, holds: bool, rule: &'static str, found: impl Into<String>) {
        if !holds {
            self.0.push(Violation { rule, found: found.into() });
        }
    }

    fn documents(&mut self, image: &Image) {
        let rule = "canonicalization.md";
        for (name, bytes) in [("manifest", &image.manifest), ("configuration", &image.config)] {
            match strict_json::<Value>(bytes) {
                Ok(value) => {
                    let canonical = canonical_json(&value).is_ok_and(|json| json == *bytes);
                    self.need(canonical, rule, format!("the {name} is not canonical JSON"));
                }
                Err(error) => self.need(false, rule, format!("the {name} is no JSON: {error}")),
            }
        }
        let digest = Digest::of(&image.manifest);
        let text = format!("the manifest's digest is {digest}, not {}", image.digest);
        self.need(digest == image.digest, "descriptor.md, \"Digests\"", text);
    }

    fn manifest(&mut self, image: &Image) {
        let manifest = match Manifest::parse(&image.manifest) {
            Ok(manifest) => manifest,
            Err(error) => return self.need(false, "manifest.md", error.to_string()),
        };
        let raw: Value = strict_json(&image.manifest).unwrap_or_default();
        self.need(
            raw.get("mediaType").is_some(),
            "manifest.md, \"mediaType\"",
            "the manifest does not name its media type",
        );
        for descriptor in raw["layers"].as_array().into_iter().flatten().chain([&raw["config"]]) {
            for field in ["urls", "data"] {
                let text = format!("a descriptor has `{field}`");
                self.need(descriptor.get(field).is_none(), "descriptor.md, \"Properties\"", text);
            }
        }
        let config = &manifest.config;
        let expected = [media_type::CONFIG, media_type::DOCKER_CONFIG];
        self.need(
            expected.contains(&config.media_type.as_str()),
            "manifest.md, \"config\"",
            format!("the configuration's media type is `{}`", config.media_type),
        );
        self.need(
            config.digest == Digest::of(&image.config) && config.size == image.config.len() as u64,
            "descriptor.md",
            "the manifest names another configuration",
        );
        self.need(!manifest.layers.is_empty(), "manifest.md, \"layers\"", "there is no layer");
        let same = manifest.layers.len() == image.layers.len()
            && manifest.layers.iter().zip(&image.layers).all(|(named, layer)| *named == layer.descriptor());
        self.need(same, "manifest.md, \"layers\"", "the manifest names other layers");
        let oci = [Compression::None, Compression::Gzip, Compression::Zstd].map(Compression::media_type);
        let known = match manifest.media_type.as_str() {
            media_type::DOCKER_MANIFEST => &[media_type::DOCKER_LAYER][..],
            _ => &oci,
        };
        for layer in &manifest.layers {
            let is_known = known.contains(&layer.media_type.as_str());
            let text = format!("a layer has the media type `{}`", layer.media_type);
            self.need(is_known, "manifest.md, \"layers\"", text);
            self.annotations(&layer.annotations);
        }
        self.annotations(&manifest.annotations);
    }

    fn annotations(&mut self, annotations: &BTreeMap<String, String>) {
        let rule = "annotations.md";
        for (key, value) in annotations {
            self.need(!key.is_empty(), rule, "an annotation has an empty key");
            let holds = match key.as_str() {
                "org.opencontainers.image.created" => parse_rfc3339(value).is_ok(),
                "org.opencontainers.image.base.digest" => value.parse::<Digest>().is_ok(),
                _ => true,
            };
            self.need(holds, rule, format!("the annotation `{key}` is `{value}`"));
        }
    }

    fn config(&mut self, image: &Image) {
        let (config, diff_ids) = match ImageConfig::parse(&image.config) {
            Ok(parsed) => parsed,
            Err(error) => return self.need(false, "config.md", error.to_string()),
        };
        let rule = "config.md, \"Properties\"";
        for (name, value) in [("architecture", &config.architecture), ("os", &config.os)] {
            let plain = !value.is_empty()
                && value.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
            self.need(plain, rule, format!("the {name} is `{value}`"));
        }
        let same = diff_ids.iter().eq(image.layers.iter().map(|layer| &layer.diff_id));
        self.need(same, "config.md, \"rootfs\"", "the configuration lists other diff ids");
        let mut names = BTreeSet::new();
        for (name, value) in &config.env {
            let plain = !name.is_empty() && !name.contains('\0') && !value.contains('\0');
            self.need(plain, rule, format!("the environment variable `{name}` cannot be set"));
            let text = format!("the environment variable `{name}` is there twice");
            self.need(names.insert(name), rule, text);
        }
        for port in &config.exposed_ports {
            let text = format!("the port `{port}` is not of the form 8080/tcp");
            self.need(is_port(port), rule, text);
        }
        if !config.history.is_empty() {
            let layers = config.history.iter().filter(|step| !step.empty_layer).count();
            let text = format!("the history has {layers} layers, the image {}", image.layers.len());
            self.need(layers == image.layers.len(), "config.md, \"history\"", text);
        }
    }
}

/// `port`, `port/tcp` or `port/udp`, as config.md lists them.
fn is_port(text: &str) -> bool {
    let (number, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
    matches!(protocol, "tcp" | "udp")
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && number.parse::<u16>().is_ok_and(|number| number > 0)
}
