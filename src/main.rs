//! The `skranke` program. Everything it does is in the library, so that tests can do it too.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// An event is made on one thread and let go on another; this allocator is quick at that.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    skranke::run()
}
