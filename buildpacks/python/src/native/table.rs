//! The table of Debian packages that Python packages need. Names are those of trixie.
//!
//! A row is only there when something is needed: requirements whose wheels bring all they load
//! (opencv-python-headless, shapely, fiona, rasterio, h5py, confluent-kafka, pymssql, pyodbc's
//! manager, psutil, …) have none, but for those that are often built all the same. Whether there are wheels
//! for Linux with glibc was asked of the index for Python 3.11 and 3.13 in November 2026.

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
const fn rebuilt(
    name: &'static str,
    build: &'static [&'static str],
    run: &'static [&'static str],
    why: &'static str,
) -> Row {
    Row { name, unless: &[], wheels: Wheels::Complete, native: Native { run, build, why } }
}

/// A requirement that is compiled.
const fn source(
    name: &'static str,
    build: &'static [&'static str],
    run: &'static [&'static str],
    why: &'static str,
) -> Row {
    Row { name, unless: &[], wheels: Wheels::None, native: Native { run, build, why } }
}

/// A requirement with wheels, or of Python alone, that uses something of the system.
const fn uses(name: &'static str, run: &'static [&'static str], why: &'static str) -> Row {
    Row { name, unless: &[], wheels: Wheels::Using, native: Native { run, build: &[], why } }
}

/// Finds libraries by name: `ctypes.util.find_library` asks `ldconfig`.
const LDCONFIG: &str = "libc-bin";

/// Python's shared library, whose package's name ends in the version.
pub(super) const LIBPYTHON: &str = "libpython";

const CAIRO: &str = "loads cairo";
const FFMPEG: &str = "starts ffmpeg";
const GHOSTSCRIPT: &str = "uses ghostscript";
const GEO: &[&str] = &[LDCONFIG, "libgdal36", "libgeos-c1t64", "libproj25", "proj-data"];
const OPENCV: &[&str] = &["libgl1", "libglib2.0-0t64"];
const OPENCV_WHY: &str = "loads OpenGL and GLib for its windows; opencv-python-headless needs neither";
const PANGO: &[&str] = &["libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fonts-dejavu-core"];
const POPPLER: &str = "starts pdftoppm";
const PORTAUDIO: &[&str] = &[LDCONFIG, "libportaudio2"];
const TESSERACT: &[&str] = &["tesseract-ocr"];

/// The requirements, in the order of their names.
pub(super) const TABLE: &[Row] = &[
    uses("cairocffi", &[LDCONFIG, "libcairo2"], CAIRO),
    uses("cairosvg", &[LDCONFIG, "libcairo2"], CAIRO),
    uses("camelot-py", &["ghostscript"], GHOSTSCRIPT),
    rebuilt("cffi", &["libffi-dev"], &["libffi8"], "is built from source and loads libffi"),
    source("dlib", &["cmake"], &[], "is published as source"),
    uses("ffmpeg-python", &["ffmpeg"], FFMPEG),
    uses("ffmpy", &["ffmpeg"], FFMPEG),
    source("gdal", &["libgdal-dev"], &["libgdal36"], "is published as source and loads GDAL"),
    uses("ghostscript", &[LDCONFIG, "ghostscript"], GHOSTSCRIPT),
    // It ends the program that imports it without git; those named catch that, and rarely need it.
    Row { unless: &["streamlit", "mlflow", "wandb"], ..uses("gitpython", &["git"], "starts git") },
    uses("graphviz", &["graphviz"], "starts dot"),
    source("gssapi", &["libkrb5-dev"], &["libgssapi-krb5-2"], "is published as source and loads Kerberos"),
    source("kerberos", &["libkrb5-dev"], &["libgssapi-krb5-2"], "is published as source and loads Kerberos"),
    rebuilt(
        "lxml",
        &["libxml2-dev", "libxslt1-dev"],
        &["libxml2", "libxslt1.1"],
        "is built from source and loads libxml2 and libxslt",
    ),
    source(
        "mysqlclient",
        &["libmariadb-dev"],
        &["libmariadb3"],
        "is published as source and loads MariaDB's client",
    ),
    source("netifaces", &[], &[], "is published as source"),
    uses("ocrmypdf", &["ghostscript", "tesseract-ocr"], "starts tesseract and ghostscript"),
    uses("openai-whisper", &["ffmpeg"], FFMPEG),
    // Also where the headless one is there: both write the files of `cv2`, and either may be what is left.
    uses("opencv-contrib-python", OPENCV, OPENCV_WHY),
    uses("opencv-python", OPENCV, OPENCV_WHY),
    uses("pdf2image", &["poppler-utils"], POPPLER),
    source(
        "pdftotext",
        &["libpoppler-cpp-dev"],
        &["libpoppler-cpp2"],
        "is published as source and loads poppler",
    ),
    rebuilt(
        "pillow",
        &["libjpeg-dev", "zlib1g-dev"],
        &["libjpeg62-turbo", "zlib1g"],
        "is built from source and loads libjpeg",
    ),
    // Its wheels are the packages psycopg-binary and psycopg-c; alone it is Python and ctypes.
    Row {
        unless: &["psycopg-binary", "psycopg-c"],
        ..uses("psycopg", &[LDCONFIG, "libpq5"], "loads PostgreSQL's client")
    },
    source("psycopg-c", &["libpq-dev"], &["libpq5"], "is published as source and loads PostgreSQL's client"),
    source("psycopg2", &["libpq-dev"], &["libpq5"], "is published as source and loads PostgreSQL's client"),
    rebuilt(
        "psycopg2-binary",
        &["libpq-dev"],
        &["libpq5"],
        "is built from source and loads PostgreSQL's client",
    ),
    source("pyaudio", &["portaudio19-dev"], &["libportaudio2"], "is published as source and loads PortAudio"),
    source("pycairo", &["libcairo2-dev"], &["libcairo2"], "is published as source and loads cairo"),
    uses("pydub", &["ffmpeg"], FFMPEG),
    uses(
        "pyenchant",
        &[LDCONFIG, "libenchant-2-2", "hunspell-en-us"],
        "loads enchant, and needs a dictionary",
    ),
    source(
        "pygobject",
        &["libgirepository-2.0-dev", "libcairo2-dev"],
        &["libgirepository-2.0-0"],
        "is published as source and loads GObject's introspection",
    ),
    source(
        "pylibmc",
        &["libmemcached-dev", "zlib1g-dev", "libsasl2-dev"],
        &["libmemcached11t64"],
        "is published as source and loads libmemcached",
    ),
    uses("pypandoc", &["pandoc"], "starts pandoc"),
    uses("pysaml2", &["xmlsec1"], "starts xmlsec1"),
    uses("pytesseract", TESSERACT, "starts tesseract"),
    uses("python-ffmpeg", &["ffmpeg"], FFMPEG),
    uses("python-gnupg", &["gnupg"], "starts gpg"),
    source(
        "python-ldap",
        &["libldap-dev", "libsasl2-dev"],
        &["libldap2"],
        "is published as source and loads OpenLDAP",
    ),
    uses("python-magic", &["libmagic1t64"], "loads libmagic"),
    uses("python-nmap", &["nmap"], "starts nmap"),
    uses("pyvips", &[LDCONFIG, "libvips42t64"], "loads libvips"),
    uses("pyzbar", &[LDCONFIG, "libzbar0t64"], "loads zbar"),
    uses("sounddevice", PORTAUDIO, "loads PortAudio"),
    source("uwsgi", &[], &[LIBPYTHON], "is published as source and is linked to Python's library"),
    uses("wand", &[LDCONFIG, "libmagickwand-7.q16-10"], "loads ImageMagick"),
    uses("weasyprint", PANGO, "loads Pango, and needs a font to write with"),
    uses("yt-dlp", &["ffmpeg"], FFMPEG),
];

/// Applications among Django's INSTALLED_APPS, in the order of their names.
pub(super) const APPS: &[Row] = &[uses("django.contrib.gis", GEO, "loads GDAL, GEOS and PROJ")];
