//! Arbitrary texts and documents as a Blueprint: the reader always answers, and its result keeps the rules of a
//! model.

use packwright_documents::{Content, Entry, Value, to_yaml};
use packwright_planner::MemoryTree;
use proptest::prelude::*;

use super::reading::read;
use crate::generate::breaches;

/// A document of the format's own keys with values of every kind.
fn document() -> BoxedStrategy<Value> {
    let key = prop::sample::select(vec![
        "services",
        "databases",
        "envVarGroups",
        "projects",
        "environments",
        "ungrouped",
        "type",
        "name",
        "runtime",
        "env",
        "rootDir",
        "buildCommand",
        "startCommand",
        "dockerCommand",
        "schedule",
        "envVars",
        "key",
        "value",
        "sync",
        "generateValue",
        "fromDatabase",
        "fromService",
        "fromGroup",
        "property",
        "disk",
        "mountPath",
        "sizeGB",
        "scaling",
        "minInstances",
        "maxInstances",
        "image",
        "url",
        "staticPublishPath",
        "routes",
        "headers",
        "domains",
        "x",
    ]);
    let leaf = prop_oneof![
        Just(Content::Null),
        any::<bool>().prop_map(Content::Bool),
        any::<u64>().prop_map(|number| Content::Number(number.to_string())),
        prop::sample::select(vec![
            "web", "worker", "cron", "pserv", "static", "docker", "keyvalue", "python", "../x", "a b"
        ])
        .prop_map(|text| Content::Text(text.to_owned())),
        "[ -~\\n]{0,12}".prop_map(Content::Text),
        Just(Content::Text("postgres://u:hunter2@db/x".to_owned())),
    ];
    let inner = leaf.prop_recursive(6, 60, 6, move |inner| {
        let list = prop::collection::vec(inner.clone(), 0..4);
        let map = prop::collection::btree_map(key.clone(), inner, 0..8);
        prop_oneof![
            list.prop_map(|items| Content::List(items.into_iter().map(Value::from).collect())),
            map.prop_map(|map| Content::Map(
                map.into_iter().map(|(key, value)| Entry::new(key, value)).collect()
            )),
        ]
    });
    // Services that get past their first two keys.
    let service = (inner.clone(), prop::sample::select(vec!["web", "worker", "cron", "keyvalue"])).prop_map(
        |(rest, kind)| {
            let mut entries = vec![
                Entry::new("type", Content::Text(kind.to_owned())),
                Entry::new("name", Content::Text("a".to_owned())),
            ];
            if let Content::Map(more) = rest {
                entries
                    .extend(more.into_iter().filter(|entry| !["type", "name"].contains(&entry.key.as_str())));
            }
            Value::from(Content::Map(entries))
        },
    );
    let services = prop::collection::vec(service, 0..4).prop_map(Content::List);
    (services, inner)
        .prop_map(|(services, rest)| {
            let mut entries = vec![Entry::new("services", services)];
            if let Content::Map(more) = rest {
                entries.extend(more.into_iter().filter(|entry| entry.key != "services"));
            }
            Value::from(Content::Map(entries))
        })
        .boxed()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn any_document_is_answered(value in document()) {
        let text = to_yaml(&value);
        let mut tree = MemoryTree::new();
        tree.add("render.yaml".parse().unwrap(), text.clone());
        prop_assert_eq!(breaches(&read(&tree), text.lines().count()), Vec::<String>::new(), "{}", text);
    }

    #[test]
    fn any_text_is_answered(text in "(.|\\n){0,200}") {
        let mut tree = MemoryTree::new();
        tree.add("render.yaml".parse().unwrap(), text.clone());
        let lines = text.replace("\r\n", "\n").replace('\r', "\n").split('\n').count();
        prop_assert_eq!(breaches(&read(&tree), lines), Vec::<String>::new());
    }
}
