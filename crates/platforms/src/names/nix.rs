//! Names of Nixpkgs, and of tools that mise calls the same, with Debian's packages for them. A translation
//! of Nixpkgs' vocabulary.

use packwright_planner::Scope::{Build, Run};

use crate::names::translation::Parts;
use crate::tool_names::runtime;

/// What a name comes to.
pub(super) enum Known {
    /// These packages.
    Packages(Parts),
    /// Nothing more than what every image has; the text says what that is.
    There(&'static str),
}

/// Programs under the same name: they are called by the application as often as by its build.
const PROGRAMS: &[&str] = &[
    "aria2",
    "bash",
    "bc",
    "bzip2",
    "caddy",
    "chromium",
    "coreutils",
    "cowsay",
    "curl",
    "ffmpeg",
    "file",
    "findutils",
    "fontconfig",
    "gawk",
    "gettext",
    "ghostscript",
    "gifsicle",
    "git",
    "git-lfs",
    "gnupg",
    "graphicsmagick",
    "graphviz",
    "gzip",
    "htop",
    "hugo",
    "imagemagick",
    "inkscape",
    "jpegoptim",
    "jq",
    "lame",
    "less",
    "libreoffice",
    "mediainfo",
    "nano",
    "nginx",
    "optipng",
    "pandoc",
    "perl",
    "pngquant",
    "poppler-utils",
    "procps",
    "rclone",
    "ripgrep",
    "rsync",
    "socat",
    "sox",
    "sqlite3",
    "supervisor",
    "tini",
    "tree",
    "unzip",
    "vim",
    "wget",
    "xvfb",
    "yt-dlp",
    "zip",
    "zstd",
    "awscli",
    "sudo",
    "lsof",
    "screen",
    "tmux",
    "ncdu",
    "jo",
    "pv",
    "parallel",
    "entr",
    "dumb-init",
    "cron",
    "netcat-openbsd",
    "dnsutils",
];

/// Programs for building under the same name: no running application starts a compiler.
const TOOLCHAIN: &[&str] = &[
    "autoconf",
    "automake",
    "binutils",
    "bison",
    "build-essential",
    "cargo",
    "clang",
    "cmake",
    "flex",
    "gfortran",
    "libtool",
    "m4",
    "make",
    "meson",
    "nasm",
    "patchelf",
    "pkg-config",
    "rustc",
    "swig",
    "yasm",
];

/// Everything that has another name in Debian, or is a library: what runs needs the library, what
/// is compiled needs its headers too.
const OTHERS: &[(&[&str], Parts)] = &[
    // Programs by other names.
    (&["ffmpeg-full", "ffmpeg-headless", "ffmpeg_4", "ffmpeg_5", "ffmpeg_6", "ffmpeg_7"], &[("ffmpeg", Run)]),
    (&["imagemagickBig", "imagemagick7", "imagemagick6"], &[("imagemagick", Run)]),
    (&["ghostscriptX", "ghostscript_headless"], &[("ghostscript", Run)]),
    (&["poppler_utils", "poppler"], &[("poppler-utils", Run)]),
    (&["tesseract", "tesseract4", "tesseract5", "tesseract3"], &[("tesseract-ocr", Run)]),
    (&["p7zip", "_7zz"], &[("p7zip-full", Run)]),
    (&["gnutar"], &[("tar", Run)]),
    (&["xz"], &[("xz-utils", Run)]),
    (&["openssh"], &[("openssh-client", Run)]),
    (&["gnugrep"], &[("grep", Run)]),
    (&["gnused"], &[("sed", Run)]),
    (&["fd"], &[("fd-find", Run)]),
    (&["gitMinimal"], &[("git", Run)]),
    (&["sqlite", "sqlite-interactive"], &[("sqlite3", Run), ("libsqlite3-dev", Build)]),
    (&["redis"], &[("redis-tools", Run)]),
    (&["mysql", "mysql80", "mysql-client", "mariadb", "mariadb-client"], &[("mariadb-client", Run)]),
    (&["chromedriver", "undetected-chromedriver"], &[("chromium-driver", Run)]),
    (&["firefox", "firefox-esr"], &[("firefox-esr", Run)]),
    (&["exiftool"], &[("libimage-exiftool-perl", Run)]),
    (&["awscli2"], &[("awscli", Run)]),
    (&["netcat", "netcat-gnu"], &[("netcat-openbsd", Run)]),
    (&["bind", "dig"], &[("dnsutils", Run)]),
    (&["iputils"], &[("iputils-ping", Run)]),
    (&["iproute2"], &[("iproute2", Run)]),
    (&["xorg.xorgserver", "xvfb-run"], &[("xvfb", Run)]),
    (&["gnuplot"], &[("gnuplot-nox", Run)]),
    (&["fortune"], &[("fortune-mod", Run)]),
    (&["python3Packages.supervisor", "python311Packages.supervisor"], &[("supervisor", Run)]),
    (&["R"], &[("r-base-core", Run)]),
    (&["lua", "lua5_4"], &[("lua5.4", Run)]),
    (&["libreoffice-fresh", "libreoffice-still", "libreoffice-unwrapped"], &[("libreoffice", Run)]),
    // Fonts.
    (&["dejavu_fonts"], &[("fonts-dejavu-core", Run)]),
    (&["liberation_ttf"], &[("fonts-liberation", Run)]),
    (&["noto-fonts"], &[("fonts-noto-core", Run)]),
    (&["noto-fonts-cjk", "noto-fonts-cjk-sans"], &[("fonts-noto-cjk", Run)]),
    (&["noto-fonts-emoji", "noto-fonts-color-emoji"], &[("fonts-noto-color-emoji", Run)]),
    (&["freefont_ttf"], &[("fonts-freefont-ttf", Run)]),
    // Compilers and what they need.
    (
        &["gcc", "gcc9", "gcc10", "gcc11", "gcc12", "gcc13", "gcc14", "stdenv.cc", "stdenv"],
        &[("gcc", Build), ("g++", Build), ("libc6-dev", Build), ("libstdc++6", Run)],
    ),
    (&["gnumake"], &[("make", Build)]),
    (&["pkgconfig", "pkgconf"], &[("pkg-config", Build)]),
    (&["ninja"], &[("ninja-build", Build)]),
    (&["protobuf", "protoc"], &[("protobuf-compiler", Build)]),
    (&["musl"], &[("musl-tools", Build)]),
    (&["autoreconfHook"], &[("autoconf", Build), ("automake", Build), ("libtool", Build)]),
    // Libraries: the one that runs, and its headers.
    (
        &["stdenv.cc.cc", "gcc-unwrapped", "libgcc", "libstdcxx"],
        &[("libstdc++6", Run), ("libgcc-s1", Run), ("libgomp1", Run)],
    ),
    (&["zlib"], &[("zlib1g", Run), ("zlib1g-dev", Build)]),
    (
        &["openssl", "openssl_1_1", "openssl_3", "openssl_3_3", "libressl"],
        &[("openssl", Run), ("libssl3t64 | libssl3", Run), ("libssl-dev", Build)],
    ),
    (&["libffi"], &[("libffi8", Run), ("libffi-dev", Build)]),
    (&["libxml2"], &[("libxml2", Run), ("libxml2-dev", Build)]),
    (&["libxslt"], &[("libxslt1.1", Run), ("libxslt1-dev", Build)]),
    (&["libyaml"], &[("libyaml-0-2", Run), ("libyaml-dev", Build)]),
    (&["readline"], &[("libreadline8t64 | libreadline8", Run), ("libreadline-dev", Build)]),
    (&["ncurses"], &[("libncurses6", Run), ("libncurses-dev", Build)]),
    (&["gmp"], &[("libgmp10", Run), ("libgmp-dev", Build)]),
    (&["icu"], &[("libicu76 | libicu72", Run), ("libicu-dev", Build)]),
    (&["libuuid", "util-linux"], &[("libuuid1", Run), ("uuid-dev", Build)]),
    (&["libGL", "libglvnd", "mesa", "mesa_glu"], &[("libgl1", Run), ("libgl-dev", Build)]),
    (&["libGLU"], &[("libglu1-mesa", Run), ("libglu1-mesa-dev", Build)]),
    (&["glib"], &[("libglib2.0-0t64 | libglib2.0-0", Run), ("libglib2.0-dev", Build)]),
    (&["cairo"], &[("libcairo2", Run), ("libcairo2-dev", Build)]),
    (
        &["pango"],
        &[
            ("libpango-1.0-0", Run),
            ("libpangocairo-1.0-0", Run),
            ("libpangoft2-1.0-0", Run),
            ("libpango1.0-dev", Build),
        ],
    ),
    (&["gdk-pixbuf"], &[("libgdk-pixbuf-2.0-0", Run), ("libgdk-pixbuf-2.0-dev", Build)]),
    (&["harfbuzz"], &[("libharfbuzz0b", Run), ("libharfbuzz-subset0", Run), ("libharfbuzz-dev", Build)]),
    (&["freetype"], &[("libfreetype6", Run), ("libfreetype-dev", Build)]),
    (
        &["libjpeg", "libjpeg_turbo", "libjpeg_original"],
        &[("libjpeg62-turbo", Run), ("libjpeg62-turbo-dev", Build)],
    ),
    (&["libpng"], &[("libpng16-16t64 | libpng16-16", Run), ("libpng-dev", Build)]),
    (&["libtiff"], &[("libtiff6", Run), ("libtiff-dev", Build)]),
    (&["libwebp"], &[("libwebp7", Run), ("webp", Run), ("libwebp-dev", Build)]),
    (&["giflib"], &[("libgif7", Run), ("libgif-dev", Build)]),
    (&["librsvg"], &[("librsvg2-2", Run), ("librsvg2-dev", Build)]),
    (&["pixman"], &[("libpixman-1-0", Run), ("libpixman-1-dev", Build)]),
    (&["vips"], &[("libvips42t64 | libvips42", Run), ("libvips-tools", Run), ("libvips-dev", Build)]),
    (&["libheif"], &[("libheif1", Run), ("libheif-dev", Build)]),
    (
        &["libmysqlclient", "libmysqlclient_3_1", "mariadb-connector-c"],
        &[("libmariadb3", Run), ("libmariadb-dev", Build), ("libmariadb-dev-compat", Build)],
    ),
    (&["libpq"], &[("libpq5", Run), ("libpq-dev", Build)]),
    (&["libmemcached"], &[("libmemcached11t64 | libmemcached11", Run), ("libmemcached-dev", Build)]),
    (&["unixODBC"], &[("unixodbc", Run), ("unixodbc-dev", Build)]),
    (&["freetds"], &[("libsybdb5", Run), ("freetds-dev", Build)]),
    (&["libsodium"], &[("libsodium23", Run), ("libsodium-dev", Build)]),
    (&["snappy"], &[("libsnappy1v5", Run), ("libsnappy-dev", Build)]),
    (&["rdkafka"], &[("librdkafka1", Run), ("librdkafka-dev", Build)]),
    (&["lmdb"], &[("liblmdb0", Run), ("liblmdb-dev", Build)]),
    (&["libmagic"], &[("libmagic1t64 | libmagic1", Run), ("libmagic-dev", Build)]),
    (&["zbar"], &[("libzbar0t64 | libzbar0", Run), ("libzbar-dev", Build)]),
    (&["portaudio"], &[("libportaudio2", Run), ("portaudio19-dev", Build)]),
    (&["libsndfile"], &[("libsndfile1", Run), ("libsndfile1-dev", Build)]),
    (&["libopus"], &[("libopus0", Run), ("libopus-dev", Build)]),
    (&["alsa-lib", "alsaLib"], &[("libasound2t64 | libasound2", Run), ("libasound2-dev", Build)]),
    (&["krb5", "libkrb5"], &[("libgssapi-krb5-2", Run), ("libkrb5-dev", Build)]),
    (&["openldap"], &[("libldap2 | libldap-2.5-0", Run), ("libldap-dev", Build)]),
    (&["cyrus_sasl"], &[("libsasl2-2", Run), ("libsasl2-dev", Build)]),
    (&["xmlsec"], &[("libxmlsec1t64-openssl | libxmlsec1-openssl", Run), ("libxmlsec1-dev", Build)]),
    (&["openblas", "blas", "lapack"], &[("libopenblas0", Run), ("libopenblas-dev", Build)]),
    (&["hdf5"], &[("libhdf5-dev", Run)]),
    (&["gdal"], &[("gdal-bin", Run), ("libgdal-dev", Build)]),
    (&["geos"], &[("libgeos-c1t64 | libgeos-c1v5", Run), ("libgeos-dev", Build)]),
    (&["proj"], &[("libproj25", Run), ("proj-data", Run), ("libproj-dev", Build)]),
    (&["nss"], &[("libnss3", Run)]),
    (&["nspr"], &[("libnspr4", Run)]),
    (&["atk"], &[("libatk1.0-0t64 | libatk1.0-0", Run)]),
    (&["at-spi2-atk", "at-spi2-core"], &[("libatk-bridge2.0-0t64 | libatk-bridge2.0-0", Run)]),
    (&["cups"], &[("libcups2t64 | libcups2", Run)]),
    (&["dbus"], &[("libdbus-1-3", Run)]),
    (&["expat"], &[("libexpat1", Run), ("libexpat1-dev", Build)]),
    (&["libdrm"], &[("libdrm2", Run)]),
    (&["libgbm"], &[("libgbm1", Run)]),
    (&["libxkbcommon"], &[("libxkbcommon0", Run)]),
    (&["gtk3"], &[("libgtk-3-0t64 | libgtk-3-0", Run)]),
    (&["xorg.libX11", "libX11"], &[("libx11-6", Run), ("libx11-dev", Build)]),
    (&["xorg.libxcb", "libxcb"], &[("libxcb1", Run)]),
    (&["xorg.libXext", "libXext"], &[("libxext6", Run)]),
    (&["xorg.libXrender", "libXrender"], &[("libxrender1", Run)]),
    (&["xorg.libXi", "libXi"], &[("libxi6", Run)]),
    (&["xorg.libSM", "libSM"], &[("libsm6", Run)]),
    (&["xorg.libICE", "libICE"], &[("libice6", Run)]),
    (&["xorg.libXcomposite"], &[("libxcomposite1", Run)]),
    (&["xorg.libXdamage"], &[("libxdamage1", Run)]),
    (&["xorg.libXfixes"], &[("libxfixes3", Run)]),
    (&["xorg.libXrandr"], &[("libxrandr2", Run)]),
    (&["xorg.libXtst"], &[("libxtst6", Run)]),
    (&["xorg.libXScrnSaver", "xorg.libXss"], &[("libxss1", Run)]),
];

/// Names for what every image and every step has.
const THERE: &[(&str, &str)] = &[
    ("cacert", "every image has the certificates of the usual authorities"),
    ("tzdata", "every image has the time zones"),
    ("glibc", "it is the C library that every program here uses"),
    ("glibcLocales", "every image has C.UTF-8, which is set"),
    ("busybox", "every image has a shell and the usual commands"),
    ("which", "every image has it"),
    ("dash", "every image has it"),
    ("bashInteractive", "every image has a shell"),
];

/// Tools that buildpacks know by these names.
const TOOLS: &[&str] = &[
    "bun", "deno", "gradle", "maven", "npm", "pdm", "pipenv", "pip", "pnpm", "poetry", "uv", "yarn", "erlang",
];

/// What Debian calls a language or a tool, for applications of another one.
const SYSTEM: &[(&str, Parts)] = &[
    ("python", &[("python3", Run), ("python-is-python3", Run)]),
    ("node", &[("nodejs", Run)]),
    ("npm", &[("npm", Run)]),
    ("pip", &[("python3-pip", Build)]),
    ("pipenv", &[("pipenv", Build)]),
    ("ruby", &[("ruby", Run)]),
    ("php", &[("php-cli", Run)]),
    ("go", &[("golang-go", Build)]),
    ("rust", &[("rustc", Build), ("cargo", Build)]),
    ("elixir", &[("elixir", Run)]),
    ("erlang", &[("erlang-base", Run)]),
    ("maven", &[("maven", Build)]),
    ("gradle", &[("gradle", Build)]),
];

/// A name without what Nix wraps around it: `pkgs.zlib.dev` is `zlib`.
pub(super) fn bare(name: &str) -> String {
    let mut name = name.trim();
    for beginning in ["nixpkgs.", "pkgs."] {
        name = name.strip_prefix(beginning).unwrap_or(name);
    }
    for output in [".dev", ".lib", ".out", ".bin"] {
        name = name.strip_suffix(output).unwrap_or(name);
    }
    name.to_owned()
}

/// The packages that are known for a bare name.
pub(super) fn known(bare: &str) -> Option<Known> {
    if let Some((_, why)) = THERE.iter().find(|(name, _)| *name == bare) {
        return Some(Known::There(why));
    }
    if bare == "postgresql" || bare.starts_with("postgresql_") || bare == "postgres" {
        return Some(Known::Packages(&[("postgresql-client", Run), ("libpq5", Run), ("libpq-dev", Build)]));
    }
    let others = OTHERS.iter().find(|(names, _)| names.contains(&bare)).map(|(_, parts)| *parts);
    others.or_else(|| same(bare)).map(Known::Packages)
}

fn same(bare: &str) -> Option<Parts> {
    // The tables of the same name are lists of words; a part needs a place to live.
    let at = |names: &'static [&'static str],
              parts: &'static [[(&'static str, packwright_planner::Scope); 1]]| {
        names.iter().position(|name| *name == bare).map(|place| parts[place].as_slice())
    };
    at(PROGRAMS, &PROGRAM_PARTS).or_else(|| at(TOOLCHAIN, &TOOLCHAIN_PARTS))
}

const PROGRAM_PARTS: [[(&str, packwright_planner::Scope); 1]; PROGRAMS.len()] = {
    let mut parts = [[("", Run)]; PROGRAMS.len()];
    let mut index = 0;
    while index < PROGRAMS.len() {
        parts[index] = [(PROGRAMS[index], Run)];
        index += 1;
    }
    parts
};

const TOOLCHAIN_PARTS: [[(&str, packwright_planner::Scope); 1]; TOOLCHAIN.len()] = {
    let mut parts = [[("", Build)]; TOOLCHAIN.len()];
    let mut index = 0;
    while index < TOOLCHAIN.len() {
        parts[index] = [(TOOLCHAIN[index], Build)];
        index += 1;
    }
    parts
};

/// The language or tool that a bare name stands for, with its version: `nodejs-18_x`, `python311`,
/// `go_1_21`, `jdk17`, `pnpm-9_x`, `(php81.withExtensions …)`.
pub(super) fn language(bare: &str) -> Option<(&'static str, Option<String>)> {
    let word = bare.trim_start_matches('(');
    let head = word.split(['.', ' ', ')']).next().unwrap_or(word);
    // What is inside of a language (`python311Packages.numpy`) is not the language, but for pip.
    let whole = head.len() == word.len() || bare.starts_with('(');
    let head = match head.strip_suffix("Full").or_else(|| head.strip_suffix("Minimal")) {
        Some(shorter) => shorter,
        None if head.ends_with("Packages") && bare.ends_with(".pip") => return Some(("pip", None)),
        None => head,
    };
    if !whole {
        return None;
    }
    if let Some(tool) = TOOLS.iter().find(|tool| **tool == head) {
        return Some((tool, None));
    }
    let version = |rest: &str| {
        let rest = rest.trim_start_matches(['_', '-']).trim_end_matches("_x").replace('_', ".");
        rest.bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'.')
            .then_some(rest)
            .filter(|rest| !rest.is_empty())
    };
    for (beginning, tool) in [
        ("jdk", "java"),
        ("jre", "java"),
        ("openjdk", "java"),
        ("temurin-bin", "java"),
        ("dotnet-sdk", "dotnet"),
    ] {
        if let Some(rest) = head.strip_prefix(beginning) {
            let rest = rest.trim_end_matches("_headless").trim_start_matches('-');
            return match rest {
                "" => Some((tool, None)),
                rest => Some((tool, Some(version(rest)?))),
            };
        }
    }
    for tool in TOOLS {
        if let Some(rest) = head.strip_prefix(tool)
            && let Some(found) = version(rest)
        {
            return Some((tool, Some(found)));
        }
    }
    let letters = head.len() - head.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
    let rest = &head[letters..];
    if rest.is_empty() || rest == "3" {
        return runtime(head).map(|(tool, _)| (tool, None));
    }
    let tool = crate::tool_names::tool(&head[..letters])?;
    match rest.starts_with(['_', '-']) {
        true => Some((tool, Some(version(rest)?))),
        false => runtime(head).filter(|(_, version)| version.is_some()),
    }
}

/// Whether a word is one of the tools that buildpacks know.
pub(super) fn is_tool(name: &str) -> bool {
    TOOLS.contains(&name)
}

/// What Debian calls a language or a tool.
pub(super) fn system_of(tool: &str) -> Option<Parts> {
    SYSTEM.iter().find(|(name, _)| *name == tool).map(|(_, parts)| *parts)
}

/// All names of the tables.
#[cfg(test)]
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    let others = OTHERS.iter().flat_map(|(names, _)| names.iter().copied());
    let there = THERE.iter().map(|(name, _)| *name);
    PROGRAMS.iter().chain(TOOLCHAIN).chain(TOOLS).copied().chain(others).chain(there)
}
