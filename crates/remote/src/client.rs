//! [`Client`]: the settings, and the connections that are kept open between downloads.

use std::sync::{Arc, Mutex, MutexGuard};

use ureq::config::Config;
use ureq::http::Uri;
use ureq::tls::TlsConfig;
use ureq::unversioned::resolver::DefaultResolver;
use ureq::unversioned::transport::DefaultConnector;
use ureq::{Agent, Proxy};

use crate::resolver::{DnsCache, FilteredResolver};
use crate::{ClientOptions, RemoteError, Url, UrlError, Wall, forward, trust};

/// Downloads things. Share it by reference among threads.
pub struct Client {
    pub(crate) options: ClientOptions,
    routes: Routes,
    agents: Mutex<Agents>,
}

/// How to get out, worked out from the options.
struct Routes {
    /// Without a proxy.
    config: Config,
    /// With the proxy for https.
    tunnelled: Option<Config>,
    has_trust: bool,
    forward: Option<Forward>,
    names: Arc<DnsCache>,
    wall: Option<Wall>,
}

/// A proxy for plain http.
struct Forward {
    uri: Uri,
    authorization: Option<String>,
}

/// Open connections by the way they go.
struct Agents {
    direct: Agent,
    forward: Option<Agent>,
    tunnel: Option<Agent>,
}

/// How one address is reached.
pub(crate) struct Route {
    pub(crate) agent: Agent,
    /// Whether a proxy connects to the host, and resolves its name.
    pub(crate) proxied: bool,
    /// Value of the `Proxy-Authorization` header.
    pub(crate) proxy_authorization: Option<String>,
}

impl Client {
    /// A client with these settings. Opens no connection yet.
    ///
    /// Errors: a CA bundle without a certificate, proxy addresses that are none.
    pub fn new(options: ClientOptions) -> Result<Client, RemoteError> {
        let routes = Routes::new(&options)?;
        let agents = Mutex::new(routes.agents());
        Ok(Client { options, routes, agents })
    }

    /// The settings.
    pub fn options(&self) -> &ClientOptions {
        &self.options
    }

    /// How to reach `url`.
    pub(crate) fn route(&self, url: &Url) -> Result<Route, RemoteError> {
        if url.is_https() && !self.routes.has_trust {
            return Err(RemoteError::NoTrust { url: url.clone() });
        }
        let agents = self.agents();
        let direct = self.options.proxy.is_direct(url.host(), url.port());
        let proxied = match url.is_https() {
            true => &agents.tunnel,
            false => &agents.forward,
        };
        match proxied {
            Some(agent) if !direct => Ok(Route {
                agent: agent.clone(),
                proxied: true,
                proxy_authorization: match (&self.routes.forward, url.is_https()) {
                    (Some(forward), false) => forward.authorization.clone(),
                    _ => None,
                },
            }),
            _ => {
                let agent = agents.direct.clone();
                Ok(Route { agent, proxied: false, proxy_authorization: None })
            }
        }
    }

    /// Closes all connections, also those that other threads wait on. Later downloads make new
    /// ones.
    pub(crate) fn hang_up(&self) {
        let old = std::mem::replace(&mut *self.agents(), self.routes.agents());
        old.direct.shutdown();
        old.forward.into_iter().chain(old.tunnel).for_each(Agent::shutdown);
    }

    fn agents(&self) -> MutexGuard<'_, Agents> {
        self.agents.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Routes {
    fn new(options: &ClientOptions) -> Result<Routes, RemoteError> {
        let tls = options.ca_bundle.as_deref().map(trust::tls).transpose()?;
        let tunnel = options.proxy.https.as_deref().map(tunnel_to).transpose()?;
        Ok(Routes {
            has_trust: tls.is_some(),
            config: config(options, tls.as_ref(), None),
            tunnelled: tunnel.map(|proxy| config(options, tls.as_ref(), Some(proxy))),
            forward: options.proxy.http.as_deref().map(forward_to).transpose()?,
            names: Arc::new(DnsCache::new(DefaultResolver::default())),
            wall: options.wall.clone(),
        })
    }

    fn agents(&self) -> Agents {
        let checked = |wall| FilteredResolver { names: Arc::clone(&self.names), wall };
        let agent =
            |config: &Config, wall| Agent::with_parts(config.clone(), DefaultConnector::new(), checked(wall));
        // The proxies' own addresses are the caller's choice and pass no wall.
        Agents {
            direct: agent(&self.config, self.wall.clone()),
            forward: self
                .forward
                .as_ref()
                .map(|to| forward::agent(self.config.clone(), to.uri.clone(), checked(None))),
            tunnel: self.tunnelled.as_ref().map(|config| agent(config, None)),
        }
    }
}

fn config(options: &ClientOptions, tls: Option<&TlsConfig>, proxy: Option<Proxy>) -> Config {
    let timeouts = &options.timeouts;
    let config = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        // Without this line the environment would be asked.
        .proxy(proxy)
        .user_agent(options.user_agent.clone())
        .accept_encoding("identity")
        .timeout_resolve(Some(timeouts.resolve))
        .timeout_connect(Some(timeouts.connect))
        .timeout_recv_response(Some(timeouts.response))
        .timeout_per_read(Some(timeouts.stall))
        .timeout_per_write(Some(timeouts.stall))
        .max_idle_connections(options.parallel.max(16))
        .max_idle_connections_per_host(options.parallel);
    match tls {
        Some(tls) => config.tls_config(tls.clone()).build(),
        None => config.build(),
    }
}

fn forward_to(text: &str) -> Result<Forward, RemoteError> {
    let wrong = |source| RemoteError::Proxy { scheme: "http", source };
    let url = proxy_url(text).map_err(wrong)?;
    if url.is_https() {
        let why = "a proxy for http addresses must itself be reached by http".to_owned();
        return Err(wrong(UrlError { text: url.to_string(), why }));
    }
    let uri = url
        .wire()
        .parse()
        .map_err(|_| wrong(UrlError { text: url.to_string(), why: "it cannot be requested".to_owned() }))?;
    Ok(Forward { uri, authorization: url.basic() })
}

fn tunnel_to(text: &str) -> Result<Proxy, RemoteError> {
    let wrong = |source| RemoteError::Proxy { scheme: "https", source };
    let url = proxy_url(text).map_err(wrong)?;
    let with_scheme = if text.contains("://") { text.to_owned() } else { format!("http://{text}") };
    Proxy::new(&with_scheme)
        .map_err(|error| wrong(UrlError { text: url.to_string(), why: error.to_string() }))
}

/// Proxies are often written without a scheme.
fn proxy_url(text: &str) -> Result<Url, UrlError> {
    if text.contains("://") { text.parse() } else { format!("http://{text}").parse() }
}
