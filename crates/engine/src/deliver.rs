//! [`deliver`]: writes an image to a [`Destination`], or into any [`ImageSink`].

use std::io::{self, Read};

use packwright_oci::archive::{DockerArchive, OciArchive};
use packwright_oci::{ContentSource, Digest, Image, ImageSink};

use crate::context::BuildContext;
use crate::destination::Destination;
use crate::error::BuildError;
use crate::layout_dir::LayoutDir;
use crate::whole_file::whole_file;

/// Writes `image`, whose layers are in the context's store, to `destination`. `epoch` is the
/// time of an archive's members, in seconds since 1970.
///
/// A layout keeps its other images, and blobs it has already when they have the right digest. Archives are
/// written anew, and like indexes beside their place and renamed into it.
pub fn deliver(
    context: &BuildContext<'_>,
    image: &Image,
    epoch: u64,
    destination: &Destination,
) -> Result<(), BuildError> {
    match destination {
        Destination::Layout { dir, tag } => {
            context.check_cancelled()?;
            let layout = LayoutDir { dir: dir.clone(), tag: tag.clone() };
            let waiting = &mut context.waiting("the image layout");
            match layout.write(image, &CancellableBlobs(context), Some(context.store), waiting) {
                Err(_) if context.cancellation.is_cancelled() => Err(BuildError::Cancelled),
                result => result,
            }
        }
        Destination::OciArchive { file, tag } => whole_file(file, |out| {
            deliver_to(context, image, &mut OciArchive { out, name: Some(tag.clone()), epoch })
        }),
        Destination::DockerArchive { file, name } => whole_file(file, |out| {
            let names = name.iter().cloned().collect();
            deliver_to(context, image, &mut DockerArchive { out, names, epoch })
        }),
    }
}

/// Puts `image`, whose layers are in the context's store, into `sink`: a registry, say.
pub fn deliver_to(
    context: &BuildContext<'_>,
    image: &Image,
    sink: &mut dyn ImageSink,
) -> Result<(), BuildError> {
    context.check_cancelled()?;
    match sink.put(image, &CancellableBlobs(context)) {
        // Whatever the sink made of layers that could not be read.
        Err(_) if context.cancellation.is_cancelled() => Err(BuildError::Cancelled),
        result => Ok(result?),
    }
}

/// The store's blobs, until the build is cancelled.
struct CancellableBlobs<'a>(&'a BuildContext<'a>);

impl ContentSource for CancellableBlobs<'_> {
    fn open(&self, digest: &Digest) -> io::Result<Box<dyn Read + '_>> {
        self.0.check_cancelled().map_err(io::Error::other)?;
        Ok(Box::new(self.0.store.open_blob(digest)?))
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use packwright_oci::{DiffId, ImageConfig, LayerDescriptor};
    use packwright_remote::{Client, ClientOptions};
    use packwright_store::Store;

    use super::*;
    use crate::cancellation::Cancellation;
    use crate::event::Event;

    #[test]
    fn a_layout_whose_writing_was_interrupted_is_taken_up_again() {
        let dir = tempfile::tempdir().unwrap();
        let store = Store::open(&dir.path().join("store")).unwrap();
        let client = Client::new(ClientOptions::default()).unwrap();
        let stop = Cancellation::new().unwrap();
        let told = std::sync::Mutex::new(Vec::new());
        // A wait ends when it has been told: no clock decides.
        let events = |event| {
            let waits = matches!(event, Event::Waiting { .. });
            told.lock().unwrap().push(event);
            if waits {
                stop.cancel();
            }
        };
        let context = BuildContext::new(&store, &client, &stop, SystemTime::UNIX_EPOCH, &events);
        let bytes = b"a layer that is not in the store yet";
        let layer = LayerDescriptor {
            media_type: "application/vnd.oci.image.layer.v1.tar".to_owned(),
            digest: Digest::of(bytes),
            size: bytes.len() as u64,
            diff_id: DiffId(Digest::of(bytes)),
            annotations: Default::default(),
        };
        let config = ImageConfig { architecture: "amd64".into(), os: "linux".into(), ..Default::default() };
        let image = Image::assemble(&config, vec![layer], Default::default()).unwrap();
        let destination = Destination::Layout { dir: dir.path().join("out"), tag: "latest".to_owned() };

        assert!(deliver(&context, &image, 0, &destination).is_err());
        store.add_blob(&mut bytes.as_slice(), None).unwrap();
        deliver(&context, &image, 0, &destination).unwrap();
        assert!(dir.path().join("out/index.json").is_file());

        // Another byte in a file of the same length and of another age, twice.
        let blob = dir.path().join("out/blobs/sha256").join(Digest::of(bytes).hex());
        for _ in 0..2 {
            let mut damaged = bytes.to_vec();
            damaged[3] ^= 1;
            std::fs::write(&blob, &damaged).unwrap();
            let hour_ago = SystemTime::now() - std::time::Duration::from_secs(3600);
            std::fs::File::options().write(true).open(&blob).unwrap().set_modified(hour_ago).unwrap();
            deliver(&context, &image, 0, &destination).unwrap();
            assert_eq!(std::fs::read(&blob).unwrap(), bytes, "length and time do not make a blob");
        }
        std::fs::remove_file(&blob).unwrap();
        std::os::unix::fs::symlink("/dev/zero", &blob).unwrap();
        deliver(&context, &image, 0, &destination).unwrap();
        assert!(std::fs::symlink_metadata(&blob).unwrap().is_file());

        let other = Destination::Layout { dir: dir.path().to_owned(), tag: "latest".to_owned() };
        assert!(matches!(deliver(&context, &image, 0, &other), Err(BuildError::NotALayout { .. })));

        // Another build writes into the layout: the wait ends with this build.
        let held = std::fs::File::open(dir.path().join("out")).unwrap();
        held.lock().unwrap();
        let ended = deliver(&context, &image, 0, &destination);
        assert!(matches!(ended, Err(BuildError::Cancelled)), "{ended:?}");
        let told = told.into_inner().unwrap();
        assert_eq!(
            told,
            [Event::Waiting { what: "the image layout".to_owned(), process: Some(std::process::id()) }]
        );
    }
}
