//! One container of a pod: its start command, variables, health check and size.

use std::collections::BTreeMap;

use packwright_documents::{Content, Value};
use packwright_planner::{Command, Diagnostic, Health, Probe, Requested, Scoped, Variable, VariableValue};

use super::cluster::{Cluster, items};
use super::expansion::{Known, command, expanded};
use crate::container::{self, CONTAINERS, ContainerStart, Size};
use crate::table::{Document, Table};

/// Keys of a container that change nothing in its image.
const LEFT: &[&str] = &[
    "imagePullPolicy",
    "lifecycle",
    "name",
    "resizePolicy",
    "restartPolicy",
    "restartPolicyRules",
    "securityContext",
    "stdin",
    "stdinOnce",
    "terminationMessagePath",
    "terminationMessagePolicy",
    "tty",
    "volumeDevices",
    "volumeMounts",
];

/// The service that a host is, for addresses in variables.
pub(super) type Hosts<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What a container says.
pub(super) struct Container {
    /// Its name.
    pub(super) name: String,
    /// Its image.
    pub(super) image: Option<Requested<String>>,
    /// How it starts.
    pub(super) start: ContainerStart,
    /// Its variables.
    pub(super) variables: Vec<Variable>,
    /// Its ports, by name and number.
    pub(super) ports: Vec<(Option<String>, Requested<u16>)>,
    /// How its health is asked.
    pub(super) health: Option<Requested<Health>>,
    /// How large it is.
    pub(super) size: Option<Requested<String>>,
    /// The signal that ends it.
    pub(super) signal: Option<Requested<String>>,
    /// Where volumes are mounted: the volume's name, the path.
    pub(super) mounts: Vec<(String, Requested<String>)>,
}

/// Reads a container; `value` is that of `table`.
pub(super) fn read(
    cluster: &Cluster<'_>,
    table: &Table<'_>,
    value: &Value,
    hosts: Hosts<'_>,
    app: &str,
) -> Container {
    let document = table.document();
    table.leave(LEFT);
    if let Some(entry) = table.entry("workingDir") {
        document.without_effect(
            entry.line,
            "`workingDir`",
            "an image has its source in one place, and runs there",
        );
    }
    let (variables, known) = variables(cluster, table, value, hosts, app);
    let words = |key: &str| table.has(key).then(|| table.texts(key)).filter(|words| !words.is_empty());
    let plain = |words: Vec<Requested<String>>| words.into_iter().map(|word| word.value).collect::<Vec<_>>();
    let start = match container::start(words("command").map(plain), words("args").map(plain)) {
        ContainerStart::By(Command::Exec(words)) => ContainerStart::By(command(&words, &known)),
        start => start,
    };
    let signal = value.at(&["lifecycle", "stopSignal"]);
    let mounts = items(value, &["volumeMounts"]).iter().filter_map(|mount| {
        let path = mount.get("mountPath")?;
        let path = Requested { value: path.text()?.to_owned(), origin: document.line(path.line) };
        Some((mount.text_of("name")?.to_owned(), path))
    });
    Container {
        name: value.get("name").and_then(Value::word).unwrap_or_default().to_owned(),
        image: table.text("image"),
        start,
        variables,
        ports: ports(table),
        health: health(table),
        size: size(table),
        signal: signal.and_then(|signal| {
            Some(Requested { value: signal.text()?.to_owned(), origin: document.line(signal.line) })
        }),
        mounts: mounts.collect(),
    }
}

fn ports(table: &Table<'_>) -> Vec<(Option<String>, Requested<u16>)> {
    let mut ports = Vec::new();
    for port in table.tables("ports").into_iter().take(CONTAINERS) {
        port.leave(&["hostIP", "hostPort", "protocol"]);
        let name = port.text("name").map(|name| name.value);
        let Some(number) = port.number("containerPort") else { continue };
        match u16::try_from(number.value) {
            Ok(value) if value > 0 => ports.push((name, Requested { value, origin: number.origin })),
            _ => {
                let line = container::line(&port, "containerPort");
                port.document().refuse(
                    line,
                    &format!("{} is no port", number.value),
                    "choose one from 1 to 65535",
                );
            }
        }
    }
    ports
}

/// The variables of a container: those of whole maps first, as Kubernetes has it.
fn variables(
    cluster: &Cluster<'_>,
    table: &Table<'_>,
    value: &Value,
    hosts: Hosts<'_>,
    app: &str,
) -> (Vec<Variable>, Known) {
    let document = table.document();
    let mut found: Vec<Variable> = Vec::new();
    for source in table.tables("envFrom") {
        source.leave(&["prefix", "configMapRef", "secretRef"]);
    }
    for source in items(value, &["envFrom"]) {
        whole_map(cluster, document, source, &mut found);
    }
    let mut known: Known = found.iter().map(known_value).collect();
    for variable in table.tables("env") {
        variable.leave(&["value", "valueFrom"]);
        variable.leave(&["name"]);
    }
    for item in items(value, &["env"]) {
        let Some(name) = item.get("name").and_then(Value::word) else { continue };
        let origin = document.line(item.line);
        let mut variable = match item.get("valueFrom") {
            Some(from) => referred(cluster, document, name, from, app),
            None => {
                let text = match item.get("value").map(|value| &value.content) {
                    Some(Content::Text(text) | Content::Number(text)) => text.as_str(),
                    None => "",
                    Some(_) => {
                        let what = format!("the value of `{name}` is no text");
                        document.refuse(item.line, &what, "put it between quotes");
                        continue;
                    }
                };
                match (container::told(name, text, hosts), expanded(text, &known)) {
                    (Some(reference), _) => Variable::new(name, VariableValue::Service(reference), origin),
                    (None, Some(text)) => Variable::literal(name, &text, origin),
                    // It is made of values that are known to the running container only.
                    (None, None) => Variable::new(name, VariableValue::Required, origin),
                }
            }
        };
        variable.scope = Scoped::Run;
        let (name, value) = known_value(&variable);
        known.insert(name, value);
        found.push(variable);
    }
    // Of several with one name the last counts.
    let mut last = BTreeMap::new();
    for (place, variable) in found.iter().enumerate() {
        last.insert(variable.name.clone(), place);
    }
    let counts = |(place, variable): &(usize, Variable)| last.get(&variable.name) == Some(place);
    (found.into_iter().enumerate().filter(counts).map(|(_, variable)| variable).collect(), known)
}

fn known_value(variable: &Variable) -> (String, Option<String>) {
    let value = match &variable.value {
        VariableValue::Literal(text) => Some(text.clone()),
        _ => None,
    };
    (variable.name.clone(), value)
}

/// The variables that are all of a map or a secret.
fn whole_map(cluster: &Cluster<'_>, document: &Document, source: &Value, found: &mut Vec<Variable>) {
    let prefix = source.text_of("prefix").unwrap_or_default();
    let origin = document.line(source.line);
    let unknown = |what: &str, name: &str| {
        let message =
            format!("{origin}: all variables of the {what} `{name}` are set, which is not in these files");
        document.say(
            Diagnostic::info("kubernetes/elsewhere", message)
                .fix("give the variables that the application needs when the image runs")
                .at(origin.clone()),
        );
    };
    if let Some(name) = source.at(&["configMapRef", "name"]).and_then(Value::word) {
        match cluster.values_of(name) {
            Some(values) => found.extend(values.into_iter().map(|(key, value)| {
                let name = format!("{prefix}{key}");
                Variable { scope: Scoped::Run, ..Variable::literal(&name, &value.value, value.origin) }
            })),
            None => unknown("config map", name),
        }
    }
    if let Some(name) = source.at(&["secretRef", "name"]).and_then(Value::word) {
        match cluster.names_in_secret(name) {
            Some(keys) => found.extend(keys.into_iter().map(|key| {
                let value = VariableValue::Elsewhere(format!("secret {name}"));
                let name = format!("{prefix}{key}");
                Variable { scope: Scoped::Run, ..Variable::new(&name, value, origin.clone()) }
            })),
            None => unknown("secret", name),
        }
    }
}

/// A variable whose value is somewhere else.
fn referred(cluster: &Cluster<'_>, document: &Document, name: &str, from: &Value, app: &str) -> Variable {
    let origin = document.line(from.line);
    let optional = |reference: &Value| reference.get("optional").is_some_and(Value::is_true);
    let word = |reference: &Value, key: &str| {
        reference.get(key).and_then(Value::word).unwrap_or_default().to_owned()
    };
    if let Some(reference) = from.get("configMapKeyRef") {
        let (map, key) = (word(reference, "name"), word(reference, "key"));
        return match cluster.values_of(&map).and_then(|mut values| values.remove(key.as_str())) {
            Some(value) => Variable::literal(name, &value.value, value.origin),
            None if optional(reference) => Variable::new(name, VariableValue::Optional, origin),
            None => {
                Variable::new(name, VariableValue::Elsewhere(place("config map", &map, &key, name)), origin)
            }
        };
    }
    if let Some(reference) = from.get("secretKeyRef") {
        let (secret, key) = (word(reference, "name"), word(reference, "key"));
        let value = match (optional(reference), secret == app && key == name) {
            (true, _) => VariableValue::Optional,
            // The application's own secret has what has to be given to it.
            (false, true) => VariableValue::Required,
            (false, false) => VariableValue::Elsewhere(place("secret", &secret, &key, name)),
        };
        return Variable::new(name, value, origin);
    }
    let field = from.at(&["fieldRef", "fieldPath"]).or_else(|| from.at(&["resourceFieldRef", "resource"]));
    let field = field.and_then(Value::word).unwrap_or("the cluster");
    Variable::new(name, VariableValue::Elsewhere(format!("field {field}")), origin)
}

/// Where the value of the variable `name` is.
fn place(kind: &str, object: &str, key: &str, name: &str) -> String {
    match key == name {
        true => format!("{kind} {object}"),
        false => format!("{kind} {object}, key {key}"),
    }
}

/// How the health is asked: whether requests may come counts first.
fn health(table: &Table<'_>) -> Option<Requested<Health>> {
    let mut found = None;
    for key in ["readinessProbe", "livenessProbe", "startupProbe"] {
        let Some(probe) = table.table(key) else { continue };
        probe.leave(&["successThreshold", "terminationGracePeriodSeconds"]);
        let seconds = |key: &str| probe.number(key).and_then(|number| u32::try_from(number.value).ok());
        let (interval, timeout) = (seconds("periodSeconds"), seconds("timeoutSeconds"));
        let (grace, retries) = (seconds("initialDelaySeconds"), seconds("failureThreshold"));
        let Some((question, origin)) = question(&probe) else { continue };
        let health = Health { probe: question, interval, timeout, grace, retries };
        found = found.or(Some(Requested { value: health, origin }));
    }
    found
}

fn question(probe: &Table<'_>) -> Option<(Probe, packwright_planner::Origin)> {
    if let Some(get) = probe.table("httpGet") {
        get.leave(&["port", "host", "scheme", "httpHeaders"]);
        let path = get.text("path").map_or_else(|| "/".to_owned(), |path| path.value);
        return Some((Probe::Http(path), get.origin()));
    }
    if let Some(tcp) = probe.table("tcpSocket") {
        tcp.leave(&["port", "host"]);
        return Some((Probe::Tcp, tcp.origin()));
    }
    if let Some(exec) = probe.table("exec") {
        let words: Vec<String> = exec.texts("command").into_iter().map(|word| word.value).collect();
        return (!words.is_empty()).then(|| (container::probe(Command::Exec(words)), exec.origin()));
    }
    if let Some(entry) = probe.entry("grpc") {
        probe.document().without_effect(entry.line, "`grpc`", "no other platform asks that way");
    }
    None
}

/// The size that the limits say, or what is asked for at least.
fn size(table: &Table<'_>) -> Option<Requested<String>> {
    let resources = table.table("resources")?;
    resources.leave(&["claims"]);
    let mut size = Size { cpu: None, memory: None };
    for key in ["limits", "requests"] {
        let Some(amounts) = resources.table(key) else { continue };
        let amount = |key: &str, read: fn(&str) -> Option<u64>| {
            let text = amounts.text(key)?;
            let amount = read(&text.value);
            if amount.is_none() {
                let line = container::line(&amounts, key);
                let what = format!("`{}` is no quantity", text.value);
                amounts.document().refuse(line, &what, "write cpu as 250m and memory as 512Mi");
            }
            amount
        };
        size.cpu = size.cpu.or(amount("cpu", Size::cpu_of));
        size.memory = size.memory.or(amount("memory", Size::quantity));
        amounts.leave_rest();
    }
    let origin = resources.origin();
    size.told().map(|value| Requested { value, origin })
}
