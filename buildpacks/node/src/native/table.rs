//! Packages that need something of the system, as data with reasons. Names are exact: a package
//! that is only called alike needs nothing.
//!
//! A row says what no file of the image can tell: what is needed to compile a package, which programs it calls, which
//! libraries it loads by name when it runs, which fonts it writes with. Libraries that a native module is linked to are
//! not here: the engine finds them in the module when it is there, and adds their packages.

/// What a package needs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Need {
    /// The exact names of the packages.
    pub(super) packages: &'static [&'static str],
    /// Debian packages for compiling them, besides a compiler.
    pub(super) build: &'static [&'static str],
    /// Debian packages for using them.
    pub(super) run: &'static [&'static str],
    /// What for: the end of a sentence that starts with the package.
    pub(super) why: &'static str,
    /// Variables of the image.
    pub(super) environment: &'static [(&'static str, &'static str)],
    /// Variables while packages are installed.
    pub(super) install: &'static [(&'static str, &'static str)],
}

const NEED: Need = Need { packages: &[], build: &[], run: &[], why: "", environment: &[], install: &[] };

/// Debian's Chromium, for whatever drives a browser. It brings its libraries and, with the fonts,
/// letters to show.
const CHROMIUM: &[&str] = &["chromium", "fonts-liberation"];

/// Where it is.
const CHROMIUM_PATH: &str = "/usr/bin/chromium";

/// What packages need.
pub(super) const NEEDS: &[Need] = &[
    Need {
        packages: &["canvas"],
        build: &[
            "libcairo2-dev",
            "libpango1.0-dev",
            "libjpeg-dev",
            "libgif-dev",
            "librsvg2-dev",
            "libpixman-1-dev",
        ],
        run: &["libfontconfig1", "fonts-liberation"],
        why: "draws with Cairo and Pango, and writes with the system's fonts",
        ..NEED
    },
    Need {
        packages: &["@napi-rs/canvas", "skia-canvas", "@resvg/resvg-js", "pdfkit", "chartjs-node-canvas"],
        run: &["libfontconfig1", "fonts-liberation"],
        why: "draws text with the system's fonts",
        ..NEED
    },
    Need {
        packages: &["pg-native", "libpq"],
        build: &["libpq-dev"],
        why: "is made on PostgreSQL's own client library",
        ..NEED
    },
    Need {
        packages: &["odbc", "ibm_db"],
        build: &["unixodbc-dev"],
        why: "loads drivers through unixODBC",
        ..NEED
    },
    Need {
        packages: &["oracledb"],
        run: &["libaio1t64"],
        why: "uses it in its thick mode, where Oracle's client library does the input and output",
        ..NEED
    },
    Need {
        packages: &["usb", "node-hid", "serialport", "@serialport/bindings-cpp"],
        build: &["libudev-dev", "libusb-1.0-0-dev"],
        why: "finds and drives devices through udev and libusb",
        ..NEED
    },
    Need {
        packages: &["node-rdkafka", "@confluentinc/kafka-javascript"],
        build: &["libssl-dev", "libsasl2-dev", "zlib1g-dev", "libzstd-dev", "libcurl4-openssl-dev"],
        why: "compiles Kafka's client library from its source",
        ..NEED
    },
    Need {
        packages: &["kerberos"],
        build: &["libkrb5-dev"],
        why: "is made on Kerberos' own client library",
        ..NEED
    },
    Need {
        packages: &["keytar"],
        build: &["libsecret-1-dev"],
        why: "keeps passwords with libsecret",
        ..NEED
    },
    Need {
        packages: &["cap", "pcap"],
        build: &["libpcap-dev"],
        why: "captures packets with libpcap",
        ..NEED
    },
    Need {
        packages: &["gl"],
        build: &["libxi-dev", "libgl1-mesa-dev", "libglew-dev"],
        why: "draws with the system's OpenGL",
        ..NEED
    },
    Need { packages: &["gm"], run: &["graphicsmagick"], why: "calls the program gm", ..NEED },
    Need { packages: &["imagemagick"], run: &["imagemagick"], why: "calls ImageMagick's programs", ..NEED },
    Need { packages: &["fluent-ffmpeg"], run: &["ffmpeg"], why: "calls the program ffmpeg", ..NEED },
    Need {
        packages: &["pdf2pic", "node-poppler", "pdf-poppler"],
        run: &["poppler-utils", "graphicsmagick", "ghostscript"],
        why: "calls programs that read PDF",
        ..NEED
    },
    // Source: their READMEs: each calls a program that it does not bring.
    Need {
        packages: &["node-tesseract-ocr", "tesseractocr"],
        run: &["tesseract-ocr"],
        why: "calls the program tesseract",
        ..NEED
    },
    Need { packages: &["node-gs"], run: &["ghostscript"], why: "calls the program gs", ..NEED },
    Need {
        packages: &["graphviz"],
        run: &["graphviz", "fonts-liberation"],
        why: "calls the program dot, which needs a font to write with",
        ..NEED
    },
    Need {
        packages: &["@prisma/client", "prisma", "@prisma/engines"],
        build: &["openssl"],
        run: &["openssl"],
        why: "has engines that stand on OpenSSL and ask the program openssl for its version",
        ..NEED
    },
    Need {
        packages: &["simple-git", "isomorphic-git-cli", "nodegit"],
        run: &["git"],
        why: "calls the program git",
        ..NEED
    },
    Need {
        packages: &["puppeteer", "puppeteer-core"],
        run: CHROMIUM,
        why: "drives Debian's Chromium, in place of one that it would download",
        environment: &[("PUPPETEER_EXECUTABLE_PATH", CHROMIUM_PATH), ("PUPPETEER_SKIP_DOWNLOAD", "1")],
        install: &[("PUPPETEER_SKIP_DOWNLOAD", "1"), ("PUPPETEER_SKIP_CHROMIUM_DOWNLOAD", "1")],
        ..NEED
    },
    Need {
        packages: &["playwright", "playwright-core", "playwright-chromium"],
        run: CHROMIUM,
        why: "can drive Debian's Chromium, in place of one that it would download",
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
