//! `option_settings`: a namespace, a name and a value. A table lists the few of Elastic Beanstalk's hundreds
//! of options that affect an image; all others configure Amazon's machines and are left out.

use packwright_documents::{Content, Value};
use packwright_planner::{
    BackingService, Command, Declarations, DeclaredProcess, Diagnostic, Health, Port, Probe, ProcessKind,
    Requested, Scale, ServiceKind, StaticMount, Variable, VariableValue, VersionRequest,
};

use super::{commands, messages};
use crate::table::{Document, Table};

/// The namespace of options that name none.
const ENVIRONMENT: &str = "aws:elasticbeanstalk:application:environment";

/// Variables by which the platform tells about its database.
const TELLS: &[&str] = &["RDS_HOSTNAME", "RDS_PORT", "RDS_DB_NAME", "RDS_USERNAME", "RDS_PASSWORD"];

/// An option and its value, in the order in which they count.
struct Setting {
    namespace: String,
    name: String,
    value: Requested<String>,
}

/// The options of all files.
#[derive(Default)]
pub(super) struct Options {
    settings: Vec<Setting>,
    told: Vec<Diagnostic>,
}

impl Options {
    /// Reads `option_settings` of a file, in any of its shapes:
    /// `[{namespace, option_name, value}]`, `{namespace: {name: value}}`, and lists of the latter.
    pub(super) fn read(&mut self, table: &Table<'_>, key: &str) {
        let document = table.document();
        let Some(value) = table.value(key) else { return };
        match &value.content {
            Content::Map(_) => {
                if let Some(namespaces) = table.table(key) {
                    self.namespaces(document, &namespaces, key);
                }
            }
            _ => {
                for row in table.tables(key) {
                    self.row(document, row);
                }
            }
        }
    }

    fn namespaces(&mut self, document: &Document, namespaces: &Table<'_>, key: &str) {
        for entry in namespaces.entries() {
            match &entry.value.content {
                Content::Map(_) => {
                    let Some(options) = namespaces.table(&entry.key) else { continue };
                    for option in options.entries() {
                        self.add(document, &entry.key, &option.key, &option.value, option.line);
                    }
                }
                Content::Null => {}
                _ => {
                    let message =
                        format!("`{key}.{}` is {}, not a map of options", entry.key, entry.value.kind());
                    document.refuse(entry.line, &message, "write the options below their namespace");
                }
            }
        }
    }

    fn row(&mut self, document: &Document, row: Table<'_>) {
        let name = row.entry("option_name").or_else(|| row.entry("OptionName"));
        let Some(name) = name else {
            return self.namespaces(document, &row, "option_settings");
        };
        let namespace = row.text("namespace").or_else(|| row.text("Namespace"));
        let namespace = namespace.map_or_else(|| ENVIRONMENT.to_owned(), |namespace| namespace.value);
        row.leave(&["resource_name", "ResourceName"]);
        let value = row.entry("value").or_else(|| row.entry("Value"));
        match (name.value.word(), value) {
            (Some(name), Some(value)) => self.add(document, &namespace, name, &value.value, value.line),
            (Some(_), None) => {}
            (None, _) => {
                document.refuse(name.line, "`option_name` is no text", "write the name of the option")
            }
        }
    }

    fn add(&mut self, document: &Document, namespace: &str, name: &str, value: &Value, line: u32) {
        let origin = document.line(line);
        let text = match &value.content {
            Content::Text(text) | Content::Number(text) => text.clone(),
            Content::Bool(flag) => flag.to_string(),
            Content::Null => String::new(),
            // A function of CloudFormation, or a list of texts.
            Content::List(items) => {
                let texts: Vec<&str> = items.iter().filter_map(Value::word).collect();
                texts.join(",")
            }
            Content::Map(_) => "`function`".to_owned(),
        };
        self.settings.retain(|known| known.namespace != namespace || known.name != name);
        let value = Requested { value: text, origin };
        self.settings.push(Setting { namespace: namespace.to_owned(), name: name.to_owned(), value });
    }

    /// The value of the option `name` in a namespace.
    fn get(&self, namespace: &str, name: &str) -> Option<&Requested<String>> {
        let found = self.settings.iter().find(|known| known.namespace == namespace && known.name == name);
        found.map(|setting| &setting.value).filter(|value| !value.value.is_empty())
    }

    /// Puts what the options say into the declarations; gives the process that Beanstalk starts
    /// when there is no Procfile, and a word about it.
    pub(super) fn into_declarations(
        self,
        declared: &mut Declarations,
    ) -> Option<(DeclaredProcess, Diagnostic)> {
        let mut told = Vec::new();
        let component = declared.component();
        let mut port = None;
        for Setting { namespace, name, value } in &self.settings {
            match namespace.as_str() {
                ENVIRONMENT => match variable(name, value, &mut told) {
                    Some(_) if name == "PORT" => {
                        port = value.value.parse().ok().map(|port| (port, value.origin.clone()))
                    }
                    variable => component.environment.extend(variable),
                },
                // Its older names had the language in it.
                spaces if spaces.ends_with(":staticfiles") => component.statics.push(StaticMount {
                    url: Requested { value: name.clone(), origin: value.origin.clone() },
                    dir: value.value.clone(),
                    expires: None,
                    fallback: None,
                }),
                "aws:elasticbeanstalk:container:nodejs" if name == "NodeVersion" => {
                    component
                        .versions
                        .push(VersionRequest { tool: "node".to_owned(), version: value.clone() });
                }
                spaces if !spaces.starts_with("aws:") => {
                    told.push(messages::namespace(&value.origin, spaces));
                }
                _ => {}
            }
        }
        if let Some(files) = self.get("aws:elasticbeanstalk:container:python", "StaticFiles") {
            for pair in files.value.split(',') {
                let Some((url, dir)) = pair.split_once('=') else { continue };
                let url = Requested { value: url.trim().to_owned(), origin: files.origin.clone() };
                component.statics.push(StaticMount {
                    url,
                    dir: dir.trim().to_owned(),
                    expires: None,
                    fallback: None,
                });
            }
        }
        let process = self.process(port);
        if let Some(process) = process.clone() {
            component.processes.push(process);
        }
        declared.services.extend(self.database(&mut told));
        declared.diagnostics.extend(told);
        declared.diagnostics.extend(self.told.iter().cloned());
        self.usual()
    }

    /// What the options say about the process that answers requests; its command is not theirs.
    fn process(&self, port: Option<(u16, packwright_planner::Origin)>) -> Option<DeclaredProcess> {
        let health = self.health();
        let scale = self.scale();
        let size = self
            .get("aws:ec2:instances", "InstanceTypes")
            .or_else(|| self.get("aws:autoscaling:launchconfiguration", "InstanceType"));
        let port = port.map(|(port, origin)| Requested { value: Port::Fixed(port), origin });
        let origins = [
            port.as_ref().map(|port| &port.origin),
            health.as_ref().map(|health| &health.origin),
            scale.as_ref().map(|scale| &scale.origin),
            size.map(|size| &size.origin),
        ];
        let origin = origins.into_iter().flatten().next()?.clone();
        let name = "web".parse().expect("a process name");
        let size = size.cloned();
        Some(DeclaredProcess {
            port,
            health,
            scale,
            size,
            ..DeclaredProcess::bare(name, ProcessKind::Web, origin)
        })
    }

    fn health(&self) -> Option<Requested<Health>> {
        let space = "aws:elasticbeanstalk:environment:process:default";
        let path = self
            .get(space, "HealthCheckPath")
            .or_else(|| self.get("aws:elasticbeanstalk:application", "Application Healthcheck URL"))?;
        // `HTTP:80/health` is the load balancer's form of it.
        let text = path.value.find('/').map(|at| path.value[at..].to_owned())?;
        let number = |name: &str| self.get(space, name).and_then(|value| value.value.parse().ok());
        let value = Health {
            probe: Probe::Http(text),
            interval: number("HealthCheckInterval"),
            timeout: number("HealthCheckTimeout"),
            grace: None,
            retries: number("UnhealthyThresholdCount"),
        };
        Some(Requested { value, origin: path.origin.clone() })
    }

    fn scale(&self) -> Option<Requested<Scale>> {
        let (min, max) =
            (self.get("aws:autoscaling:asg", "MinSize"), self.get("aws:autoscaling:asg", "MaxSize"));
        let number =
            |value: Option<&Requested<String>>| value.and_then(|value| value.value.parse::<u32>().ok());
        let origin = min.or(max)?.origin.clone();
        // Beanstalk's own numbers are one and four.
        let value = Scale { min: number(min).unwrap_or(1), max: number(max) };
        Some(Requested { value, origin })
    }

    fn database(&self, told: &mut Vec<Diagnostic>) -> Option<BackingService> {
        let space = "aws:rds:dbinstance";
        let engine = self.get(space, "DBEngine")?;
        if let Some(password) =
            self.get(space, "DBPassword").filter(|password| !password.value.starts_with('`'))
        {
            told.push(messages::password(&password.origin));
        }
        let text = |name: &str| self.get(space, name).map(|value| value.value.clone());
        Some(BackingService {
            name: "rds".to_owned(),
            kind: ServiceKind::of(&engine.value),
            version: text("DBEngineVersion"),
            plan: text("DBInstanceClass"),
            tells: TELLS.iter().map(|&name| name.to_owned()).collect(),
            origin: engine.origin.clone(),
        })
    }

    /// What Beanstalk starts when there is no Procfile.
    fn usual(&self) -> Option<(DeclaredProcess, Diagnostic)> {
        let (command, origin) = match self.get("aws:elasticbeanstalk:container:python", "WSGIPath") {
            Some(path) => (self.gunicorn(&path.value), path.origin.clone()),
            None => {
                let command = self.get("aws:elasticbeanstalk:container:nodejs", "NodeCommand")?;
                (command.value.clone(), command.origin.clone())
            }
        };
        let name = "web".parse().expect("a process name");
        let told = messages::usual(&origin, &command);
        Some((DeclaredProcess::new(name, Command::shell(command), origin), told))
    }

    fn gunicorn(&self, path: &str) -> String {
        let number = |name: &str| -> Option<u32> {
            self.get("aws:elasticbeanstalk:container:python", name)?.value.parse().ok()
        };
        let mut line = "gunicorn --bind 0.0.0.0:$PORT".to_owned();
        for (option, name) in [("workers", "NumProcesses"), ("threads", "NumThreads")] {
            if let Some(number) = number(name) {
                line += &format!(" --{option}={number}");
            }
        }
        format!("{line} {}", module(path))
    }
}

/// A variable of the environment. Places of Amazon's machines, and what CloudFormation fills in, are
/// not kept.
fn variable(name: &str, value: &Requested<String>, told: &mut Vec<Diagnostic>) -> Option<Variable> {
    if value.value.starts_with('`') {
        let place = VariableValue::Elsewhere("CloudFormation".to_owned());
        return Some(Variable::new(name, place, value.origin.clone()));
    }
    if commands::has_place(&value.value) {
        told.push(messages::place(&value.origin, name, &value.value));
        return None;
    }
    Some(Variable::literal(name, &value.value, value.origin.clone()))
}

/// The module of a WSGI application: `shop.wsgi:application` is one, `shop/wsgi.py` is the file of
/// one, as older machines wanted it.
fn module(path: &str) -> String {
    match path.strip_suffix(".py") {
        Some(file) => format!("{}:application", file.trim_start_matches("./").replace('/', ".")),
        None => path.to_owned(),
    }
}
