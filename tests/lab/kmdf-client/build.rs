//! Links `clfsclient.sys`: the WDK's settings, and the import library of the stack that it is for.

use std::path::{Path, PathBuf};
use std::process::Command;

fn main() -> Result<(), wdk_build::ConfigError> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=CLFS_LIB");
    // First: it sets what only Windows' own linker must not be told twice (/DRIVER, /SUBSYSTEM, /ENTRY, /MAP, …).
    wdk_build::configure_wdk_binary_build()?;
    link_argument(&clfs_library());
    link_argument(&unlinked_library().display().to_string());
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

/// An import library that binds `ClfsAdvanceLogBaseUnlinked` to the `ClfsAdvanceLogBase` of `clfs.sys`, whoever
/// interposes: what a driver calls that was not linked with our `Clfs.lib`.
fn unlinked_library() -> PathBuf {
    println!("cargo::rerun-if-env-changed=LLVM_DLLTOOL");
    let folder = PathBuf::from(std::env::var_os("OUT_DIR").expect("Cargo sets OUT_DIR for a build script"));
    let (definition, library) = (folder.join("unlinked.def"), folder.join("unlinked.lib"));
    let text = "LIBRARY clfs.sys\nEXPORTS\n    ClfsAdvanceLogBaseUnlinked == ClfsAdvanceLogBase\n";
    std::fs::write(&definition, text).expect("OUT_DIR can be written");
    let machine = match std::env::var("CARGO_CFG_TARGET_ARCH").as_deref() {
        Ok("aarch64") => "arm64",
        _ => "i386:x86-64",
    };
    // LLVM's, which bindgen wants too.
    let tool = std::env::var_os("LLVM_DLLTOOL").unwrap_or_else(|| "llvm-dlltool".into());
    let made = Command::new(&tool).args(["-m", machine, "-d"]).arg(&definition).arg("-l").arg(&library).status();
    assert!(made.is_ok_and(|status| status.success()), "{} makes no import library", tool.display());
    library
}

/// Hands one argument to the linker of the image, and of nothing else.
fn link_argument(argument: &str) {
    println!("cargo::rustc-cdylib-link-arg={argument}");
}
