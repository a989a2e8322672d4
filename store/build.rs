//! Compiles the definitions of the Kurrent protocol in `proto/`, with a compiler in Rust: no `protoc` needed.

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed=proto");
    #[cfg(feature = "endpoint")]
    compile()?;
    Ok(())
}

#[cfg(feature = "endpoint")]
fn compile() -> Result<(), Box<dyn std::error::Error>> {
    let files = ["streams.proto", "features.proto", "gossip.proto"];
    tonic_build::configure()
        .build_client(false)
        .use_arc_self(true)
        .bytes(["."])
        .include_file("kurrent_protocol.rs")
        .compile_fds(protox::compile(files, ["proto"])?)?;
    Ok(())
}
