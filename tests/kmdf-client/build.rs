//! Links `clfsclient.sys`: the WDK's settings, and the import library of the stack that it is for.

use std::path::Path;

fn main() -> Result<(), wdk_build::ConfigError> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=CLFS_LIB");
    // First: it sets what only Windows' own linker must not be told twice (/DRIVER, /SUBSYSTEM, /ENTRY, /MAP, …).
    wdk_build::configure_wdk_binary_build()?;
    link_argument(&clfs_library());
    // Exports nothing. Without this it would be what wdk-sys does not mangle.
    let root = std::env::var("CARGO_MANIFEST_DIR").expect("Cargo sets CARGO_MANIFEST_DIR for a build script");
    let definition = Path::new(&root).join("clfsclient.def");
    println!("cargo::rerun-if-changed={}", definition.display());
    link_argument(&format!("/DEF:{}", definition.display()));
    // The image names its symbols by this; the file is renamed with the image.
    link_argument("/PDBALTPATH:clfsclient.pdb");
    // The loader checks the sum of a driver, and rustc sets none.
    link_argument("/RELEASE");
    Ok(())
}

/// The `Clfs.lib` in the folder that `CLFS_LIB` names; or else the WDK's own, which is beside `ntoskrnl.lib`.
fn clfs_library() -> String {
    let Some(folder) = std::env::var_os("CLFS_LIB") else { return "clfs.lib".into() };
    let library = Path::new(&folder).join("Clfs.lib");
    println!("cargo::rerun-if-changed={}", library.display());
    library.display().to_string()
}

/// Hands one argument to the linker of the image, and of nothing else.
fn link_argument(argument: &str) {
    println!("cargo::rustc-cdylib-link-arg={argument}");
}
