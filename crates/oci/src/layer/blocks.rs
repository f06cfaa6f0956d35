//! Parallel compression: cuts a stream into blocks of fixed length, compresses each block on its own, and writes
//! the blocks in order. The cut depends on the length only, so the number of threads cannot change bytes.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::mem;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use super::error::LayerError;
use super::options::{Compression, LayerOptions};

/// Collects bytes into blocks, has them compressed, and writes them to `out` in order.
pub(super) struct BlockWriter<'a> {
    current: Vec<u8>,
    filled: usize,
    workers: Workers,
    /// Blocks whose buffers can be used again.
    free: Vec<Block>,
    out: &'a mut dyn Write,
}

/// A block before and after its compression.
#[derive(Default)]
struct Block {
    plain: Vec<u8>,
    length: usize,
    stored: Vec<u8>,
}

type CompressedBlock = io::Result<Block>;

enum Workers {
    /// The caller's thread compresses.
    CallersThread(Compressor),
    /// Worker threads compress. Each block in flight has a channel for its result; the channels are in order.
    Threads {
        jobs: SyncSender<(Block, SyncSender<CompressedBlock>)>,
        under_way: VecDeque<Receiver<CompressedBlock>>,
        most: usize,
    },
}

/// Runs `fill` with a writer to `out`, then writes the last blocks.
pub(super) fn with_blocks<T>(
    options: &LayerOptions,
    out: &mut dyn Write,
    fill: impl FnOnce(&mut BlockWriter<'_>) -> Result<T, LayerError>,
) -> Result<T, LayerError> {
    let length = Compressor::block_length(options);
    let threads = options.threads.get();
    if threads == 1 || options.compression == Compression::None {
        let own = Compressor::new(options).map_err(LayerError::Compressor)?;
        let mut blocks = BlockWriter::new(length, Workers::CallersThread(own), out);
        let result = fill(&mut blocks)?;
        blocks.finish()?;
        return Ok(result);
    }
    let compressors = (0..threads)
        .map(|_| Compressor::new(options))
        .collect::<io::Result<Vec<Compressor>>>()
        .map_err(LayerError::Compressor)?;
    // A thread ends when `jobs` is dropped, which is at the end of the scope at the latest.
    thread::scope(|scope| {
        let most = threads * 2;
        let (jobs, queue) = sync_channel::<(Block, SyncSender<CompressedBlock>)>(most);
        let queue = Arc::new(Mutex::new(queue));
        for mut compressor in compressors {
            let queue = Arc::clone(&queue);
            scope.spawn(move || {
                loop {
                    let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
                    let Ok((block, answer)) = job else { return };
                    // No thread waits for the answer once the caller has failed.
                    let _ = answer.send(compressor.compress(block));
                }
            });
        }
        let workers = Workers::Threads { jobs, under_way: VecDeque::new(), most };
        let mut blocks = BlockWriter::new(length, workers, out);
        let result = fill(&mut blocks)?;
        blocks.finish()?;
        Ok(result)
    })
}

impl<'a> BlockWriter<'a> {
    fn new(length: usize, workers: Workers, out: &'a mut dyn Write) -> BlockWriter<'a> {
        BlockWriter { current: vec![0; length], filled: 0, workers, free: Vec::new(), out }
    }

    /// The buffer for the next bytes, never empty. Call [`BlockWriter::filled`] with the number of bytes used.
    pub(super) fn space(&mut self) -> Result<&mut [u8], LayerError> {
        if self.filled == self.current.len() {
            self.send()?;
        }
        Ok(&mut self.current[self.filled..])
    }

    /// Adds the first `length` bytes of [`BlockWriter::space`] to the stream.
    pub(super) fn filled(&mut self, length: usize) {
        self.filled += length;
    }

    fn finish(&mut self) -> Result<(), LayerError> {
        if self.filled > 0 {
            self.send()?;
        }
        while self.receive()? {}
        Ok(())
    }

    fn send(&mut self) -> Result<(), LayerError> {
        let mut block = self.free.pop().unwrap_or_default();
        block.plain.resize(self.current.len(), 0);
        mem::swap(&mut block.plain, &mut self.current);
        block.length = mem::take(&mut self.filled);
        match &mut self.workers {
            Workers::CallersThread(compressor) => {
                let block = compressor.compress(block).map_err(LayerError::Compressor)?;
                self.store(block)
            }
            Workers::Threads { jobs, under_way, most } => {
                let (answer, answered) = sync_channel(1);
                jobs.send((block, answer)).map_err(|_| thread_ended())?;
                under_way.push_back(answered);
                if under_way.len() >= *most {
                    self.receive()?;
                }
                Ok(())
            }
        }
    }

    /// Writes the oldest block in flight; gives whether there was one.
    fn receive(&mut self) -> Result<bool, LayerError> {
        let Workers::Threads { under_way, .. } = &mut self.workers else { return Ok(false) };
        let Some(answered) = under_way.pop_front() else { return Ok(false) };
        let block = answered.recv().map_err(|_| thread_ended())?.map_err(LayerError::Compressor)?;
        self.store(block)?;
        Ok(true)
    }

    fn store(&mut self, block: Block) -> Result<(), LayerError> {
        self.out.write_all(&block.stored).map_err(LayerError::Write)?;
        self.free.push(block);
        Ok(())
    }
}

fn thread_ended() -> LayerError {
    LayerError::Compressor(io::Error::other("a compression thread ended early"))
}

/// One thread's compressor.
enum Compressor {
    None,
    Gzip(libdeflater::Compressor),
    Zstd(zstd::bulk::Compressor<'static>),
}

impl Compressor {
    fn new(options: &LayerOptions) -> io::Result<Compressor> {
        let profile = options.profile;
        Ok(match options.compression {
            Compression::None => Compressor::None,
            Compression::Gzip => {
                let level = libdeflater::CompressionLvl::new(profile.gzip_level())
                    .map_err(|error| io::Error::other(format!("{error:?}")))?;
                Compressor::Gzip(libdeflater::Compressor::new(level))
            }
            Compression::Zstd => {
                let mut compressor = zstd::bulk::Compressor::new(profile.zstd_level())?;
                compressor.include_checksum(false)?;
                compressor.include_contentsize(true)?;
                Compressor::Zstd(compressor)
            }
        })
    }

    fn block_length(options: &LayerOptions) -> usize {
        match options.compression {
            Compression::None | Compression::Gzip => options.profile.gzip_block(),
            Compression::Zstd => options.profile.zstd_block(),
        }
    }

    fn compress(&mut self, mut block: Block) -> CompressedBlock {
        let plain = &block.plain[..block.length];
        let stored = &mut block.stored;
        match self {
            Compressor::None => {
                stored.clear();
                stored.extend_from_slice(plain);
            }
            Compressor::Gzip(compressor) => {
                let most = compressor.gzip_compress_bound(plain.len());
                stored.resize(most, 0);
                // MTIME 0, no flags, OS 255 are libdeflate's own; a golden test holds them.
                let length = compressor
                    .gzip_compress(plain, stored)
                    .map_err(|error| io::Error::other(error.to_string()))?;
                stored.truncate(length);
            }
            Compressor::Zstd(compressor) => {
                stored.resize(zstd::zstd_safe::compress_bound(plain.len()), 0);
                let length = compressor.compress_to_buffer(plain, stored.as_mut_slice())?;
                stored.truncate(length);
            }
        }
        Ok(block)
    }
}
