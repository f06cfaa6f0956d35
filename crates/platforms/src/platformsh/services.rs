//! Backing services: `.platform/services.yaml`, and `services` in Upsun's file.

use packwright_planner::{BackingService, ServiceKind};

use super::variables::RELATIONSHIPS;
use crate::platformsh::dialect::Dialect;
use crate::table::Table;

/// Reads a map of services by name.
pub(crate) fn services(dialect: Dialect, table: &Table<'_>) -> Vec<BackingService> {
    let mut services = Vec::new();
    for (name, service) in table.all_tables() {
        service.leave(&[
            "access",
            "configuration",
            "relationships",
            "firewall",
            "resources",
            "container_profile",
        ]);
        let size = service.text("size").map(|size| size.value);
        let disk = service.number("disk").map(|disk| format!("{} MB", disk.value));
        let origin = service.origin();
        let Some(kind) = service.text("type") else {
            if let packwright_planner::Origin::File { line: Some(line), .. } = origin {
                let message = format!("the service `{name}` has no `type`");
                service.document().refuse(line, &message, "write one, such as `type: 'postgresql:16'`");
            }
            continue;
        };
        let (word, version) = match kind.value.split_once(':') {
            Some((word, version)) => (word, Some(version.to_owned())),
            None => (kind.value.as_str(), None),
        };
        let plan: Vec<String> = size.into_iter().chain(disk).collect();
        services.push(BackingService {
            name,
            kind: ServiceKind::of(word),
            version: version.filter(|version| !version.is_empty()),
            plan: (!plan.is_empty()).then(|| plan.join(", ")),
            tells: match dialect {
                Dialect::Platformsh => vec![RELATIONSHIPS.to_owned()],
                // The variables are named by the relationships, and are variables of the
                // applications that have them.
                Dialect::Upsun => Vec::new(),
            },
            origin: kind.origin,
        });
    }
    services
}
