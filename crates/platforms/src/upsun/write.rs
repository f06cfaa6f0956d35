//! Writes Upsun's `.upsun/config.yaml`.

use packwright_documents::to_yaml;

use crate::entries::Entries;
use crate::platformsh::dialect::Dialect;
use crate::platformsh::write::{application, names, rest, routes, services};
use crate::write::{Conversion, Converted};

/// Writes Upsun's file.
pub(crate) fn write(conversion: &Conversion<'_>) -> Converted {
    let mut converted = Converted::default();
    let model = conversion.model;
    let names = names(model);
    let mut applications = Entries::default();
    for (part, name) in model.components.iter().zip(&names) {
        let mut app = Entries::default();
        application(&mut app, Dialect::Upsun, model, part, name, &mut converted);
        applications.map(name, app);
    }
    let services = services(Dialect::Upsun, model, &mut converted);
    let routes = routes(model, &names, &mut converted);
    rest(Dialect::Upsun, model, &mut converted);
    let mut file = Entries::default();
    file.map("applications", applications).map("services", services).map("routes", routes);
    if !file.is_empty() {
        converted.file(".upsun/config.yaml", to_yaml(&file.value()));
    }
    converted
}
