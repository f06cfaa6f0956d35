//! Routes: the applications that can be reached from outside, and their domains.

use std::collections::BTreeSet;

use packwright_planner::{Diagnostic, Requested};

use crate::platformsh::dialect::Dialect;
use crate::table::Table;

/// What the routes of a project say.
#[derive(Debug, Clone, Default)]
pub(crate) struct Routes {
    /// The applications that are reached from outside; all are when no route is declared.
    upstreams: BTreeSet<String>,
    /// Names that are no placeholders.
    pub(crate) domains: Vec<Requested<String>>,
}

impl Routes {
    /// Reads a map of routes by address.
    pub(crate) fn read(dialect: Dialect, table: &Table<'_>) -> Routes {
        let mut routes = Routes::default();
        for (address, route) in table.all_tables() {
            route.leave(&["primary", "id", "attributes", "cache", "ssi", "redirects", "tls"]);
            let kind = route.text("type").map(|kind| kind.value);
            let (upstream, to) = (route.text("upstream"), route.text("to"));
            match (kind.as_deref(), upstream, to) {
                (Some("upstream") | None, Some(upstream), _) => {
                    let app = upstream.value.split(':').next().unwrap_or_default().to_owned();
                    routes.upstreams.insert(app);
                    routes.domain(dialect, &address, &route);
                }
                (Some("redirect") | None, _, Some(_)) => {}
                _ => {
                    if let packwright_planner::Origin::File { line: Some(line), .. } = route.origin() {
                        let message = format!("the route `{address}` leads nowhere");
                        let fix = "write `type: upstream` with `upstream`, or `type: redirect` with `to`";
                        route.document().refuse(line, &message, fix);
                    }
                }
            }
        }
        routes
    }

    /// Takes in the routes of another file.
    pub(crate) fn extend(&mut self, other: Routes) {
        self.upstreams.extend(other.upstreams);
        self.domains.extend(other.domains);
    }

    /// Whether a route leads to the application, as far as routes are declared.
    pub(super) fn lead_to(&self, app: &str) -> bool {
        self.upstreams.is_empty() || self.upstreams.contains(app)
    }

    /// The name in an address, unless it is one of the platform's placeholders.
    fn domain(&mut self, dialect: Dialect, address: &str, route: &Table<'_>) {
        let Some((_, rest)) = address.split_once("://") else {
            let origin = route.origin();
            let message = format!("{origin}: the route `{address}` is no address");
            route.document().say(
                Diagnostic::warning(&dialect.code("value"), message)
                    .fix("write one such as `https://{default}/`")
                    .at(origin),
            );
            return;
        };
        let host = rest.split('/').next().unwrap_or_default();
        let known = self.domains.iter().any(|domain| domain.value == host);
        if !host.is_empty() && !host.contains('{') && !known {
            self.domains.push(Requested { value: host.to_owned(), origin: route.origin() });
        }
    }
}
