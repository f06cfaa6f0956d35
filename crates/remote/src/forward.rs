//! Plain http through a proxy: the proxy is asked for the whole address.
//!
//! `ureq` knows proxies by `CONNECT` alone, which proxies refuse for port 80 as a rule (Squid
//! does by default). So the connection is made to the proxy instead of the host, and the first
//! line of each request is rewritten from `GET /path` to `GET http://host/path`, whatever its method.
//!
//! Source: RFC 9112, section 3.2.2, "absolute-form".

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, NextTimeout, TcpConnector, Transport,
};

use crate::resolver::FilteredResolver;

/// An agent that sends http requests through the proxy at `proxy`, whose name `resolver` knows.
pub(crate) fn agent(config: Config, proxy: Uri, resolver: FilteredResolver) -> ureq::Agent {
    let connector = ().chain(TcpConnector::default()).chain(AbsoluteForm);
    let resolver = ProxyResolver { proxy, resolver };
    ureq::Agent::with_parts(config, connector, resolver)
}

/// Gives the proxy's addresses whatever host is asked for. The proxy resolves that one.
#[derive(Debug)]
struct ProxyResolver {
    proxy: Uri,
    resolver: FilteredResolver,
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
        Ok(chained.map(|inner| ToProxy { inner, origin, next: Next::Head }))
    }
}

/// A connection to the proxy, for the requests of one host.
#[derive(Debug)]
struct ToProxy<In> {
    inner: In,
    origin: String,
    next: Next,
}

/// What is sent next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    /// The first line of a request.
    Head,
    /// What belongs to it; until an answer is waited for.
    Rest,
}

impl<In: Transport> Transport for ToProxy<In> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.inner.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        if self.next == Next::Rest {
            return self.inner.transmit_output(amount, timeout);
        }
        self.next = Next::Rest;
        let added = self.origin.len();
        let output = self.inner.buffers().output();
        // `METHOD /path`: a method has no slash.
        let Some(at) = output[..amount].windows(2).position(|pair| pair == b" /").map(|space| space + 1)
        else {
            return self.inner.transmit_output(amount, timeout);
        };
        if amount + added > output.len() {
            return Err(Error::BodyExceedsLimit(output.len() as u64));
        }
        output.copy_within(at..amount, at + added);
        output[at..at + added].copy_from_slice(self.origin.as_bytes());
        self.inner.transmit_output(amount + added, timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.next = Next::Head;
        self.inner.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.inner.is_open()
    }
}
