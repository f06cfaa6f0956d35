//! Caches and results across applications: what one subject's step left in a cache reaches no other subject, neither
//! by the cache nor by a result.

use std::io::Read;

use super::*;

/// Leaves in the output what it finds in the cache, and something in the cache for the next one.
const CARRIES: &str = r#"
    if [ -e /cache/left ]; then read -r found < /cache/left; else found=nothing; fi
    echo "$found" > /app/out/answer
    echo evil > /cache/left
"#;

/// Runs the same step for `subject` in the store of `case`. Gives what it found in the cache, and whether it ran.
fn run(case: &mut Case, subject: Option<&str>, script: &str) -> (String, bool) {
    case.subject = subject.map(str::to_owned);
    let before = case.begun();
    let done = case.run(Network::Fetch, script, &|_, _| {}).unwrap();
    let store = Store::open(&case.dir.path().join("store")).unwrap();
    let Some(packwright_oci::Node::File { digest, .. }) =
        done.tree.get("app/out/answer").map(|entry| entry.node.clone())
    else {
        panic!("{:?}", done.tree);
    };
    let mut found = String::new();
    store.open_file(&digest).unwrap().read_to_string(&mut found).unwrap();
    (found.trim().to_owned(), case.begun() > before)
}

#[test]
fn what_one_application_left_in_a_cache_reaches_no_other() {
    let mut case = Case::new();
    let mut run = |subject, script: &str| run(&mut case, subject, script);
    let nothing = ("nothing".to_owned(), true);
    assert_eq!(run(Some("attacker"), CARRIES), nothing);
    // The next build of the same application finds its own, if another edit makes the step run.
    let edited = format!("{CARRIES}\n: edited");
    assert_eq!(run(Some("attacker"), &edited), ("evil".to_owned(), true));
    // Neither the cache nor the result is another's, whether it has a name or not.
    assert_eq!(run(Some("victim"), &edited), nothing);
    assert_eq!(run(None, &edited), nothing);
    assert_eq!(run(Some(""), &edited), nothing, "a name without letters is a name");
    // Each has its own result after that.
    assert_eq!(run(Some("attacker"), &edited), ("evil".to_owned(), false));
    assert_eq!(run(Some("victim"), &edited), ("nothing".to_owned(), false));
    assert_eq!(run(None, &edited), ("nothing".to_owned(), false));
    // Without a name nothing is kept in a cache: the step that runs again finds nothing.
    assert_eq!(run(None, &format!("{CARRIES}\n: once more")), nothing);
}

#[test]
fn what_an_application_made_of_a_secret_reaches_no_other() {
    // No search finds the length of a secret in an output.
    const DERIVES: &str = "echo ${#TOKEN} > /app/out/answer";
    let mut case = Case::new();
    let mut run = |subject, value: &str| {
        case.secrets = vec![Secret::new("TOKEN".parse().unwrap(), value).unwrap()];
        run(&mut case, subject, DERIVES)
    };
    assert_eq!(run(Some("victim"), "four"), ("4".to_owned(), true));
    assert_eq!(run(Some("victim"), "a-new-token"), ("4".to_owned(), false), "a new token fetches the same");
    assert_eq!(run(Some("attacker"), "guess"), ("5".to_owned(), true));
    // Without a name only the value tells whose it is.
    assert_eq!(run(None, "guess!"), ("6".to_owned(), true));
    assert_eq!(run(None, "four"), ("4".to_owned(), true));
    assert_eq!(run(None, "guess!"), ("6".to_owned(), false));
    // The value is not guessed from the key: each store has another fingerprint of it.
    let secret = [Secret::new("TOKEN".parse().unwrap(), "guess!").unwrap()];
    let fingerprint = |case: &Case| {
        let store = Store::open(&case.dir.path().join("store")).unwrap();
        crate::fingerprint::fingerprint(&store, &secret).unwrap()
    };
    assert_eq!(fingerprint(&case), fingerprint(&case));
    assert_ne!(fingerprint(&case), fingerprint(&Case::new()));
}

#[test]
fn an_answer_of_one_index_is_not_that_of_another() {
    let mut case = Case::new();
    let mut ran_with = |name: &str, value: &str| {
        case.settings = BTreeMap::from([(name.to_owned(), value.to_owned())]);
        run(&mut case, None, CARRIES).1
    };
    assert!(ran_with("TOY_INDEX", "https://user:old@one.example/"));
    assert!(!ran_with("TOY_INDEX", "https://user:new@one.example/"), "a password changes no answer");
    assert!(ran_with("TOY_INDEX", "https://two.example/"));
    // A proxy is a way and no place.
    assert!(ran_with("TOY_A", "x"));
    case.settings.insert("TOY_PROXY".to_owned(), "http://proxy.example/".to_owned());
    assert!(!run(&mut case, None, CARRIES).1);
}

/// Two builds of one application at the same time, with an edit between them: the second waits for the cache, says
/// for whom, and finds what the first left there when it was done.
#[test]
fn two_builds_of_one_application_use_a_cache_one_after_the_other() {
    let case = Case { subject: Some("one".to_owned()), ..Case::new() };
    let store = Store::open(&case.dir.path().join("store")).unwrap();
    let dir = store.cache_dir(&crate::step::cache_name(&cache(), "one")).unwrap();
    // No panic before the first build may go on: it would wait for ever.
    let wait_for = |is_there: &dyn Fn() -> bool| {
        let began = Instant::now();
        while !is_there() && began.elapsed() < Duration::from_secs(120) {
            std::thread::sleep(Duration::from_millis(5));
        }
    };
    let first = "echo half > /cache/state; : > /cache/runs; while [ ! -e /cache/go ]; do :; done\n\
                 echo whole > /cache/state; echo first > /app/out/answer";
    let second = "read -r state < /cache/state; echo \"found $state\"; echo second > /app/out/answer";
    let is_waiting = |event: &Event| matches!(event, Event::Waiting { what, .. } if what.contains("cache"));
    let found = |event: &Event| match event {
        Event::StepOutput { line, .. } => line.strip_prefix("found ").map(str::to_owned),
        _ => None,
    };
    std::thread::scope(|scope| {
        let one = scope.spawn(|| case.run(Network::None, first, &|_, _| {}).unwrap());
        wait_for(&|| dir.join("runs").exists());
        let other = scope.spawn(|| case.run(Network::None, second, &|_, _| {}).unwrap());
        wait_for(&|| {
            let events = case.events.lock().unwrap();
            events.iter().any(is_waiting) || events.iter().any(|event| found(event).is_some())
        });
        std::fs::write(dir.join("go"), "").unwrap();
        one.join().unwrap();
        other.join().unwrap();
    });
    let events = case.events.lock().unwrap();
    assert_eq!(events.iter().filter_map(found).collect::<Vec<_>>(), ["whole"]);
    assert!(events.iter().any(is_waiting), "{events:?}");
}
