//! The scanner: a program of the operator's that reads a file on its standard input while it comes in, and judges it
//! by its exit code. The open bytes touch no disk.
//!
//! 0 is clean and 1 is infected, as `clamdscan` and its kin have it. Anything else, also a scanner that cannot be
//! started, hangs, or stops listening before the end, is an error: nothing is taken in unscanned.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::process::{Child, ChildStdin, Command};

use super::DocumentError;

/// How files are scanned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scanner {
    /// The program.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// How long it may take for a piece, and for its verdict at the end.
    pub patience: Duration,
}

/// A scan under way. Dropping it ends the program.
pub(super) struct Scan {
    child: Child,
    input: ChildStdin,
    patience: Duration,
}

impl Scanner {
    pub(super) fn start(&self) -> Result<Scan, DocumentError> {
        let mut child = Command::new(&self.program)
            .args(&self.arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| DocumentError::NotScanned(format!("it did not start: {error}")))?;
        let input = child.stdin.take().ok_or_else(|| failed("it has no standard input"))?;
        Ok(Scan { child, input, patience: self.patience })
    }
}

fn failed(why: &str) -> DocumentError {
    DocumentError::NotScanned(why.to_owned())
}

impl Scan {
    /// Shows it a piece.
    pub(super) async fn see(&mut self, piece: &[u8]) -> Result<(), DocumentError> {
        match tokio::time::timeout(self.patience, self.input.write_all(piece)).await {
            Ok(Ok(())) => Ok(()),
            // It may have seen enough to know: a verdict of infected counts, anything else does not.
            Ok(Err(_)) => match tokio::time::timeout(self.patience, self.child.wait()).await {
                Ok(Ok(status)) if status.code() == Some(1) => Err(DocumentError::Infected),
                _ => Err(failed("it stopped listening before the end of the file")),
            },
            Err(_) => Err(failed("it took too long")),
        }
    }

    /// Its verdict on the whole.
    pub(super) async fn verdict(self) -> Result<(), DocumentError> {
        let Self { mut child, mut input, patience } = self;
        // A scanner that has gone already is judged by its code all the same.
        let _ = input.shutdown().await;
        drop(input);
        match tokio::time::timeout(patience, child.wait()).await {
            Ok(Ok(status)) => match status.code() {
                Some(0) => Ok(()),
                Some(1) => Err(DocumentError::Infected),
                Some(code) => Err(DocumentError::NotScanned(format!("it ended with code {code}"))),
                None => Err(failed("it was killed")),
            },
            Ok(Err(error)) => Err(DocumentError::NotScanned(error.to_string())),
            Err(_) => Err(failed("it took too long")),
        }
    }
}
