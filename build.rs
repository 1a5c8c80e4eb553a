//! Links the drivers (feature `driver`): the WDK's settings, and those of the two images. Anything else needs no build
//! script.

/// Links nothing: this is the library on an ordinary system.
#[cfg(not(feature = "driver"))]
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    refuse_broken();
}

/// Links `clfsmgmt.sys` (feature `interposed`) or the open `clfs.sys` (feature `open-clfs`).
#[cfg(feature = "driver")]
fn main() -> Result<(), wdk_build::ConfigError> {
    println!("cargo::rerun-if-changed=build.rs");
    refuse_broken();
    // First: it sets what only Windows' own linker must not be told twice (/DRIVER, /SUBSYSTEM, /ENTRY, /MAP, …).
    wdk_build::configure_wdk_binary_build()?;
    link_image();
    Ok(())
}

/// The features `broken` and `mutants` are wrong on purpose: nobody is to get them unawares, as with `--all-features`.
fn refuse_broken() {
    println!("cargo::rerun-if-env-changed=CLFSMGMT_BROKEN");
    let is_meant = std::env::var_os("CLFSMGMT_BROKEN").is_some_and(|value| value == "for-tests");
    assert!(!cfg!(feature = "broken") || is_meant, "feature `broken` is for tests: see tools/driver/build");
    assert!(!cfg!(feature = "mutants") || is_meant, "feature `mutants` is for tests: see docs/testing.md");
}

/// What the image needs beyond the WDK's settings.
#[cfg(feature = "driver")]
fn link_image() {
    let root = std::env::var("CARGO_MANIFEST_DIR").expect("Cargo sets CARGO_MANIFEST_DIR for a build script");
    let image = if cfg!(feature = "open-clfs") { "clfs" } else { "clfsmgmt" };
    let definition = std::path::Path::new(&root).join("include").join(format!("{image}.def"));
    println!("cargo::rerun-if-changed={}", definition.display());
    // The linker reads one definition file, the last one: without ours it would be rustc's, which lists every
    // `no_mangle` symbol, those of wdk-sys too. One that rustc hands over as a directive is taken out afterwards
    // (tools/driver/exports.py).
    link_argument(&format!("/DEF:{}", definition.display()));
    // The image names its symbols by this; the file is renamed with the image. The checks want the image's own name, so
    // a broken one passes none.
    let broken = if cfg!(feature = "broken") { ".broken" } else { "" };
    link_argument(&format!("/PDBALTPATH:{image}{broken}.pdb"));
    // The loader checks the sum of a driver, and rustc sets none.
    link_argument("/RELEASE");
    if image == "clfsmgmt" {
        // The routines below: the WDK's Clfs.lib, found beside ntoskrnl.lib.
        link_argument("clfs.lib");
    }
}

/// Hands one argument to the linker of the image, and of nothing else.
#[cfg(feature = "driver")]
fn link_argument(argument: &str) {
    println!("cargo::rustc-cdylib-link-arg={argument}");
}
