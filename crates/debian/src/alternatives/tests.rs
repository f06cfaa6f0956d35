//! What `alternatives` must and must not do.

use super::*;

fn read(command: &str) -> Option<Offer> {
    let words: Vec<Option<String>> =
        command.split(' ').map(|word| (word != "?").then(|| word.to_owned())).collect();
    offer(&words)
}

#[test]
fn an_offer_has_its_slaves() {
    let found = read(
        "update-alternatives --quiet --install /usr/bin/pager pager /usr/bin/less 77 --slave /man/pager.1 pager.1 /man/less.1",
    );
    let found = found.expect("readable");
    assert_eq!((found.name.as_str(), found.priority), ("pager", 77));
    assert_eq!(found.links[0].target, "/usr/bin/less");
    assert_eq!(found.links[1].link, "/man/pager.1");
    assert_eq!(found.links.len(), 2);
}

#[test]
fn what_is_not_known_is_not_guessed() {
    for command in [
        "update-alternatives --install /usr/bin/x x ? 10",
        "update-alternatives --install /usr/bin/x x /usr/bin/y",
        "update-alternatives --install /usr/bin/x x /usr/bin/y ten",
        "update-alternatives --install /usr/bin/x x /usr/bin/y 10 ?",
        "update-alternatives --install /usr/bin/x x /usr/bin/y 10 --slave /a b",
        "update-alternatives --install usr/bin/x x /usr/bin/y 10",
        "update-alternatives --install /usr/bin/x ../x /usr/bin/y 10",
        "update-alternatives --remove awk /usr/bin/mawk",
    ] {
        assert_eq!(read(command), None, "{command}");
    }
}
