//! How fast layers are read and written: takes a tar archive on standard input and says on
//! standard error how many megabytes of it per second each way handles.

use std::io::{self, Write};
use std::num::NonZero;
use std::time::Instant;

use packwright_oci::{ArchiveLimits, Compression, LayerOptions, MemoryStore, decode_layer, encode_layer};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut report = io::stderr().lock();
    let mut store = MemoryStore::new();
    let start = Instant::now();
    let layer = decode_layer(io::stdin().lock(), &mut store, &ArchiveLimits::default())?;
    let megabytes = layer.tar_size as f64 / 1e6;
    let speed = |start: Instant| megabytes / start.elapsed().as_secs_f64();
    writeln!(report, "{megabytes:.0} MB, {} members, read at {:.0} MB/s", layer.tree.len(), speed(start))?;
    for compression in [Compression::None, Compression::Gzip, Compression::Zstd] {
        for threads in [1, 2, 4] {
            let threads = NonZero::new(threads).ok_or("no thread")?;
            let options = LayerOptions::default().with_compression(compression).with_threads(threads);
            let mut stored = Vec::new();
            let start = Instant::now();
            let encoded = encode_layer(&layer.tree, &store, &options, &mut stored)?;
            let speed = speed(start);
            let ratio = encoded.size as f64 / encoded.tar_size as f64;
            let start = Instant::now();
            decode_layer(stored.as_slice(), &mut MemoryStore::new(), &ArchiveLimits::default())?;
            let back = megabytes / start.elapsed().as_secs_f64();
            writeln!(
                report,
                "{compression:?}, {threads} threads: {speed:.0} MB/s, ratio {ratio:.3}, read back at {back:.0} MB/s"
            )?;
        }
    }
    Ok(())
}
