//! [`Cluster`]: all objects of the manifests, with lookups in the objects that are not workloads: the target
//! of a Service, the values of a ConfigMap, the number of replicas.

use std::collections::{BTreeMap, BTreeSet};

use packwright_documents::{Content, Entry, Value};
use packwright_planner::{Declarations, Diagnostic, Origin, Requested};

use crate::container::{CONTAINERS, MIB, Size};
use crate::kubernetes::manifests::Manifests;
use crate::table::Document;

/// Kinds whose objects run containers.
const WORKLOADS: &[&str] = &["Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Pod", "Job", "CronJob"];

/// Other kinds that are read.
const KNOWN: &[&str] =
    &["Service", "Ingress", "HorizontalPodAutoscaler", "PersistentVolumeClaim", "ConfigMap", "Secret"];

/// The most objects that count. It keeps what is made of the files in proportion to them.
const OBJECTS: usize = 1000;

/// How deep lists may lie in each other.
const DEPTH: usize = 4;

/// An object, and the file that it is in.
#[derive(Clone, Copy)]
pub(super) struct Object<'a> {
    /// The file.
    pub(super) document: &'a Document,
    /// All of it.
    pub(super) value: &'a Value,
    /// Its kind.
    pub(super) kind: &'a str,
    /// Its name; empty when it has none.
    pub(super) name: &'a str,
}

/// All objects of the manifests.
pub(super) struct Cluster<'a> {
    objects: Vec<Object<'a>>,
    /// Kinds of objects that are not read.
    others: BTreeSet<String>,
    /// Objects that are there again, as copies and variants for other environments are.
    again: Vec<Object<'a>>,
    /// Kinds and names that are there.
    known: BTreeSet<(&'a str, &'a str)>,
    /// Names of services that are reached from outside by an Ingress.
    outside: BTreeSet<&'a str>,
    /// The first object beyond [`OBJECTS`].
    beyond: Option<Object<'a>>,
}

/// Who reaches a container.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reach {
    /// The other parts of the application.
    Inside,
    /// Everybody.
    Outside,
}

impl<'a> Object<'a> {
    /// The line of a value.
    pub(super) fn origin(&self, value: &Value) -> Origin {
        self.document.line(value.line)
    }
}

impl<'a> Cluster<'a> {
    /// The objects of `files`.
    pub(super) fn of(files: &'a [Manifests]) -> Cluster<'a> {
        let mut cluster = Cluster {
            objects: Vec::new(),
            others: BTreeSet::new(),
            again: Vec::new(),
            known: BTreeSet::new(),
            outside: BTreeSet::new(),
            beyond: None,
        };
        for file in files {
            for value in &file.values {
                cluster.add(&file.document, value, 0);
            }
        }
        cluster.outside = cluster.all("Ingress").flat_map(|ingress| backends(ingress.value)).collect();
        cluster
    }

    fn add(&mut self, document: &'a Document, value: &'a Value, depth: usize) {
        let (Some(kind), Some(_)) = (value.text_of("kind"), value.text_of("apiVersion")) else { return };
        if kind == "List" && depth < DEPTH {
            for item in value.get("items").map(Value::items).unwrap_or_default() {
                self.add(document, item, depth + 1);
            }
        } else if WORKLOADS.contains(&kind) || KNOWN.contains(&kind) {
            let name = value.at(&["metadata", "name"]).and_then(Value::word).unwrap_or_default();
            let object = Object { document, value, kind, name };
            if self.objects.len() >= OBJECTS {
                self.beyond = self.beyond.or(Some(object));
            } else if name.is_empty() || self.known.insert((kind, name)) {
                self.objects.push(object);
            } else {
                self.again.push(object);
            }
        } else {
            self.others.insert(kind.to_owned());
        }
    }

    /// The objects of one kind.
    fn all(&self, kind: &str) -> impl Iterator<Item = Object<'a>> {
        self.objects.iter().copied().filter(move |object| object.kind == kind)
    }

    fn find(&self, kind: &str, name: &str) -> Option<Object<'a>> {
        self.all(kind).find(|object| object.name == name)
    }

    /// The objects that run containers.
    pub(super) fn workloads(&self) -> impl Iterator<Item = Object<'a>> {
        self.objects.iter().copied().filter(|object| WORKLOADS.contains(&object.kind))
    }

    /// Says what is in the manifests and not read.
    pub(super) fn remarks(&self, declared: &mut Declarations) {
        if !self.others.is_empty() {
            let kinds: Vec<&str> = self.others.iter().map(String::as_str).collect();
            let message = format!("objects of these kinds are not read: {}", kinds.join(", "));
            let told = Diagnostic::info("kubernetes/other-kinds", message);
            let told = told.why("they say nothing about how an image is made and started");
            declared.diagnostics.push(told.at(Origin::file(&declared.files[0])));
        }
        if let Some(object) = self.beyond {
            let at = object.origin(object.value);
            let message = format!("{at}: this object and those behind it are not read");
            let told = Diagnostic::warning("kubernetes/too-many", message);
            let told = told.why(format!("there are more than {OBJECTS}"));
            declared
                .diagnostics
                .push(told.fix("keep those of one application in a directory of their own").at(at));
        }
        if let Some(first) = self.again.first() {
            let at = first.origin(first.value);
            let message = format!("{at}: `{}` is a second {} of that name", first.name, first.kind);
            let more = self.again.len() - 1;
            let message =
                if more > 0 { format!("{message} ({more} more objects are there again)") } else { message };
            let told = Diagnostic::info("kubernetes/again", message);
            declared.diagnostics.push(told.why("of objects with one name the first counts").at(at));
        }
        for secret in self.all("Secret") {
            let has = |key: &str| secret.value.get(key).is_some_and(|data| !data.entries().is_empty());
            if has("data") || has("stringData") {
                let at = secret.origin(secret.value);
                let message = format!("{at}: the secret `{}` is in a file of the source", secret.name);
                let told = Diagnostic::warning("kubernetes/secret-in-file", message);
                declared.diagnostics.push(
                    told.why("its values are not kept; everybody with the source has them")
                        .fix("take the values out of the file, replace them where they are used, and keep them in the cluster alone")
                        .at(at),
                );
            }
        }
    }

    /// The application's name, as the label says it that is there for that.
    pub(super) fn name(&self) -> Option<Requested<String>> {
        self.workloads().find_map(|object| {
            let name = object.value.at(&["metadata", "labels", "app.kubernetes.io/part-of"])?;
            Some(Requested { value: name.word()?.to_owned(), origin: object.origin(name) })
        })
    }

    /// The names under which the application is reached.
    pub(super) fn domains(&self) -> Vec<Requested<String>> {
        let mut domains: Vec<Requested<String>> = Vec::new();
        for ingress in self.all("Ingress") {
            for rule in items(ingress.value, &["spec", "rules"]) {
                if let Some(host) = rule.get("host")
                    && let Some(name) = host.text()
                    && !domains.iter().any(|known| known.value == name)
                {
                    domains.push(Requested { value: name.to_owned(), origin: ingress.origin(host) });
                }
            }
        }
        domains
    }

    /// The services that lead to pods with these labels.
    fn services(&self, labels: &'a [Entry]) -> impl Iterator<Item = Object<'a>> {
        self.all("Service").filter(move |service| {
            let selector = service.value.at(&["spec", "selector"]).map(Value::entries).unwrap_or_default();
            let has = |wanted: &Entry| {
                labels
                    .iter()
                    .any(|label| label.key == wanted.key && label.value.word() == wanted.value.word())
            };
            !selector.is_empty() && selector.iter().all(has)
        })
    }

    /// The names of the services that lead to pods with these labels.
    pub(super) fn hosts(&self, labels: &'a [Entry]) -> Vec<String> {
        self.services(labels).map(|service| service.name.to_owned()).collect()
    }

    /// Who reaches a container with these ports (name and number) in pods with these labels, and at
    /// which port.
    pub(super) fn reached(
        &self,
        labels: &'a [Entry],
        ports: &[(Option<String>, Requested<u16>)],
        is_only: bool,
    ) -> Option<(Reach, Requested<u16>)> {
        let mut found: Option<(Reach, Requested<u16>)> = None;
        for service in self.services(labels) {
            let kind = service.value.at(&["spec", "type"]).and_then(Value::text).unwrap_or("ClusterIP");
            let outside = matches!(kind, "LoadBalancer" | "NodePort") || self.outside.contains(service.name);
            let reach = if outside { Reach::Outside } else { Reach::Inside };
            for port in items(service.value, &["spec", "ports"]).iter().take(CONTAINERS) {
                let target = port.get("targetPort").or_else(|| port.get("port"));
                let Some(word) = target.and_then(Value::word) else { continue };
                let declared = ports
                    .iter()
                    .find(|(name, number)| name.as_deref() == Some(word) || number.value.to_string() == word);
                let number = match (declared, word.parse()) {
                    (Some((_, number)), _) => number.clone(),
                    // Containers need not say their ports.
                    (None, Ok(value)) if is_only => {
                        Requested { value, origin: service.origin(target.unwrap_or(port)) }
                    }
                    _ => continue,
                };
                if found.as_ref().is_none_or(|(known, _)| *known < reach) {
                    found = Some((reach, number));
                }
            }
        }
        found
    }

    /// The least and the greatest number of instances that are chosen by load.
    pub(super) fn scaled(&self, kind: &str, name: &str) -> Option<Requested<(u32, u32)>> {
        self.all("HorizontalPodAutoscaler").find_map(|scaler| {
            let spec = scaler.value.get("spec")?;
            let target = spec.get("scaleTargetRef")?;
            let number = |key: &str| spec.get(key).and_then(Value::word).and_then(|word| word.parse().ok());
            let max = number("maxReplicas")?;
            let is_this = target.text_of("name") == Some(name) && target.text_of("kind") == Some(kind);
            let value = (number("minReplicas").unwrap_or(1).min(max), max);
            is_this.then(|| Requested { value, origin: scaler.origin(spec) })
        })
    }

    /// The size in megabytes that a claim asks for.
    pub(super) fn claimed(&self, claim: &str) -> Option<u64> {
        self.find("PersistentVolumeClaim", claim).and_then(|object| storage(object.value))
    }

    /// The values of a map by name, each with its line, when it is in the manifests.
    pub(super) fn values_of(&self, map: &str) -> Option<BTreeMap<&'a str, Requested<String>>> {
        let object = self.find("ConfigMap", map)?;
        let data = object.value.get("data").map(Value::entries).unwrap_or_default();
        let word = |entry: &'a Entry| {
            let text = match &entry.value.content {
                Content::Text(text) | Content::Number(text) => text.clone(),
                Content::Bool(flag) => flag.to_string(),
                Content::Null | Content::List(_) | Content::Map(_) => return None,
            };
            Some((entry.key.as_str(), Requested { value: text, origin: object.document.line(entry.line) }))
        };
        Some(data.iter().filter_map(word).collect())
    }

    /// The names in a secret, when it is in the manifests.
    pub(super) fn names_in_secret(&self, secret: &str) -> Option<Vec<String>> {
        let object = self.find("Secret", secret)?;
        let keys = ["data", "stringData"].into_iter().filter_map(|key| object.value.get(key));
        Some(keys.flat_map(Value::entries).map(|entry| entry.key.clone()).collect())
    }
}

/// The names of the services that an Ingress leads to, in its new and its old form.
fn backends(ingress: &Value) -> impl Iterator<Item = &str> {
    let spec = ingress.get("spec");
    let default = spec.and_then(|spec| spec.get("defaultBackend").or_else(|| spec.get("backend")));
    let rules = items(ingress, &["spec", "rules"]).iter();
    let paths = rules.flat_map(|rule| items(rule, &["http", "paths"]));
    let backends = default.into_iter().chain(paths.filter_map(|path| path.get("backend")));
    backends.filter_map(|backend| {
        let new = backend.at(&["service", "name"]).and_then(Value::word);
        new.or_else(|| backend.text_of("serviceName"))
    })
}

/// The size in megabytes that a claim, or a template for one, asks for.
pub(super) fn storage(claim: &Value) -> Option<u64> {
    let storage = claim.at(&["spec", "resources", "requests", "storage"])?.word()?;
    Some(Size::quantity(storage)?.div_ceil(MIB))
}

/// The list at the end of `keys`.
pub(super) fn items<'a>(value: &'a Value, keys: &[&str]) -> &'a [Value] {
    value.at(keys).map(Value::items).unwrap_or_default()
}
