//! Which of several images that are built in one directory is the application's. Descriptions of containers often build
//! helpers from Dockerfiles beside the application's: a mail catcher, a database with extensions, a proxy. This module
//! decides nothing about services that are not built.

use crate::dir_view::DirView;
use crate::dockerfile;

/// The Dockerfile that builders look for by themselves.
///
/// Source: compose-spec, build.md, `dockerfile`: "an alternate Dockerfile".
const USUAL: &str = "Dockerfile";

/// An image that services build in one directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BuiltImage {
    /// Its Dockerfile, a path from the directory.
    dockerfile: String,
    /// How many services run it.
    services: usize,
    /// Whether one of them is reached from outside.
    is_reached: bool,
    /// Whether it is made of the source, as far as its Dockerfile says.
    is_of_source: bool,
}

/// The images of one directory, in the order of the services that run them.
#[derive(Debug, Default)]
pub(crate) struct BuiltImages(Vec<BuiltImage>);

impl BuiltImages {
    /// Adds a service with the image of this Dockerfile. `mounts` says that it has the source mounted, as services for
    /// development have it: their image need not copy it.
    pub(crate) fn add(&mut self, view: &DirView<'_>, dockerfile: &str, is_reached: bool, mounts: bool) {
        let dockerfile = plain(dockerfile);
        let place = match self.0.iter().position(|known| known.dockerfile == dockerfile) {
            Some(place) => place,
            None => {
                let is_of_source = dockerfile::is_of_source(view, dockerfile).unwrap_or(true);
                let dockerfile = dockerfile.to_owned();
                self.0.push(BuiltImage { dockerfile, services: 0, is_reached: false, is_of_source });
                self.0.len() - 1
            }
        };
        let image = &mut self.0[place];
        image.services += 1;
        image.is_reached |= is_reached;
        image.is_of_source |= mounts;
    }

    /// The Dockerfile of the application: of those that are made of the source the usual one, else the only one that
    /// is reached from outside, else the one that most services run, else the first. Nothing without images.
    pub(crate) fn application(&self) -> Option<&str> {
        let any = self.0.iter().any(|image| image.is_of_source);
        let own: Vec<&BuiltImage> = self.0.iter().filter(|image| image.is_of_source || !any).collect();
        let usual = own.iter().find(|image| image.dockerfile == USUAL);
        let mut reached = own.iter().filter(|image| image.is_reached);
        let reached = reached.next().filter(|_| reached.next().is_none());
        let most = own.iter().map(|image| image.services).max();
        let chosen = usual.or(reached).or(own.iter().find(|image| Some(image.services) == most));
        chosen.map(|image| image.dockerfile.as_str())
    }

    /// Whether the image of this Dockerfile is made of the source.
    pub(crate) fn is_of_source(&self, dockerfile: &str) -> bool {
        let dockerfile = plain(dockerfile);
        self.0.iter().any(|image| image.dockerfile == dockerfile && image.is_of_source)
    }
}

/// Whether two paths name the same Dockerfile.
pub(crate) fn is_same(dockerfile: &str, other: &str) -> bool {
    plain(dockerfile) == plain(other)
}

fn plain(dockerfile: &str) -> &str {
    dockerfile.trim_start_matches("./")
}
