//! Plain http through a proxy: the proxy is asked for the whole address.
//!
//! `ureq` knows proxies by `CONNECT` alone, which proxies refuse for port 80 as a rule (Squid
//! does by default). So the connection is made to the proxy instead of the host, and the first
//! line of each request is rewritten from `GET /path` to `GET http://host/path`.
//!
//! Source: RFC 9112, section 3.2.2, "absolute-form".

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, NextTimeout, TcpConnector, Transport,
};

/// An agent that sends http requests through the proxy at `proxy`.
pub(crate) fn agent(config: Config, proxy: Uri) -> ureq::Agent {
    let connector = ().chain(TcpConnector::default()).chain(AbsoluteForm);
    let resolver = ProxyResolver { proxy, resolver: DefaultResolver::default() };
    ureq::Agent::with_parts(config, connector, resolver)
}

/// Gives the proxy's addresses whatever host is asked for. The proxy resolves that one.
#[derive(Debug)]
struct ProxyResolver {
    proxy: Uri,
    resolver: DefaultResolver,
}

impl Resolver for ProxyResolver {
    fn resolve(&self, _: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        self.resolver.resolve(&self.proxy, config, timeout)
    }
}

#[derive(Debug)]
struct AbsoluteForm;

impl<In: Transport> Connector<In> for AbsoluteForm {
    type Out = ToProxy<In>;

    fn connect(
        &self,
        details: &ConnectionDetails<'_>,
        chained: Option<In>,
    ) -> Result<Option<ToProxy<In>>, Error> {
        let authority = details.uri.authority().map(|authority| authority.as_str());
        let origin = format!("http://{}", authority.unwrap_or_default());
        Ok(chained.map(|inner| ToProxy { inner, origin }))
    }
}

/// A connection to the proxy, for the requests of one host.
#[derive(Debug)]
struct ToProxy<In> {
    inner: In,
    origin: String,
}

/// What a request begins with; bodies are never sent, so nothing else is.
const METHOD: &[u8] = b"GET ";

impl<In: Transport> Transport for ToProxy<In> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let added = self.origin.len();
        let output = self.inner.buffers().output();
        if !output[..amount].starts_with(b"GET /") {
            return self.inner.transmit_output(amount, timeout);
        }
        if amount + added > output.len() {
            return Err(Error::BodyExceedsLimit(output.len() as u64));
        }
        output.copy_within(METHOD.len()..amount, METHOD.len() + added);
        output[METHOD.len()..METHOD.len() + added].copy_from_slice(self.origin.as_bytes());
        self.inner.transmit_output(amount + added, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.inner.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }
}
