//! Where a program listens, and what follows from it: its process is called `web`, and people are
//! warned when requests cannot arrive. Each language reads its own calls; the rules are here.
//!
//! This is about programs that listen by themselves. A buildpack that chooses the server proposes
//! [`Process::web`] instead, with a line for the shell that reads `$PORT`.

use packwright_planner::{Command, Diagnostic, Origin, Process, ProcessName, Requested};

/// The variable by which a platform says where requests will arrive.
pub const PORT: &str = "PORT";

/// What is known about where a program listens.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listening {
    /// The line that shows that it answers requests.
    pub evidence: Option<Origin>,
    /// Whether it reads [`PORT`].
    pub reads_port: bool,
    /// The port that is written down, if it is a number.
    pub port: Option<Requested<u16>>,
    /// The call that listens to its own machine alone.
    pub local: Option<Origin>,
}

/// An address as programs write it: `:8080`, `0.0.0.0:8080`, `[::1]:80`, `localhost`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Address<'a> {
    /// The host; empty when there is none, which is every address of the machine.
    pub host: &'a str,
    /// The port, if it is a number.
    pub port: Option<u16>,
}

impl<'a> Address<'a> {
    /// Takes an address apart.
    pub fn of(text: &'a str) -> Address<'a> {
        let (host, port) = match text.rsplit_once(':') {
            Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, port.parse().ok()),
            _ => (text, None),
        };
        Address { host: host.trim_start_matches('[').trim_end_matches(']'), port }
    }

    /// Whether only this machine can reach it.
    pub fn is_local(&self) -> bool {
        is_local(self.host)
    }
}

/// Whether only the machine itself reaches an address.
pub fn is_local(host: &str) -> bool {
    host == "localhost" || host == "::1" || host.starts_with("127.")
}

impl Listening {
    /// Whether the program answers requests, as far as can be seen.
    pub fn listens(&self) -> bool {
        self.evidence.is_some() || self.reads_port
    }

    /// The name of its process: `web`, or `worker`.
    pub fn process_name(&self) -> ProcessName {
        if self.listens() { ProcessName::web() } else { ProcessName::worker() }
    }

    /// The process that `command` starts.
    pub fn process(&self, command: Command, origin: Origin) -> Process {
        Process { name: self.process_name(), command, origin }
    }

    /// What keeps requests from arriving. `example` is how the port is read in the language, for the
    /// port that is written down.
    pub fn diagnostics(&self, language: &str, example: impl Fn(u16) -> String) -> Vec<Diagnostic> {
        let fixed = self.port.as_ref().filter(|_| !self.reads_port);
        let fixed = fixed
            .map(|port| port_fixed(language, &port.origin, &port.value.to_string(), &example(port.value)));
        let local = self.local.as_ref().map(|at| host_local(language, at));
        fixed.into_iter().chain(local).collect()
    }
}

/// A program that listens on `port` alone; `instead` is what to write there.
pub fn port_fixed(language: &str, at: &Origin, port: &str, instead: &str) -> Diagnostic {
    let what = format!("{at} listens on port {port}, whatever PORT says");
    Diagnostic::warning(&format!("{language}/port-fixed"), what)
        .why("the platform that runs the image says in PORT where requests will arrive")
        .fix(format!("write `{instead}` there"))
        .at(at.clone())
}

/// A program that listens to its own machine alone.
pub fn host_local(language: &str, at: &Origin) -> Diagnostic {
    let what = format!("{at} listens to its own machine alone");
    Diagnostic::warning(&format!("{language}/host-local"), what)
        .why("requests come from outside the container; some servers do so unless they are told another address")
        .fix("write the address `0.0.0.0` there")
        .at(at.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        let cases = [
            (":8080", "", Some(8080), false),
            ("0.0.0.0:80", "0.0.0.0", Some(80), false),
            ("127.0.0.1:3000", "127.0.0.1", Some(3000), true),
            ("localhost", "localhost", None, true),
            ("[::1]:80", "::1", Some(80), true),
            ("::1", "::1", None, true),
            (":http", "", None, false),
        ];
        for (text, host, port, local) in cases {
            let address = Address::of(text);
            assert_eq!((address.host, address.port, address.is_local()), (host, port, local), "{text}");
        }
    }

    #[test]
    fn what_listens_is_called_web() {
        let mut listening = Listening::default();
        assert_eq!(listening.process_name(), ProcessName::worker());
        listening.reads_port = true;
        assert_eq!(listening.process_name(), ProcessName::web());
    }

    #[test]
    fn a_port_that_is_written_down_is_reported() {
        let at = Origin::file(&"main.go".parse().unwrap());
        let mut listening = Listening {
            port: Some(Requested { value: 3000, origin: at.clone() }),
            local: Some(at),
            ..Listening::default()
        };
        let codes = |listening: &Listening| -> Vec<String> {
            listening
                .diagnostics("go", |port| format!(":{port}"))
                .into_iter()
                .map(|found| found.code)
                .collect()
        };
        assert_eq!(codes(&listening), ["go/port-fixed", "go/host-local"]);
        listening.reads_port = true;
        assert_eq!(codes(&listening), ["go/host-local"]);
    }
}
