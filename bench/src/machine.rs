//! The machine: what a reader must know to make anything of the figures.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Context;
use jiff::Zoned;
use skranke_domain::time::copenhagen;

use crate::world::now;

/// The load that building this program leaves behind is forgiven; more is somebody else's work.
const BUSY: f64 = 2.0;

/// What was found out.
#[derive(Debug)]
pub(crate) struct Machine {
    /// When the run began, in Copenhagen.
    pub(crate) at: Zoned,
    /// Name and value of each fact, in reading order.
    pub(crate) facts: Vec<(&'static str, String)>,
    /// Others were at work when the run began: its figures are theirs as much as anyone's.
    pub(crate) busy: bool,
}

impl Machine {
    /// Looks at this machine, and at the disk that holds `dir`. Memory that poses as a disk is refused: an
    /// fsync costs nothing there, and every figure would be a lie.
    pub(crate) fn look(dir: &Path) -> anyhow::Result<Self> {
        let file_system = file_system(dir);
        anyhow::ensure!(
            !["tmpfs", "ramfs"].iter().any(|memory| file_system.starts_with(memory)),
            "{} lies in memory ({file_system}): name a folder on a disk with --dir",
            dir.display()
        );
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let load = load();
        let busy = load.parse().is_ok_and(|load: f64| load > BUSY);
        let facts = vec![
            ("Skranke", format!("{}, built with `--profile {}`", env!("CARGO_PKG_VERSION"), profile())),
            ("cores", format!("{cores} ({})", field("/proc/cpuinfo", "model name"))),
            ("memory", memory()),
            ("load before the run", load.clone()),
            ("kernel", read("/proc/sys/kernel/osrelease")),
            ("file system", file_system),
            ("SQLite", rusqlite::version().to_owned()),
            ("Rust", said("rustc", &["--version"])),
        ];
        Ok(Self { at: now().to_zoned(copenhagen()), facts, busy })
    }
}

/// The profile that this program and the one beside it were built with: cargo names the folder after it.
fn profile() -> String {
    let program = std::env::current_exe().unwrap_or_default();
    let folder = program.parent().and_then(Path::file_name).unwrap_or_default();
    folder.to_string_lossy().into_owned()
}

/// The first line that a program prints; empty when it is not there.
pub(crate) fn said(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned()).unwrap_or_default();
    text.lines().next().unwrap_or_default().trim().to_owned()
}

fn file_system(dir: &Path) -> String {
    let dir = dir.to_string_lossy();
    said("findmnt", &["--noheadings", "--output", "FSTYPE,OPTIONS", "--target", &dir])
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(", ")
}

fn read(path: &str) -> String {
    fs::read_to_string(path).unwrap_or_default().trim().to_owned()
}

/// The value of `name : value` in one of the kernel's tables.
fn field(path: &str, name: &str) -> String {
    let text = read(path);
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.trim_start().strip_prefix(':'));
    line.unwrap_or("unknown").trim().to_owned()
}

/// How many programs wanted a core in the last minute.
fn load() -> String {
    read("/proc/loadavg").split(' ').next().unwrap_or_default().to_owned()
}

fn memory() -> String {
    let kib: Option<u64> =
        field("/proc/meminfo", "MemTotal").split(' ').next().and_then(|kib| kib.parse().ok());
    kib.map_or_else(|| "unknown".to_owned(), |kib| format!("{} GiB", (kib + (1 << 19)) >> 20))
}

/// How many bytes of memory a process has, by the name of the line that tells it (`VmRSS`: now, `VmHWM`: at its peak).
pub(crate) fn memory_of(process: &str, line: &str) -> anyhow::Result<u64> {
    let path = format!("/proc/{process}/status");
    let kib = field(&path, line);
    let kib: u64 = kib.trim_end_matches(" kB").parse().with_context(|| format!("{path} has no {line}"))?;
    Ok(kib * 1024)
}
