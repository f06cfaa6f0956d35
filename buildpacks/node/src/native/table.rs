//! Packages that need something of the system, as data with reasons. Names are exact: a package
//! that is only called alike needs nothing.
//!
//! Most packages with native code bring finished files for Linux and need nothing; they are here
//! only when those files stand on libraries that Debian brings, or when there are none.

/// A Debian package whose name differs between suites: up to bookworm, from trixie on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Deb {
    /// Its name in bookworm.
    pub(super) old: &'static str,
    /// Its name in trixie.
    pub(super) new: &'static str,
}

/// What a package needs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Need {
    /// The exact names of the packages.
    pub(super) packages: &'static [&'static str],
    /// What compiling them needs besides a compiler.
    pub(super) build: &'static [Deb],
    /// What using them needs.
    pub(super) run: &'static [Deb],
    /// What for.
    pub(super) why: &'static str,
    /// Variables of the image.
    pub(super) environment: &'static [(&'static str, &'static str)],
    /// Variables while packages are installed.
    pub(super) install: &'static [(&'static str, &'static str)],
}

const fn deb(name: &'static str) -> Deb {
    Deb { old: name, new: name }
}

const fn renamed(old: &'static str, new: &'static str) -> Deb {
    Deb { old, new }
}

const NEED: Need = Need { packages: &[], build: &[], run: &[], why: "", environment: &[], install: &[] };

/// Debian's Chromium, for whatever drives a browser. It brings its libraries and, with the fonts,
/// letters to show.
const CHROMIUM: &[Deb] = &[deb("chromium"), deb("fonts-liberation")];

/// Where it is.
const CHROMIUM_PATH: &str = "/usr/bin/chromium";

/// What packages need.
pub(super) const NEEDS: &[Need] = &[
    Need {
        packages: &["canvas"],
        build: &[
            deb("libcairo2-dev"),
            deb("libpango1.0-dev"),
            deb("libjpeg-dev"),
            deb("libgif-dev"),
            deb("librsvg2-dev"),
            deb("libpixman-1-dev"),
        ],
        run: &[
            deb("libcairo2"),
            deb("libpango-1.0-0"),
            deb("libpangocairo-1.0-0"),
            deb("libjpeg62-turbo"),
            deb("libgif7"),
            deb("librsvg2-2"),
            deb("libfontconfig1"),
            deb("fonts-liberation"),
        ],
        why: "canvas draws with Cairo and Pango, when no finished file fits",
        ..NEED
    },
    Need {
        packages: &["@napi-rs/canvas", "skia-canvas", "@resvg/resvg-js", "pdfkit", "chartjs-node-canvas"],
        run: &[deb("libfontconfig1"), deb("fonts-liberation")],
        why: "text is drawn with the system's fonts",
        ..NEED
    },
    Need {
        packages: &["pg-native", "libpq"],
        build: &[deb("libpq-dev")],
        run: &[deb("libpq5")],
        why: "PostgreSQL's own client library",
        ..NEED
    },
    Need {
        packages: &["odbc", "ibm_db"],
        build: &[deb("unixodbc-dev")],
        run: &[deb("libodbc2")],
        why: "drivers are loaded through unixODBC",
        ..NEED
    },
    Need {
        packages: &["oracledb"],
        run: &[renamed("libaio1", "libaio1t64")],
        why: "Oracle's client library, where the thick mode is used, does its input and output with it",
        ..NEED
    },
    Need {
        packages: &["usb", "node-hid", "serialport", "@serialport/bindings-cpp"],
        build: &[deb("libudev-dev"), deb("libusb-1.0-0-dev")],
        run: &[deb("libudev1"), deb("libusb-1.0-0")],
        why: "devices are found and driven through udev and libusb",
        ..NEED
    },
    Need {
        packages: &["node-rdkafka", "@confluentinc/kafka-javascript"],
        build: &[
            deb("libssl-dev"),
            deb("libsasl2-dev"),
            deb("zlib1g-dev"),
            deb("libzstd-dev"),
            deb("libcurl4-openssl-dev"),
        ],
        run: &[
            renamed("libssl3", "libssl3t64"),
            deb("libsasl2-2"),
            deb("zlib1g"),
            deb("libzstd1"),
            renamed("libcurl4", "libcurl4t64"),
        ],
        why: "Kafka's client library is compiled from its source",
        ..NEED
    },
    Need {
        packages: &["kerberos"],
        build: &[deb("libkrb5-dev")],
        run: &[deb("libgssapi-krb5-2")],
        why: "Kerberos' own client library",
        ..NEED
    },
    Need {
        packages: &["keytar"],
        build: &[deb("libsecret-1-dev")],
        run: &[deb("libsecret-1-0")],
        why: "passwords are kept by libsecret",
        ..NEED
    },
    Need {
        packages: &["cap", "pcap"],
        build: &[deb("libpcap-dev")],
        run: &[renamed("libpcap0.8", "libpcap0.8t64")],
        why: "packets are captured with libpcap",
        ..NEED
    },
    Need {
        packages: &["gl"],
        build: &[deb("libxi-dev"), deb("libgl1-mesa-dev"), deb("libglew-dev")],
        run: &[deb("libgl1"), deb("libxi6"), deb("libglew2.2")],
        why: "it draws with the system's OpenGL",
        ..NEED
    },
    Need { packages: &["gm"], run: &[deb("graphicsmagick")], why: "it calls the program gm", ..NEED },
    Need {
        packages: &["imagemagick"],
        run: &[deb("imagemagick")],
        why: "it calls ImageMagick's programs",
        ..NEED
    },
    Need { packages: &["fluent-ffmpeg"], run: &[deb("ffmpeg")], why: "it calls the program ffmpeg", ..NEED },
    Need {
        packages: &["pdf2pic", "node-poppler", "pdf-poppler"],
        run: &[deb("poppler-utils"), deb("graphicsmagick"), deb("ghostscript")],
        why: "it calls programs that read PDF",
        ..NEED
    },
    Need {
        packages: &["@prisma/client", "prisma", "@prisma/engines"],
        build: &[deb("openssl")],
        run: &[deb("openssl"), renamed("libssl3", "libssl3t64")],
        why: "Prisma's engines stand on OpenSSL, and ask the program openssl for its version",
        ..NEED
    },
    Need {
        packages: &["simple-git", "isomorphic-git-cli", "nodegit"],
        run: &[deb("git")],
        why: "it calls the program git",
        ..NEED
    },
    Need {
        packages: &["puppeteer", "puppeteer-core"],
        run: CHROMIUM,
        why: "Puppeteer drives Debian's Chromium, in place of one that it would download",
        environment: &[("PUPPETEER_EXECUTABLE_PATH", CHROMIUM_PATH), ("PUPPETEER_SKIP_DOWNLOAD", "1")],
        install: &[("PUPPETEER_SKIP_DOWNLOAD", "1"), ("PUPPETEER_SKIP_CHROMIUM_DOWNLOAD", "1")],
        ..NEED
    },
    Need {
        packages: &["playwright", "playwright-core", "playwright-chromium"],
        run: CHROMIUM,
        why: "Playwright can drive Debian's Chromium, in place of one that it would download",
        environment: &[("CHROMIUM_PATH", CHROMIUM_PATH), ("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")],
        install: &[("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")],
        ..NEED
    },
];

/// Needs that count only for dependencies of the running application: a browser of the tests has
/// no place in an image.
pub(super) const FOR_TESTS: &[&str] =
    &["puppeteer", "puppeteer-core", "playwright", "playwright-core", "playwright-chromium"];

/// Whether an install script fetches something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fetches {
    /// In every version.
    Always,
    /// In versions before this one: first and second number.
    Before(u32, u32),
    /// It only looks as if it did.
    Never,
}

/// A package whose install script fetches more than the registry brings.
#[derive(Debug, Clone, Copy)]
pub(super) struct Download {
    /// Its exact name.
    pub(super) package: &'static str,
    /// In which versions.
    pub(super) fetches: Fetches,
    /// What it fetches, for people.
    pub(super) why: &'static str,
    /// Variables that keep it from that, where nothing is lost by that.
    pub(super) keeps_back: &'static [(&'static str, &'static str)],
}

const fn download(package: &'static str, why: &'static str) -> Download {
    Download { package, fetches: Fetches::Always, why, keeps_back: &[] }
}

const fn before(first: u32, second: u32, download: Download) -> Download {
    Download { fetches: Fetches::Before(first, second), ..download }
}

const fn never(download: Download) -> Download {
    Download { fetches: Fetches::Never, ..download }
}

const fn unless(keeps_back: &'static [(&'static str, &'static str)], download: Download) -> Download {
    Download { keeps_back, ..download }
}

/// Packages whose install scripts fetch, or are known to look as if they did.
pub(super) const DOWNLOADS: &[Download] = &[
    unless(&[("CYPRESS_INSTALL_BINARY", "0")], download("cypress", "downloads its own browser, for tests")),
    unless(
        &[("ELECTRON_SKIP_BINARY_DOWNLOAD", "1")],
        download("electron", "downloads a browser, for desktops"),
    ),
    unless(
        &[("PUPPETEER_SKIP_DOWNLOAD", "1"), ("PUPPETEER_SKIP_CHROMIUM_DOWNLOAD", "1")],
        download("puppeteer", "downloads a browser; Debian's is taken"),
    ),
    unless(
        &[("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")],
        download("playwright", "downloads browsers; Debian's is taken"),
    ),
    unless(
        &[("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")],
        download("playwright-chromium", "downloads a browser; Debian's is taken"),
    ),
    unless(
        &[("CHROMEDRIVER_SKIP_DOWNLOAD", "true")],
        download("chromedriver", "downloads a driver of browsers, for tests"),
    ),
    download("geckodriver", "downloads a driver of browsers, for tests"),
    unless(
        &[("SENTRYCLI_SKIP_DOWNLOAD", "1")],
        download("@sentry/cli", "downloads its program; newer versions bring it as packages"),
    ),
    download("@prisma/engines", "downloads its engines"),
    download("prisma", "downloads its engines"),
    download("@prisma/client", "runs `prisma generate`, which may download engines"),
    before(0, 33, download("sharp", "downloads libvips")),
    before(0, 13, download("esbuild", "downloads its program; newer versions bring it as packages")),
    download("canvas", "downloads a finished file, or compiles"),
    before(6, 0, download("bcrypt", "downloads a finished file, or compiles")),
    before(0, 41, download("argon2", "downloads a finished file, or compiles")),
    download("better-sqlite3", "downloads a finished file, or compiles"),
    download("sqlite3", "downloads a finished file, or compiles"),
    download("node-sass", "downloads a finished file, or compiles"),
    download("re2", "downloads a finished file, or compiles"),
    download("isolated-vm", "downloads a finished file, or compiles"),
    before(6, 1, download("zeromq", "downloads a finished file, or compiles")),
    download("grpc", "downloads a finished file, or compiles"),
    download("ffmpeg-static", "downloads ffmpeg"),
    download("pngquant-bin", "downloads its program"),
    download("gifsicle", "downloads its program"),
    download("mozjpeg", "downloads its program"),
    download("youtube-dl-exec", "downloads its program"),
    unless(
        &[("MONGOMS_DISABLE_POSTINSTALL", "1")],
        download("mongodb-memory-server", "downloads MongoDB, for tests"),
    ),
    unless(
        &[("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")],
        download("@playwright/browser-chromium", "downloads a browser"),
    ),
    never(download("@swc/core", "brings finished files as packages; its script only checks them")),
    never(download("nx", "its script looks at the workspace and downloads nothing")),
];

/// Packages that are compiled when no finished file fits.
pub(super) const COMPILED: &[&str] = &[
    "argon2",
    "bcrypt",
    "better-sqlite3",
    "bufferutil",
    "canvas",
    "cap",
    "cpu-features",
    "deasync",
    "farmhash",
    "ffi-napi",
    "fibers",
    "gl",
    "grpc",
    "hiredis",
    "ibm_db",
    "iconv",
    "isolated-vm",
    "kerberos",
    "keytar",
    "leveldown",
    "libpq",
    "libxmljs",
    "libxmljs2",
    "microtime",
    "node-expat",
    "node-hid",
    "node-pty",
    "node-rdkafka",
    "node-sass",
    "odbc",
    "pg-native",
    "re2",
    "ref-napi",
    "rocksdb",
    "serialport",
    "snappy",
    "sodium-native",
    "sqlite3",
    "ssh2",
    "tree-sitter",
    "unix-dgram",
    "usb",
    "utf-8-validate",
    "xxhash",
    "zeromq",
];
