//! What downloads and steps with network need of this machine: certificate authorities, name
//! resolution, proxies.

use std::fs;
use std::path::{Path, PathBuf};

use packwright::HostFiles;
use packwright::remote::{Client, ClientOptions, ProxySettings};

use super::environment::{Host, Located};
use crate::report::{Failure, Report};

/// Where distributions keep the bundle of certificate authorities that they trust: Debian and
/// Alpine, Fedora, openSUSE, CentOS, the path inside ca-trust, FreeBSD's path that some use.
const CA_BUNDLES: &[&str] = &[
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

impl Host {
    /// The bundle of certificate authorities to trust; `None` when this machine has none in the
    /// usual places.
    ///
    /// Errors: SSL_CERT_FILE names no file.
    pub(crate) fn ca_bundle(&self) -> Result<Option<Located>, Failure> {
        if let Some(named) = self.raw("SSL_CERT_FILE") {
            let path = self.absolute(Path::new(named));
            return match path.is_file() {
                true => Ok(Some(Located { path, origin: "SSL_CERT_FILE".to_owned() })),
                false => Err(Failure::usage(
                    Report::new(format!("SSL_CERT_FILE names `{}`, which is no file", path.display()))
                        .fix("name a file with certificates in PEM, or unset it"),
                )),
            };
        }
        let found = CA_BUNDLES.iter().map(Path::new).find(|path| path.is_file());
        Ok(found.map(|path| Located { path: path.to_owned(), origin: "the system's own".to_owned() }))
    }

    /// Files of this machine that steps with network see.
    pub(crate) fn host_files(&self) -> Result<HostFiles, Failure> {
        let present = |path: &str| Some(PathBuf::from(path)).filter(|path| path.is_file());
        let mut files = HostFiles::default();
        files.ca_bundle = self.ca_bundle()?.map(|found| found.path);
        files.resolv_conf = present("/etc/resolv.conf");
        files.hosts = present("/etc/hosts");
        Ok(files)
    }

    /// The proxies, by curl's convention: lower case counts first, and `HTTP_PROXY` in capitals is
    /// ignored when a web server runs the command as CGI, since a visitor could set it.
    ///
    /// Source: curl(1), "ENVIRONMENT"; <https://httpoxy.org>.
    pub(crate) fn proxies(&self) -> Result<ProxySettings, Failure> {
        let either = |small: &str, large: &str| match self.text(small)? {
            Some(value) => Ok(Some(value)),
            None => self.text(large),
        };
        let everything = either("all_proxy", "ALL_PROXY")?;
        let http = match self.raw("REQUEST_METHOD") {
            None => either("http_proxy", "HTTP_PROXY")?,
            Some(_) => self.text("http_proxy")?,
        };
        Ok(ProxySettings {
            http: http.or_else(|| everything.clone()),
            https: either("https_proxy", "HTTPS_PROXY")?.or(everything),
            no_proxy: either("no_proxy", "NO_PROXY")?,
        })
    }

    /// The HTTP client.
    pub(crate) fn client(&self) -> Result<Client, Failure> {
        let ca_bundle = match self.ca_bundle()? {
            None => None,
            Some(found) => Some(fs::read(&found.path).map_err(|error| {
                Report::new(format!("the certificates in `{}` cannot be read", found.path.display()))
                    .because(&error)
                    .fix("make the file readable, or name another one in SSL_CERT_FILE")
            })?),
        };
        let options = ClientOptions { ca_bundle, proxy: self.proxies()?, ..ClientOptions::default() };
        Client::new(options).map_err(|error| Report::of(&error, error.fix()).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxies_follow_the_customs() {
        let set = |variables: &[(&str, &str)]| Host::with(variables).proxies().unwrap();
        let all =
            [("HTTP_PROXY", "http://large"), ("http_proxy", "http://small"), ("ALL_PROXY", "http://all")];
        assert_eq!(set(&all).http.as_deref(), Some("http://small"));
        assert_eq!(set(&all).https.as_deref(), Some("http://all"));
        let cgi = [("HTTP_PROXY", "http://large"), ("REQUEST_METHOD", "GET")];
        assert_eq!(set(&cgi).http, None);
    }
}
