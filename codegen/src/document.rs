//! One file that is generated and committed.

use std::path::Path;
use std::{env, fs, io};

use crate::diff::diff;
use crate::error::Error;

/// The contents of a file that is generated, and committed beside the code that uses it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    contents: String,
}

impl Document {
    /// A file of these contents. Line breaks are LF, on every system.
    #[must_use]
    pub fn new(contents: impl Into<String>) -> Self {
        Self { contents: contents.into() }
    }

    /// The contents.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.contents
    }

    /// Writes the file, its folder included, unless it has these contents already. A relative path is relative to the working
    /// directory, which under `cargo test` is the folder of the package.
    ///
    /// # Errors
    ///
    /// If it cannot be written.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let path = path.as_ref();
        if fs::read_to_string(path).is_ok_and(|committed| committed == self.contents) {
            return Ok(());
        }
        let written =
            path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(path, &self.contents));
        written.map_err(|error| Error::io("write", path, error))
    }

    /// Compares the committed file with these contents, in a test or in CI. CR LF, which Git may make of LF, is the same.
    ///
    /// With `TYPED_SSE_WRITE=1` in the environment, writes the file instead.
    ///
    /// # Errors
    ///
    /// If the file differs, with the lines that do; if it is not there, or cannot be read.
    pub fn check(&self, path: impl AsRef<Path>) -> Result<(), Error> {
        let path = path.as_ref();
        if env::var_os("TYPED_SSE_WRITE").is_some_and(|value| value != "0" && !value.is_empty()) {
            return self.write(path);
        }
        self.compare(path)
    }

    fn compare(&self, path: &Path) -> Result<(), Error> {
        let committed = match fs::read_to_string(path) {
            Ok(committed) => committed.replace("\r\n", "\n"),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(Error::missing(path)),
            Err(error) => return Err(Error::io("read", path, error)),
        };
        if committed == self.contents {
            return Ok(());
        }
        Err(Error::stale(path, &diff(&committed, &self.contents)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn a_stale_file_is_told_by_its_lines() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/market.ts");
        let document = Document::new("one\ntwo\nthree\n");
        assert_eq!(document.compare(&path).unwrap_err().kind(), ErrorKind::Missing);
        document.write(&path).unwrap();
        document.compare(&path).unwrap();

        fs::write(&path, "one\r\ntwo\r\nthree\r\n").unwrap();
        document.compare(&path).unwrap();

        fs::write(&path, "one\n2\nthree\n").unwrap();
        let error = document.compare(&path).unwrap_err();
        assert_eq!((error.kind(), error.path()), (ErrorKind::Stale, Some(path.as_path())));
        assert!(error.to_string().ends_with("  one\n- 2\n+ two\n  three\n"), "{error}");
        assert!(format!("{error:?}").contains("TYPED_SSE_WRITE=1 cargo test"), "{error:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), "one\n2\nthree\n");

        assert_eq!(document.compare(folder.path()).unwrap_err().kind(), ErrorKind::Io);
        assert_eq!(document.write(folder.path()).unwrap_err().kind(), ErrorKind::Io);
    }
}
