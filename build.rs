//! Links the drivers. Anything else needs no build script.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
}
