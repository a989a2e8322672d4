//! Tells Cargo that the built front end is part of the binary, so that a new build of it is picked up.

fn main() {
    println!("cargo::rerun-if-changed=web/dist");
}
