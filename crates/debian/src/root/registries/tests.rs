//! What `registries` must and must not make.

use std::collections::BTreeMap;

use packwright_oci::{Digest, Entry, Tree};

use super::*;

fn tree(paths: &[&str]) -> Tree {
    let mut tree = Tree::new();
    for path in paths {
        let entry = match path.strip_suffix('/') {
            Some(_) => Entry::dir(0o755),
            None => Entry::file(Digest::of(b""), 0, 0o644),
        };
        tree.insert(path.trim_end_matches('/').parse().expect("a path"), entry).expect("a place");
    }
    tree
}

fn made(made: Option<Made>) -> (String, String) {
    let (path, bytes) = made.expect("made");
    (path, String::from_utf8(bytes).expect("text"))
}

#[test]
fn only_plug_ins_that_are_there_are_listed() {
    let place = "usr/lib/aarch64-linux-gnu/graphviz";
    let (path, text) = made(graphviz(&tree(&[
        &format!("{place}/libgvplugin_core.so.6"),
        &format!("{place}/libgvplugin_dot_layout.so.6"),
    ])));
    assert_eq!(path, format!("{place}/config6a"));
    assert!(text.starts_with("libgvplugin_core.so.6 core {\n"), "{text}");
    assert!(
        text.ends_with("libgvplugin_dot_layout.so.6 dot_layout {\n\tlayout {\n\t\tdot 0\n\t}\n}\n"),
        "{text}"
    );
    assert!(!text.contains("pango"));
    assert_eq!(graphviz(&tree(&["usr/bin/dot"])), None);
}

#[test]
fn only_loaders_that_are_there_are_listed() {
    let place = "usr/lib/x86_64-linux-gnu/gdk-pixbuf-2.0/2.10.0/loaders";
    let found = image_loaders(&tree(&[&format!("{place}/"), &format!("{place}/libpixbufloader-bmp.so")]));
    let (path, text) = made(found);
    assert_eq!(path, format!("{place}.cache"));
    assert_eq!(
        text,
        format!(
            "# GdkPixbuf Image Loader Modules file\n\"/{place}/libpixbufloader-bmp.so\"\n\"bmp\" 5 \"gdk-pixbuf\" \"BMP\" \"LGPL\"\n\"image/bmp\" \"image/x-bmp\" \"image/x-MS-bmp\" \"\"\n\"bmp\" \"\"\n\"BM\" \"\" 100\n\n"
        )
    );
    assert_eq!(image_loaders(&tree(&["usr/bin/x"])), None);
}

fn database(types: &str) -> Result<BTreeMap<String, Vec<u8>>, media_types::Malformed> {
    let text = format!(
        "<?xml version=\"1.0\"?><!DOCTYPE mime-info [<!ELEMENT a EMPTY>]><mime-info xmlns='http://www.freedesktop.org/standards/shared-mime-info'>{types}</mime-info>"
    );
    Ok(media_types::compose(&BTreeMap::from([("usr/share/mime/packages/a.xml", text.as_str())]))?
        .into_iter()
        .map(|(path, bytes)| (path.rsplit_once('/').expect("a directory").1.to_owned(), bytes))
        .collect())
}

#[test]
fn media_types_are_as_the_specification_says() {
    let made = database(
        r#"<mime-type type="image/b"><glob pattern="*.B"/><glob weight="60" pattern="B" case-sensitive="true"/>
        <alias type="image/x-b"/><sub-class-of type="image/a"/>
        <magic priority="60"><match type="string" offset="0" value="B\0\x41\n\\"><match type="host16" offset="2:3" value="0x0102"/></match></magic>
        <magic><match type="string" mask="0xff00" offset="1" value="ab"/><match type="little32" offset="8" value="1"/></magic>
        </mime-type><mime-type type="image/a"><magic><match type="byte" offset="0" value="010"/></magic></mime-type>"#,
    )
    .expect("readable");
    assert_eq!(made["aliases"], b"image/x-b image/b\n");
    assert_eq!(made["subclasses"], b"image/b image/a\n");
    assert_eq!(
        String::from_utf8_lossy(&made["globs2"]).lines().skip(1).collect::<Vec<_>>(),
        ["60:image/b:B:cs", "60:image/b:B", "50:image/b:*.b"]
    );
    assert_eq!(
        made["magic"],
        b"MIME-Magic\0\n[60:image/b]\n>0=\0\x05B\0A\n\\\n1>2=\0\x02\x01\x02~2+2\n[50:image/a]\n>0=\0\x01\x08\n[50:image/b]\n>1=\0\x02ab&\xff\0\n>8=\0\x04\x01\0\0\0\n"
    );
}

#[test]
fn malformed_descriptions_are_named() {
    for (types, what) in [
        ("<mime-type/>", "<mime-type> of "),
        ("<mime-type type='a/b'><glob/></mime-type>", "<glob> of a/b"),
        ("<mime-type type='a/b'><glob pattern='x' weight='x'/></mime-type>", "<glob> of a/b"),
        (
            "<mime-type type='a/b'><magic><match type='byte' offset='0' value='256'/></magic></mime-type>",
            "<match> of a/b",
        ),
        (
            "<mime-type type='a/b'><magic><match type='string' offset='2:1' value='a'/></magic></mime-type>",
            "<match> of a/b",
        ),
        (
            "<mime-type type='a/b'><magic><match type='string' offset='0' value='\\'/></magic></mime-type>",
            "<match> of a/b",
        ),
    ] {
        assert_eq!(database(types).expect_err(types).what, what);
    }
    assert!(database("<x>").is_err());
    assert_eq!(media_types::compose(&BTreeMap::new()), Ok(Vec::new()));
}
