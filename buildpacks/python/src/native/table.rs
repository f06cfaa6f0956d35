//! The table of Debian packages that Python packages need. Names are those of trixie.
//!
//! A row says what no file of the image can tell: what is needed to compile a requirement, which programs it starts,
//! which libraries it loads by name when it runs (`ctypes`), which fonts it writes with. Libraries that an extension
//! module is linked to have no row: the engine finds them in the module when it is there, and adds their packages.
//! Whether there are wheels for Linux with glibc was asked of the index for Python 3.11 and 3.13 in November 2026.

use packwright_buildpack::native::Native;

/// What one requirement needs.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// Normalised name of the requirement, or the name of the Django application.
    pub(super) name: &'static str,
    /// Requirements beside it that make all this unnecessary.
    pub(super) unless: &'static [&'static str],
    /// When it is compiled, and when the row counts.
    pub(super) wheels: Wheels,
    /// The packages, besides the compiler and the headers of Python.
    pub(super) native: Native,
}

/// Whether a requirement is published as wheels for Linux.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wheels {
    /// Never: it is compiled.
    None,
    /// They bring all they load; the row counts when it is compiled all the same.
    Complete,
    /// They, or its plain Python, use what the row names.
    Using,
}

/// A requirement whose wheels need nothing, and whose source does.
const fn rebuilt(name: &'static str, build: &'static [&'static str], why: &'static str) -> Row {
    Row { name, unless: &[], wheels: Wheels::Complete, native: Native { run: &[], build, why } }
}

/// A requirement that is compiled.
const fn source(name: &'static str, build: &'static [&'static str], why: &'static str) -> Row {
    Row { name, unless: &[], wheels: Wheels::None, native: Native { run: &[], build, why } }
}

/// A requirement with wheels, or of Python alone, that uses something of the system.
const fn uses(name: &'static str, run: &'static [&'static str], why: &'static str) -> Row {
    Row { name, unless: &[], wheels: Wheels::Using, native: Native { run, build: &[], why } }
}

/// Finds libraries by name: `ctypes.util.find_library` asks `ldconfig`.
const LDCONFIG: &str = "libc-bin";

const CAIRO: &str = "loads cairo";
const FFMPEG: &str = "starts ffmpeg";
const GHOSTSCRIPT: &str = "uses ghostscript";
const GEO: &[&str] = &[LDCONFIG, "libgdal36", "libgeos-c1t64", "libproj25", "proj-data"];
const ESPEAK: &str = "starts espeak-ng, or loads its library";
const GRAPHVIZ: &[&str] = &["graphviz", "fonts-liberation"];
const GRAPHVIZ_WHY: &str = "starts dot, which needs a font to write with";
const PANGO: &[&str] = &["libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fonts-dejavu-core"];
const POPPLER: &str = "starts pdftoppm";
const PORTAUDIO: &[&str] = &[LDCONFIG, "libportaudio2"];
const TESSERACT: &[&str] = &["tesseract-ocr"];
const WKHTMLTOPDF: &[&str] = &["wkhtmltopdf"];
const WKHTMLTOPDF_WHY: &str = "starts wkhtmltopdf";

/// Packages that Debian has in bookworm and not later. Source: the archive's own indexes.
pub(super) const UNTIL_BOOKWORM: &[&str] = &["wkhtmltopdf"];

/// The requirements, in the order of their names.
pub(super) const TABLE: &[Row] = &[
    uses("cairocffi", &[LDCONFIG, "libcairo2"], CAIRO),
    uses(
        "cairosvg",
        &[LDCONFIG, "libcairo2", "fonts-dejavu-core"],
        "loads cairo, and needs a font to write with",
    ),
    uses("camelot-py", &["ghostscript"], GHOSTSCRIPT),
    rebuilt("cffi", &["libffi-dev"], "is built from source and loads libffi"),
    source("dlib", &["cmake"], "is published as source"),
    uses("ffmpeg-python", &["ffmpeg"], FFMPEG),
    uses("ffmpy", &["ffmpeg"], FFMPEG),
    // Source: its `magic.py`: `find_library('magic')`.
    uses("file-magic", &[LDCONFIG, "libmagic1t64"], "loads libmagic"),
    source("gdal", &["libgdal-dev"], "is published as source and loads GDAL"),
    uses("ghostscript", &[LDCONFIG, "ghostscript"], GHOSTSCRIPT),
    // It ends the program that imports it without git; those named catch that, and rarely need it.
    Row { unless: &["streamlit", "mlflow", "wandb"], ..uses("gitpython", &["git"], "starts git") },
    uses("graphviz", GRAPHVIZ, GRAPHVIZ_WHY),
    source("gssapi", &["libkrb5-dev"], "is published as source and loads Kerberos"),
    // Source: its README and that of pdfkit.
    uses("imgkit", WKHTMLTOPDF, WKHTMLTOPDF_WHY),
    source("kerberos", &["libkrb5-dev"], "is published as source and loads Kerberos"),
    rebuilt("lxml", &["libxml2-dev", "libxslt1-dev"], "is built from source and loads libxml2 and libxslt"),
    source("mysqlclient", &["libmariadb-dev"], "is published as source and loads MariaDB's client"),
    source("netifaces", &[], "is published as source"),
    uses("ocrmypdf", &["ghostscript", "tesseract-ocr"], "starts tesseract and ghostscript"),
    uses("openai-whisper", &["ffmpeg"], FFMPEG),
    uses("pdf2image", &["poppler-utils"], POPPLER),
    uses("pdfkit", WKHTMLTOPDF, WKHTMLTOPDF_WHY),
    source("pdftotext", &["libpoppler-cpp-dev"], "is published as source and loads poppler"),
    // Source: its README, "System Deps": it starts espeak and its like.
    uses("phonemizer", &[LDCONFIG, "libespeak-ng1"], ESPEAK),
    rebuilt("pillow", &["libjpeg-dev", "zlib1g-dev"], "is built from source and loads libjpeg"),
    // Its wheels are the packages psycopg-binary and psycopg-c; alone it is Python and ctypes.
    Row {
        unless: &["psycopg-binary", "psycopg-c"],
        ..uses("psycopg", &[LDCONFIG, "libpq5"], "loads PostgreSQL's client")
    },
    source("psycopg-c", &["libpq-dev"], "is published as source and loads PostgreSQL's client"),
    source("psycopg2", &["libpq-dev"], "is published as source and loads PostgreSQL's client"),
    rebuilt("psycopg2-binary", &["libpq-dev"], "is built from source and loads PostgreSQL's client"),
    source("pyaudio", &["portaudio19-dev"], "is published as source and loads PortAudio"),
    source("pycairo", &["libcairo2-dev"], "is published as source and loads cairo"),
    // Source: its README: "needs graphviz's binaries".
    uses("pydot", GRAPHVIZ, GRAPHVIZ_WHY),
    uses("pydub", &["ffmpeg"], FFMPEG),
    uses(
        "pyenchant",
        &[LDCONFIG, "libenchant-2-2", "hunspell-en-us"],
        "loads enchant, and needs a dictionary",
    ),
    source(
        "pygobject",
        &["libgirepository-2.0-dev", "libcairo2-dev"],
        "is published as source and loads GObject's introspection",
    ),
    // Linked to graphviz's libraries, and `layout` starts its programs. Source: its install page.
    Row {
        native: Native { run: GRAPHVIZ, build: &["libgraphviz-dev"], why: GRAPHVIZ_WHY },
        ..source("pygraphviz", &[], GRAPHVIZ_WHY)
    },
    // Source: its `wrapper.py`: `ctypes.util.find_library('dmtx')`.
    uses("pylibdmtx", &[LDCONFIG, "libdmtx0t64"], "loads libdmtx"),
    source(
        "pylibmc",
        &["libmemcached-dev", "zlib1g-dev", "libsasl2-dev"],
        "is published as source and loads libmemcached",
    ),
    uses("pypandoc", &["pandoc"], "starts pandoc"),
    uses("pysaml2", &["xmlsec1"], "starts xmlsec1"),
    uses("pytesseract", TESSERACT, "starts tesseract"),
    uses("python-ffmpeg", &["ffmpeg"], FFMPEG),
    uses("python-gnupg", &["gnupg"], "starts gpg"),
    source("python-ldap", &["libldap-dev", "libsasl2-dev"], "is published as source and loads OpenLDAP"),
    uses("python-magic", &["libmagic1t64"], "loads libmagic"),
    uses("python-nmap", &["nmap"], "starts nmap"),
    // Source: its `drivers/espeak.py`.
    uses("pyttsx3", &[LDCONFIG, "libespeak-ng1"], ESPEAK),
    // Source: its `backend/libusb1.py`: `find_library` of `usb-1.0`.
    uses("pyusb", &[LDCONFIG, "libusb-1.0-0"], "loads libusb"),
    uses("pyvips", &[LDCONFIG, "libvips42t64"], "loads libvips"),
    uses("pyzbar", &[LDCONFIG, "libzbar0t64"], "loads zbar"),
    uses("sounddevice", PORTAUDIO, "loads PortAudio"),
    source("uwsgi", &[], "is published as source and is linked to Python's library"),
    uses("wand", &[LDCONFIG, "libmagickwand-7.q16-10"], "loads ImageMagick"),
    uses("weasyprint", PANGO, "loads Pango, and needs a font to write with"),
    uses("yt-dlp", &["ffmpeg"], FFMPEG),
];

/// Applications among Django's INSTALLED_APPS, in the order of their names.
pub(super) const APPS: &[Row] = &[uses("django.contrib.gis", GEO, "loads GDAL, GEOS and PROJ")];
