# shellcheck shell=bash disable=SC2034,SC2153
# What the builds of drivers on Linux share: the toolchain, the linker, the folders of a WDK, a tree that wdk-build
# accepts. Sourced by tools/driver/build and tests/lab/kmdf-client/build, in the project's root folder; whoever sources it has
# set NAME (for messages), ROOT (that folder), OUT (where everything goes) and TREE (a folder in OUT).

readonly TARGET=x86_64-pc-windows-msvc
readonly KIT=10.0.22621.0
# The linker is the same for all: Cargo builds core and alloc again for another. And where the staged WDK has what.
readonly TOOLS=$ROOT/target/driver/bin
readonly KIT_INCLUDE=$OUT/wdk/Include KIT_LIBRARY=$OUT/wdk/Lib

export LC_ALL=C.UTF-8 CARGO_TERM_COLOR=never PYTHONDONTWRITEBYTECODE=1
# Compilers get it in lists of options that blanks divide.
[[ $ROOT =~ ^[[:alnum:]/._@+,~-]+$ ]] || {
    echo "$NAME: the path $ROOT has characters that the compilers' options cannot hold; clone the project elsewhere" >&2
    exit 1
}

say() { echo "$NAME: $*"; }

# link_to TARGET NAME: a symbolic link that is made once, so that no file looks newer than it is.
link_to() {
    [ "$(readlink "$2" || true)" = "$1" ] || ln -sfn "$1" "$2"
}

# write_file NAME: standard input, if it differs from what is there.
write_file() {
    local text
    text=$(cat)
    [ -e "$1" ] && [ "$text" = "$(cat "$1")" ] || printf '%s\n' "$text" >"$1"
}

# --- the toolchain ---------------------------------------------------------------------------------------------------

# One toolchain for all: Debian's, which builds core and alloc.
readonly STANDARD=("-Zbuild-std=core,alloc")

begin() {
    use_debian_rust
    say "$(rustc --version), with core and alloc from source"
}

# --- what stands in for Windows --------------------------------------------------------------------------------------

# A linker under the name that rustc knows. Cargo wants a .dll, and lld writes the name of its output into the export
# table, whatever the definition file says: so the output has the image's name while lld works.
stage_tools() {
    mkdir -p "$TOOLS"
    write_file "$TOOLS/lld-link" <<END
#!/bin/bash
set -euo pipefail
image= output=
for argument in "\$@"; do
    case \$argument in
    /DEF:*/include/*.def) image=\${argument##*/} ;;
    /OUT:*.dll) output=\${argument#/OUT:} ;;
    esac
done
[ -n "\$image" ] && [ -n "\$output" ] || exec $LLVM_BIN/lld-link "\$@"
made=\${output%/*}/\${image%.def}
$LLVM_BIN/lld-link "\$@" "/OUT:\$made.sys"
mv "\$made.sys" "\$output"
END
    chmod +x "$TOOLS/lld-link"
}

# mingw-w64's headers in the folders of a WDK, and a folder for import libraries.
stage_kit() {
    local include=$KIT_INCLUDE/$KIT header
    mkdir -p "$include/km" "$KIT_LIBRARY/$KIT/km/x64"
    for header in /usr/share/mingw-w64/include/ddk/*; do
        link_to "$header" "$include/km/${header##*/}"
    done
    link_to "$CLANG_HOME/lib/clang/$(basename "$(echo "$CLANG_HOME"/lib/clang/*)")/include" "$include/km/crt"
    link_to /usr/share/mingw-w64/include "$include/shared"
    export WDKContentRoot=$OUT/wdk Version_Number=$KIT
    export LIBCLANG_PATH=$CLANG_HOME/lib/libclang.so.1
    export BINDGEN_EXTRA_CLANG_ARGS="--target=x86_64-w64-mingw32 -fno-ms-compatibility -fgnuc-version=4.2.1 -include $ROOT/tools/driver/overlay.h"
}

# A second root of the same sources: there Cargo may write the patch into its lock file, and wdk-build, which looks for
# the lock file upwards from its output, finds it.
#   stage_tree PACKAGE NAME…    a package in the project, what of it is built, and the folders of its workspace's members,
#                               whose manifests Cargo reads; "${FLAGS[@]}" are for the compiler
stage_tree() {
    local package=$1 name
    shift
    mkdir -p "$TREE/.cargo"
    for name in "$@"; do
        link_to "$package/$name" "$TREE/$name"
    done
    # Only a new lock file of the project replaces the one that Cargo has written the patch into.
    cmp -s "$package/Cargo.lock" "$TREE/Cargo.lock.project" || {
        cp "$package/Cargo.lock" "$TREE/Cargo.lock"
        cp "$package/Cargo.lock" "$TREE/Cargo.lock.project"
    }
    write_file "$TREE/.cargo/config.toml" <<END
[patch.crates-io]
wdk-build = { path = "$OUT/wdk-build" }

[target.$TARGET]
linker = "$TOOLS/lld-link"
rustflags = [$(printf '"%s", ' "${FLAGS[@]}")]
END
    CARGO_HOME=${CARGO_HOME:-$HOME/.cargo}
    # Of every platform: the build scripts ask Cargo for the metadata of all packages.
    (cd "$package" && cargo fetch --quiet --locked)
    "$PYTHON" tools/driver/stage_wdk_build.py "$package/Cargo.lock" "$CARGO_HOME" "$OUT/wdk-build"
}

# The patched lock file may differ from the package's in one package: wdk-build has become a path.
check_lock() {
    diff <(awk 'BEGIN { RS = ""; ORS = "\n\n" }
        /name = "wdk-build"/ { gsub(/\n(source|checksum) = [^\n]*/, "") } { print }' "$TREE/Cargo.lock.project") \
        "$TREE/Cargo.lock" | grep -E '^[<>] .' >"$OUT/lock.diff" || true
    [ ! -s "$OUT/lock.diff" ] || {
        say "the staged lock file is not the project's:"
        cat "$OUT/lock.diff"
        return 1
    }
}

# --- the images ------------------------------------------------------------------------------------------------------

# What Cargo made of the crate alone, and what it remembers of it: the files that ${CRATE[@]} names.
crate_files() {
    local pattern
    for pattern in "${CRATE[@]}"; do
        compgen -G "$1/$pattern" || true
    done
}

# move_crate FROM TO: with their times, so that Cargo finds them as it left them.
move_crate() {
    local file
    mkdir -p "$2/.fingerprint" "$2/deps" "$2/build"
    while read -r file; do
        mv "$file" "$2/${file#"$1"/}"
    done < <(crate_files "$1")
}

# keep_apart IMAGE COMMAND…: Cargo has one place for the crate, whatever its features and settings, so the result of each
# image is kept apart, and put back before its next build, which then has nothing to do if nothing changed.
keep_apart() {
    local place=$OUT/$1 made=$TREE/target/$TARGET/release
    shift
    # Of a build that broke off.
    local left
    mapfile -t left < <(crate_files "$made")
    [ "${#left[@]}" = 0 ] || rm -rf -- "${left[@]}"
    move_crate "$place" "$made"
    "$@"
    move_crate "$made" "$place"
}
