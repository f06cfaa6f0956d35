//! What a step that fetches sees of credentials, and which server gets them, in every isolation that works here.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::sync::Arc;

use packwright_gateway::{HostRule, Rules};

use super::gateway::{Ran, isolations, run_with};
use super::*;
use crate::network::StepNetwork;

/// Prints all that the step sees of its credentials: its variables, its files of secrets, and what it finds of other
/// processes; and asks with a token: `ask PORT TOKEN`.
const LOOK: &str = r#"
    shopt -s nullglob
    show() { while IFS= read -r -d '' part || [ -n "$part" ]; do printf '%s\n' "$part"; done < "$1"; }
    look() {
        for name in $(compgen -e); do printf '%s=%s\n' "$name" "${!name}"; done
        for file in /run/secrets/* /proc/[0-9]*/environ /proc/[0-9]*/cmdline; do
            { show "$file"; } 2>/dev/null || :
        done
    }
    ask() {
        exec 3<>"/dev/tcp/127.0.0.1/$1"
        printf 'GET /a HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nAuthorization: Bearer %s\r\nConnection: close\r\n\r\n' "$1" "$2" >&3
        while IFS= read -r line <&3 || [ -n "$line" ]; do echo "${line%$'\r'}"; done
        exec 3<&-
    }
"#;

/// A server on the loopback of the host: its port, and what it was asked with.
fn server() -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let asked: Arc<Mutex<Vec<String>>> = Arc::default();
    let noted = Arc::clone(&asked);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let lines = BufReader::new(&stream).lines().map_while(Result::ok);
            let fields: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
            let said = fields.iter().filter_map(|field| field.strip_prefix("authorization: "));
            noted.lock().unwrap().extend(said.map(str::to_owned));
            let _ =
                stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nfine");
        }
    });
    (port, asked)
}

fn reaching(ports: &[u16]) -> StepNetwork {
    let allow = ports.iter().map(|port| format!("127.0.0.1:{port}").parse::<HostRule>().unwrap());
    StepNetwork::Gateway(Rules { allow: allow.collect(), ..Rules::default() })
}

const SECRETS: [&str; 3] = ["real-token-of-mine", "real-password-of-mine", "real-netrc-of-mine"];

/// Runs `script` in a step with a token, a setting and a netrc file, all for the server at `port`.
fn run(isolation: Isolation, network: StepNetwork, port: u16, script: &str) -> Ran {
    let dir = tempfile::tempdir().unwrap();
    let address = format!("http://127.0.0.1:{port}/");
    let [token, password, of_netrc] = SECRETS;
    let netrc = format!("machine 127.0.0.1 login me password {of_netrc}");
    let bind = |step: &mut Step| {
        let own = || [format!("//127.0.0.1:{port}/")];
        step.bind("TOKEN", own());
        step.bind("TOY_PASSWORD", own());
        step.credentials.insert("netrc".to_owned(), packwright_planner::Credential::Netrc);
    };
    let settings = [("TOY_INDEX", &*address), ("TOY_PASSWORD", password)];
    let secrets = [("TOKEN", token), ("netrc", &*netrc)];
    run_with(dir.path(), isolation, network, &settings, &secrets, &bind, &format!("{LOOK}\n{script}"))
}

#[test]
fn a_step_sees_placeholders_and_the_server_gets_the_values() {
    for isolation in isolations() {
        let ((port, asked), (other, asked_otherwise)) = (server(), server());
        let script = format!(
            "look; ask {port} \"$TOKEN\"; ask {port} \"$TOY_PASSWORD\"
             read -r machine host login me password word < /run/secrets/netrc; ask {port} \"$word\"
             ask {other} \"$TOKEN\"; exit 1"
        );
        let ran = run(isolation, reaching(&[other]), port, &script);
        let said = ran.printed.join("\n");
        let placeholder =
            |name: &str| packwright_gateway::Placeholder::new(name, "", Vec::new()).text().to_owned();
        assert!(said.contains(&format!("TOKEN={}", placeholder("TOKEN"))), "{isolation:?}: {said}");
        assert!(said.contains(&format!("TOY_PASSWORD={}", placeholder("TOY_PASSWORD"))), "{said}");
        // Values that were printed would be stars.
        assert!(!said.contains("***") && SECRETS.iter().all(|secret| !said.contains(secret)), "{said}");
        assert_eq!(
            *asked.lock().unwrap(),
            SECRETS.map(|secret| format!("Bearer {secret}")),
            "{isolation:?}: {said}"
        );
        assert!(asked_otherwise.lock().unwrap().is_empty());
        let expected = format!(
            "`http://127.0.0.1:{other}` is refused: it carries the credential `TOKEN`, which is for `127.0.0.1:{port}`"
        );
        assert_eq!(ran.problems(), [expected], "{isolation:?}");
        assert_eq!(ran.noticed, [] as [&str; 0]);
    }
}

#[test]
fn a_placeholder_in_an_output_is_no_secret_and_is_the_same_in_each_build() {
    for isolation in isolations() {
        let (port, _) = server();
        let script = "{ echo \"$TOKEN\"; while read -r line; do echo \"$line\"; done < /run/secrets/netrc; } > \
                      /app/out/answer; exit 0";
        let left = |ran: Ran| ran.result.unwrap().digest;
        let dir = tempfile::tempdir().unwrap();
        let with = |token: &str| {
            let bind = |step: &mut Step| {
                step.bind("TOKEN", [format!("//127.0.0.1:{port}/")]);
                step.credentials.insert("netrc".to_owned(), packwright_planner::Credential::Netrc);
            };
            let netrc = format!("machine a.test login me password {token}");
            let secrets = [("TOKEN", token), ("netrc", &netrc)];
            run_with(dir.path(), isolation, reaching(&[]), &[], &secrets, &bind, script)
        };
        assert_eq!(left(with("one-real-token")), left(with("another-real-token")), "{isolation:?}");
        // What a step is given on the host's network is its own, and is found as ever.
        let found = run_with(
            dir.path(),
            isolation,
            StepNetwork::Host,
            &[],
            &[("TOKEN", "one-real-token")],
            &|step| step.bind("TOKEN", [format!("//127.0.0.1:{port}/")]),
            "printf '%s' \"$TOKEN\" > /app/out/answer; exit 0",
        );
        assert!(matches!(found.result, Err(BuildError::SecretFound { .. })), "{:?}", found.result);
    }
}

#[test]
fn a_secret_without_a_host_is_the_steps_and_is_told() {
    for isolation in isolations() {
        let dir = tempfile::tempdir().unwrap();
        let script = "[ \"$TOKEN\" = real-token-of-mine ] && echo \"has ${TOKEN}\"";
        let secrets = [("TOKEN", SECRETS[0])];
        let ran = run_with(dir.path(), isolation, reaching(&[]), &[], &secrets, &|_| {}, script);
        assert!(ran.result.is_ok(), "{:?}", ran.result);
        assert_eq!(ran.printed, ["begun", "has ***"]);
        assert_eq!(ran.noticed, ["the step `toy.fetch` sees the value of the secret `TOKEN`"]);
    }
}
