//! What the buildpack knows by heart, as tables: web frameworks, and libraries of C with their
//! Debian packages. Holds no rule.

use packwright_buildpack::native::Native;

/// Modules whose import shows that a program answers requests. `net/http` is not among them: clients
/// import it too.
pub(crate) const FRAMEWORKS: &[&str] = &[
    "connectrpc.com/connect",
    "github.com/astaxie/beego",
    "github.com/beego/beego",
    "github.com/cloudwego/hertz",
    "github.com/danielgtaylor/huma",
    "github.com/gin-gonic/gin",
    "github.com/go-chi/chi",
    "github.com/go-fuego/fuego",
    "github.com/gobuffalo/buffalo",
    "github.com/gofiber/fiber",
    "github.com/gogf/gf",
    "github.com/gorilla/mux",
    "github.com/julienschmidt/httprouter",
    "github.com/kataras/iris",
    "github.com/labstack/echo",
    "github.com/pocketbase/pocketbase",
    "github.com/revel/revel",
    "github.com/valyala/fasthttp",
    "github.com/zeromicro/go-zero/rest",
    "goa.design/goa",
];

/// Those that listen on `PORT` when they are told no address. Source: gin's `resolveAddress`.
pub(crate) const IN_OWN_PORT: &[&str] = &["github.com/gin-gonic/gin"];

/// A library of C.
pub(crate) struct Library {
    /// Names for the linker and for pkg-config.
    pub(crate) names: &'static [&'static str],
    /// Its packages.
    pub(crate) native: Native,
}

const fn library(
    names: &'static [&'static str],
    run: &'static [&'static str],
    build: &'static [&'static str],
) -> Library {
    Library { names, native: Native { run, build, why: "is linked by cgo" } }
}

/// Libraries that programs link, by the names in `#cgo` lines.
pub(crate) const LIBRARIES: &[Library] = &[
    library(&["archive", "libarchive"], &["libarchive13t64"], &["libarchive-dev"]),
    library(&["crypto", "libcrypto", "ssl", "libssl", "openssl"], &["libssl3t64"], &["libssl-dev"]),
    library(&["curl", "libcurl"], &["libcurl4t64"], &["libcurl4-openssl-dev"]),
    library(&["git2", "libgit2"], &["libgit2-1.9"], &["libgit2-dev"]),
    library(
        &["jpeg", "libjpeg", "turbojpeg", "libturbojpeg"],
        &["libjpeg62-turbo"],
        &["libjpeg-dev", "libturbojpeg0-dev"],
    ),
    library(&["ldap"], &["libldap2"], &["libldap-dev"]),
    library(&["leptonica", "lept"], &["libleptonica6"], &["libleptonica-dev"]),
    library(&["lzma", "liblzma"], &["liblzma5"], &["liblzma-dev"]),
    library(&["magic", "libmagic"], &["libmagic1t64"], &["libmagic-dev"]),
    library(&["MagickWand", "MagickCore"], &["libmagickwand-7.q16-10"], &["libmagickwand-dev"]),
    library(&["mariadb", "mysqlclient"], &["libmariadb3"], &["libmariadb-dev"]),
    library(&["odbc"], &["libodbc2"], &["unixodbc-dev"]),
    library(&["opus", "libopus"], &["libopus0"], &["libopus-dev"]),
    library(&["pcap", "libpcap"], &["libpcap0.8t64"], &["libpcap-dev"]),
    library(&["png", "libpng"], &["libpng16-16t64"], &["libpng-dev"]),
    library(&["pq", "libpq"], &["libpq5"], &["libpq-dev"]),
    library(&["rdkafka", "rdkafka-static"], &["librdkafka1"], &["librdkafka-dev"]),
    library(&["seccomp", "libseccomp"], &["libseccomp2"], &["libseccomp-dev"]),
    library(&["sqlite3", "libsqlite3"], &["libsqlite3-0"], &["libsqlite3-dev"]),
    library(&["stdc++"], &["libstdc++6"], &["g++"]),
    library(&["systemd", "libsystemd"], &["libsystemd0"], &["libsystemd-dev"]),
    library(&["tesseract"], &["libtesseract5"], &["libtesseract-dev"]),
    library(&["vips"], &["libvips42t64"], &["libvips-dev"]),
    library(&["webp", "libwebp"], &["libwebp7"], &["libwebp-dev"]),
    library(&["xml2", "libxml-2.0"], &["libxml2"], &["libxml2-dev"]),
    library(&["z", "zlib"], &["zlib1g"], &["zlib1g-dev"]),
    library(&["zmq", "libzmq"], &["libzmq5"], &["libzmq3-dev"]),
    library(&["zstd", "libzstd"], &["libzstd1"], &["libzstd-dev"]),
];

/// Parts of the C library.
pub(crate) const OF_LIBC: &[&str] = &["c", "dl", "m", "pthread", "resolv", "rt", "util"];

/// Modules that do nothing without cgo, whose source is not in the tree, and the libraries that they
/// link: which, only their own source says.
///
/// Source: the modules' READMEs and `#cgo` lines, November 2026.
pub(crate) const CGO_MODULES: &[(&str, &[&str])] = &[
    ("github.com/chai2010/webp", &[]),
    ("github.com/confluentinc/confluent-kafka-go", &[]),
    ("github.com/davidbyttow/govips", &["vips"]),
    ("github.com/google/gopacket/pcap", &["pcap"]),
    ("github.com/h2non/bimg", &["vips"]),
    ("github.com/libgit2/git2go", &["git2"]),
    ("github.com/marcboeker/go-duckdb", &["stdc++"]),
    ("github.com/mattn/go-sqlite3", &[]),
    ("github.com/mutecomm/go-sqlcipher", &[]),
    ("github.com/otiai10/gosseract", &["tesseract", "leptonica", "stdc++"]),
    ("github.com/pebbe/zmq4", &["zmq"]),
    ("gopkg.in/gographics/imagick.v3", &["MagickWand"]),
];
