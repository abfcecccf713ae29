//! The text of a data file, plain or gzipped, hashed as it is read.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use sha2::{Digest, Sha256};

/// The text of a file.
pub(super) enum Source {
    /// As it lies on disk.
    Plain(Hashing<File>),
    /// Unpacked while it is read.
    Gzipped(Box<MultiGzDecoder<Hashing<File>>>),
}

impl Source {
    /// Opens a file; one whose name ends in `.gz` is unpacked as it is read.
    pub(super) fn open(path: &Path) -> io::Result<Self> {
        let file = Hashing { inner: File::open(path)?, hasher: Sha256::new(), bytes: 0 };
        Ok(if path.extension().is_some_and(|extension| extension == "gz") {
            Self::Gzipped(Box::new(MultiGzDecoder::new(file)))
        } else {
            Self::Plain(file)
        })
    }

    /// Reads what is left and gives size and SHA-256 (hex) of the whole file as it lies on disk.
    pub(super) fn finish(self) -> io::Result<(u64, String)> {
        let mut file = match self {
            Self::Plain(file) => file,
            Self::Gzipped(decoder) => decoder.into_inner(),
        };
        io::copy(&mut file, &mut io::sink())?;
        let hash = file.hasher.finalize();
        Ok((file.bytes, hash.iter().map(|byte| format!("{byte:02x}")).collect()))
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(file) => file.read(buffer),
            Self::Gzipped(decoder) => decoder.read(buffer),
        }
    }
}

/// Hashes what is read through it.
pub(super) struct Hashing<R> {
    inner: R,
    hasher: Sha256,
    bytes: u64,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.inner.read(buffer)?;
        self.hasher.update(&buffer[..length]);
        self.bytes += length as u64;
        Ok(length)
    }
}
