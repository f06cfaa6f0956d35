//! Debian and Ubuntu names: packages that only a build needs, libraries that belong to header packages, and
//! packages that Debian calls by another name.

use packwright_planner::Scope::{Build, Run};

use crate::names::translation::Parts;

/// Packages that are not for Debian as it is here, or not for an image as they are.
const KNOWN: &[(&[&str], Parts)] = &[
    // Compilers and their kin: no running application starts one.
    (&["build-essential"], &[("build-essential", Build)]),
    (&["gcc"], &[("gcc", Build)]),
    (&["g++"], &[("g++", Build)]),
    (&["make"], &[("make", Build)]),
    (&["cmake"], &[("cmake", Build)]),
    (&["pkg-config", "pkgconf"], &[("pkg-config", Build)]),
    (&["autoconf"], &[("autoconf", Build)]),
    (&["automake"], &[("automake", Build)]),
    (&["libtool"], &[("libtool", Build)]),
    (&["bison"], &[("bison", Build)]),
    (&["rustc"], &[("rustc", Build)]),
    (&["cargo"], &[("cargo", Build)]),
    (&["python3-dev"], &[("python3-dev", Build)]),
    // Headers for the build, their library for the running application.
    (&["libpq-dev"], &[("libpq-dev", Build), ("libpq5", Run)]),
    (
        &["default-libmysqlclient-dev", "libmysqlclient-dev"],
        &[("default-libmysqlclient-dev", Build), ("libmariadb3", Run)],
    ),
    (&["libmariadb-dev"], &[("libmariadb-dev", Build), ("libmariadb3", Run)]),
    (&["libssl-dev"], &[("libssl-dev", Build), ("libssl3t64 | libssl3", Run)]),
    (&["libffi-dev"], &[("libffi-dev", Build), ("libffi8", Run)]),
    (&["zlib1g-dev"], &[("zlib1g-dev", Build), ("zlib1g", Run)]),
    (&["libxml2-dev"], &[("libxml2-dev", Build), ("libxml2", Run)]),
    (&["libxslt1-dev", "libxslt-dev"], &[("libxslt1-dev", Build), ("libxslt1.1", Run)]),
    (&["libyaml-dev"], &[("libyaml-dev", Build), ("libyaml-0-2", Run)]),
    (&["libjpeg-dev", "libjpeg62-turbo-dev"], &[("libjpeg62-turbo-dev", Build), ("libjpeg62-turbo", Run)]),
    (&["libpng-dev"], &[("libpng-dev", Build), ("libpng16-16t64 | libpng16-16", Run)]),
    (&["libcairo2-dev"], &[("libcairo2-dev", Build), ("libcairo2", Run)]),
    (
        &["libpango1.0-dev"],
        &[("libpango1.0-dev", Build), ("libpango-1.0-0", Run), ("libpangocairo-1.0-0", Run)],
    ),
    (&["libvips-dev", "libvips"], &[("libvips-dev", Build), ("libvips42t64 | libvips42", Run)]),
    (&["libmagic-dev"], &[("libmagic-dev", Build), ("libmagic1t64 | libmagic1", Run)]),
    (&["libldap2-dev", "libldap-dev"], &[("libldap-dev", Build), ("libldap2 | libldap-2.5-0", Run)]),
    (&["libsasl2-dev"], &[("libsasl2-dev", Build), ("libsasl2-2", Run)]),
    (&["libsqlite3-dev"], &[("libsqlite3-dev", Build), ("libsqlite3-0", Run)]),
    (&["libgdal-dev"], &[("libgdal-dev", Build), ("libgdal36 | libgdal32", Run)]),
    (&["libgeos-dev"], &[("libgeos-dev", Build), ("libgeos-c1t64 | libgeos-c1v5", Run)]),
    (&["libproj-dev"], &[("libproj-dev", Build), ("libproj25", Run), ("proj-data", Run)]),
    (&["libicu-dev"], &[("libicu-dev", Build), ("libicu76 | libicu72", Run)]),
    (&["unixodbc-dev"], &[("unixodbc-dev", Build), ("unixodbc", Run)]),
    (&["libcurl4-openssl-dev"], &[("libcurl4-openssl-dev", Build), ("libcurl4t64 | libcurl4", Run)]),
    (&["portaudio19-dev"], &[("portaudio19-dev", Build), ("libportaudio2", Run)]),
    // Names of Ubuntu, and of older Debian.
    (&["chromium-browser"], &[("chromium", Run)]),
    (&["chromium-chromedriver"], &[("chromium-driver", Run)]),
    (&["mysql-client"], &[("default-mysql-client", Run)]),
    (&["firefox"], &[("firefox-esr", Run)]),
    (&["netcat"], &[("netcat-openbsd", Run)]),
    (&["libgl1-mesa-glx"], &[("libgl1", Run)]),
    (&["libglu1"], &[("libglu1-mesa", Run)]),
    (&["libgdk-pixbuf2.0-0"], &[("libgdk-pixbuf-2.0-0", Run)]),
    (&["dnsutils", "bind9-dnsutils"], &[("bind9-dnsutils", Run)]),
    (&["libgeos-c1v5"], &[("libgeos-c1t64 | libgeos-c1v5", Run)]),
    (&["python"], &[("python3", Run)]),
];

/// Libraries that have `t64` behind their names since trixie.
const RENAMED: &[&str] = &[
    "libaio1",
    "libasound2",
    "libatk-bridge2.0-0",
    "libatk1.0-0",
    "libatspi2.0-0",
    "libcups2",
    "libcurl4",
    "libdb5.3",
    "libglib2.0-0",
    "libgtk-3-0",
    "libmagic1",
    "libmemcached11",
    "libpcap0.8",
    "libpng16-16",
    "libreadline8",
    "libssl3",
    "libvips42",
    "libzbar0",
];

/// The packages in place of one name.
pub(super) fn known(name: &str) -> Option<Parts> {
    KNOWN.iter().find(|(names, _)| names.contains(&name)).map(|(_, parts)| *parts)
}

/// The name as a relation that every release of Debian understands.
pub(super) fn spelled(name: &str) -> String {
    match name.strip_suffix("t64") {
        Some(older) => format!("{name} | {older}"),
        None if RENAMED.contains(&name) => format!("{name}t64 | {name}"),
        None => name.to_owned(),
    }
}

/// All names of the tables.
#[cfg(test)]
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    KNOWN.iter().flat_map(|(names, _)| names.iter().copied()).chain(RENAMED.iter().copied())
}
