# shellcheck shell=bash
# What a step needs beyond Debian 12 with Rust and a C compiler: every tool, package and version, here and nowhere else.
# Sourced by tests/run and by the builds of the drivers; `tests/run needs` shows what is there.
#
# A step names its needs (`need driver-tools wine`). A need is there when each of its parts is; what is missing is
# installed where that is possible. Else the step is skipped, and says what it lacks.

# The versions that Debian 12 has. Their programs have plain names in these folders, as they have on Windows.
readonly LLVM=19 CLANG=14
readonly LLVM_BIN=/usr/lib/llvm-$LLVM/bin CLANG_HOME=/usr/lib/llvm-$CLANG
# Debian's, whatever else is called python3 here: the virtual environment is made of it.
readonly PYTHON=/usr/bin/python3 VENV=$PWD/tests/.venv
# A kernel to be run, not to be installed: the files of its package.
readonly KERNEL=$PWD/tests/.kernel

# NEED, PART, COMES WITH, WHAT FOR. A part is a `command:`, a `file:` (a pattern), a `package:` of Debian where its version
# matters, a subcommand of `cargo:`, a package of `pypi:` in the virtual environment, or another `need:`. It comes with a
# package of Debian or PyPI (with its version; what it takes itself has a row of its own), with the newest kernel that a
# package of Debian names (`kernel:`), or by rustup, which nothing here may ask.
needs_table() {
    cat <<END
rustfmt       cargo:fmt                                    rustup:rustfmt                     the form of the sources
clippy        cargo:clippy                                 rustup:clippy                      lints of what runs on Linux
miri          cargo:miri                                   rustup:miri                        unsafe code, access by access
xz            command:xz                                   debian:xz-utils                    unpacks the logs that Windows wrote
shellcheck    command:shellcheck                           debian:shellcheck                  lints of the scripts
python        command:$PYTHON                              debian:python3                     the checks
binutils      command:nm                                   debian:binutils                    what is left in an image
binutils      command:objdump                              debian:binutils                    where it is called from
binutils      command:addr2line                            debian:binutils                    the source line of that
gcc           command:gcc                                  debian:gcc                         C programs, the header
g++           command:g++                                  debian:g++                         the header as C++, libFuzzer
clang         command:clang                                debian:clang                       the header, layouts of other systems
clang         command:clang++                              debian:clang                       the header as C++
mingw         command:x86_64-w64-mingw32-gcc               debian:gcc-mingw-w64-x86-64-win32  C for Windows
mingw         file:/usr/share/mingw-w64/include/ddk/wdm.h  debian:mingw-w64-common            headers in place of the WDK's
mingw++       command:x86_64-w64-mingw32-g++               debian:g++-mingw-w64-x86-64-win32  the header as C++ for Windows
valgrind      command:valgrind                             debian:valgrind                    C programs, access by access
browser       command:chromium                             debian:chromium                    opens the report page
browser       command:chromedriver                         debian:chromium-driver             lets a program drive it
wine          command:wineserver                           debian:wine                        a kernel that loads drivers
wine          file:/usr/lib/wine/wine64                    debian:wine64                      the same for 64 bits
debian-rust   package:cargo-web>=1.91                      debian:cargo-web                   builds core, alloc and std from source
debian-rust   package:rustc-web>=1.91                      debian:rustc-web                   the same
debian-rust   package:rust-web-clippy>=1.91                debian:rust-web-clippy             lints of what runs in the kernel
debian-rust   package:rust-web-src>=1.91                   debian:rust-web-src                the sources of core, alloc and std
driver-tools  need:debian-rust                             -                                  the drivers' build
driver-tools  need:mingw                                   -                                  headers in place of the WDK's
driver-tools  need:python                                  -                                  import libraries, wdk-build made to run on Linux
driver-tools  command:$LLVM_BIN/lld-link                   debian:lld-$LLVM                   links images
driver-tools  command:$LLVM_BIN/llvm-dlltool               debian:llvm-$LLVM                  import libraries
driver-tools  command:$LLVM_BIN/llvm-lib                   debian:llvm-$LLVM                  the same, joined
driver-tools  command:$LLVM_BIN/llvm-ar                    debian:llvm-$LLVM                  the archives of a build script
driver-tools  command:$LLVM_BIN/llvm-nm                    debian:llvm-$LLVM                  the names in objects
driver-tools  command:$LLVM_BIN/llvm-objdump               debian:llvm-$LLVM                  the code of images
driver-tools  command:$LLVM_BIN/llvm-symbolizer            debian:llvm-$LLVM                  its source lines
driver-tools  command:$LLVM_BIN/llvm-cxxfilt               debian:llvm-$LLVM                  its names
driver-tools  command:$CLANG_HOME/bin/clang                debian:clang-$CLANG                compiles what a driver has of C
driver-tools  file:$CLANG_HOME/lib/libclang.so.1           debian:libclang1-$CLANG            bindgen reads headers by it
driver-tools  file:$CLANG_HOME/lib/clang/*/include/stddef.h debian:libclang-common-$CLANG-dev  the compiler's own headers
venv          need:python                                  -                                  packages of PyPI, apart from Debian's
venv          file:/usr/lib/python3*/ensurepip/__init__.py debian:python3-venv                makes the virtual environment
pefile        need:venv                                    -                                  images, table by table
pefile        pypi:pefile                                  pypi:pefile==2024.8.26             the same
dissect       need:venv                                    -                                  an independent reader of logs
dissect       pypi:dissect.clfs                            pypi:dissect.clfs==1.11            the same
dissect       pypi:dissect.cstruct                         pypi:dissect.cstruct==4.7          the same
selenium      need:venv                                    -                                  drives the browser
selenium      pypi:selenium                                pypi:selenium==4.51.0              the same
selenium      pypi:attrs                                   pypi:attrs==26.1.0                 the same
selenium      pypi:certifi                                 pypi:certifi==2026.10.19.post1     the same
selenium      pypi:h11                                     pypi:h11==0.16.0                   the same
selenium      pypi:idna                                    pypi:idna==3.20                    the same
selenium      pypi:outcome                                 pypi:outcome==1.3.0.post0          the same
selenium      pypi:PySocks                                 pypi:PySocks==1.7.1                the same
selenium      pypi:sniffio                                 pypi:sniffio==1.3.1                the same
selenium      pypi:sortedcontainers                        pypi:sortedcontainers==2.4.0       the same
selenium      pypi:trio                                    pypi:trio==0.35.0                  the same
selenium      pypi:trio-websocket                          pypi:trio-websocket==0.12.2        the same
selenium      pypi:typing_extensions                       pypi:typing_extensions==4.16.0     the same
selenium      pypi:urllib3                                 pypi:urllib3==2.8.0                the same
selenium      pypi:websocket-client                        pypi:websocket-client==1.9.2       the same
selenium      pypi:wsproto                                 pypi:wsproto==1.3.2                the same
strace        command:strace                               debian:strace                      system calls that fail
file-systems  file:/usr/sbin/mke2fs                        debian:e2fsprogs                   file systems in files
power         need:python                                  -                                  the checks
power         need:gcc                                     -                                  the programs inside and outside
power         need:binutils                                -                                  what is taken inside, made small
power         need:file-systems                            -                                  disks, and their journals without a kernel
power         command:qemu-system-x86_64                   debian:qemu-system-x86             a machine to be switched off
power         file:$KERNEL/boot/vmlinuz-*                  kernel:linux-image-cloud-amd64     its kernel, with the device mapper
fresh-root    command:mmdebstrap                           debian:mmdebstrap                  makes a fresh root
fresh-root    command:git                                  debian:git                         clones into it
END
}

# --- what is there ---------------------------------------------------------------------------------------------------

# Whether a part is there; SOURCE tells the version that a package of PyPI must have.
is_there() {
    local part=$1 source=$2 name=${1#*:}
    case $part in
    command:*) command -v "$name" >/dev/null ;;
    file:*) compgen -G "$name" >/dev/null ;;
    package:*) has_package "${name%%>=*}" "${name##*>=}" ;;
    cargo:*) cargo "$name" --version >/dev/null 2>&1 ;;
    pypi:*) [ "$(python_version "$name")" = "${source##*==}" ] ;;
    *) return 1 ;;
    esac
}

# has_package NAME VERSION: whether Debian's package is installed, in this version or a later one.
has_package() {
    local state version
    # shellcheck disable=SC2016
    read -r state version < <(dpkg-query -W -f '${db:Status-Abbrev} ${Version}\n' "$1" 2>/dev/null) || return 1
    [ "$state" = ii ] && dpkg --compare-versions "$version" ge "$2"
}

# The version of a package in the virtual environment, if it has it, with all of its files.
python_version() {
    [ -x "$VENV/bin/python" ] || return 0
    "$VENV/bin/python" - "$1" 2>/dev/null <<'END' || true
import importlib.metadata, sys
package = importlib.metadata.distribution(sys.argv[1])
whole = all(file.suffix == ".pyc" or file.locate().exists() for file in package.files or [])
print(package.version if whole else "")
END
}

# lacking NEED…: the parts of these needs that are not there, a line each: PART, COMES WITH.
lacking() {
    local wanted need part source found
    for wanted in "$@"; do
        found=
        while read -r need part source _; do
            [ "$need" = "$wanted" ] || continue
            found=1
            case $part in
            need:*) lacking "${part#need:}" ;;
            *) is_there "$part" "$source" || echo "$part $source" ;;
            esac
        done < <(needs_table)
        [ -n "$found" ] || echo "need:$wanted unknown:"
    done
}

# --- what is installed -----------------------------------------------------------------------------------------------

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        sudo -n "$@"
    else
        echo "not root, and no sudo without a password"
        return 1
    fi
}

# Debian's packages, without questions, in one go: each of apt's takes its time. Nothing is removed for them. In a session
# of its own: whoever ends a step must not leave dpkg in the middle.
install_debian() {
    command -v apt-get >/dev/null || return 1
    [ -e "$work/apt-updated" ] || update_lists || true
    as_root setsid --wait env DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends --no-remove \
        -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@"
}

# Unlike installing it waits for nobody who holds the lock.
update_lists() {
    local said
    for _ in $(seq 60); do
        if said=$(as_root apt-get -qq update 2>&1); then
            touch "$work/apt-updated"
            return
        fi
        [[ $said == *"Could not get lock"* ]] || break
        sleep 5
    done
    echo "$said"
    return 1
}

# Packages of PyPI in the virtual environment; each names its version, and no other comes along.
install_pypi() {
    if ! "$VENV/bin/python" -m pip --version >/dev/null 2>&1; then
        rm -rf "$VENV"
        "$PYTHON" -m venv "$VENV" || return 1
    fi
    env -u PIP_USER -u PIP_TARGET -u PIP_PREFIX "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check \
        --no-input --no-deps --force-reinstall "$@"
}

# The files of the kernel that a package names, in a folder of their own.
install_kernel() {
    local place=$work/kernel image
    [ -e "$work/apt-updated" ] || update_lists || true
    image=$(apt-cache depends "$1" 2>/dev/null | awk '/^ *Depends: linux-image-/ { print $2; exit }')
    [ -n "$image" ] || return 1
    mkdir "$place"
    (cd "$place" && apt-get -qq -o APT::Sandbox::User=root download "$image") || return 1
    rm -rf "$KERNEL"
    dpkg -x "$place"/*.deb "$KERNEL"
    rm -rf "$place"
}

# provide NEED…: installs what they lack, if it may; whether they are there then.
provide() {
    local lacks
    lacks=$(lacking "$@")
    [ -n "$lacks" ] || return 0
    local from packages
    for from in debian kernel pypi; do
        mapfile -t packages < <(lacking "$@" | sed -n "s/^[^ ]* $from://p" | sort -u)
        # What came of it is looked at below, part by part.
        [ "${#packages[@]}" = 0 ] || "install_$from" "${packages[@]}" || true
    done
    [ -z "$(lacking "$@")" ]
}

# need NEED…: ends the step as skipped if one of them is not there and may not be installed.
need() {
    provide "$@" || skip "needs $*; lacks $(lacking "$@" | awk '{ print $1 " (" $2 ")" }' | paste -sd' ')"
}

# want NEED…: as much of them as may be installed; the step says itself what it does without the rest.
want() { provide "$@" || echo "without all of: $*"; }

# --- how it is used --------------------------------------------------------------------------------------------------

# From here on `cargo` is Debian's, whose stable compiler builds core, alloc and std from their sources when it is told to;
# LLVM's programs have their plain names. Whoever calls this has his own flags and folders; these builds have theirs.
use_debian_rust() {
    unset RUSTUP_TOOLCHAIN RUSTC RUSTC_WRAPPER RUSTFLAGS CARGO_ENCODED_RUSTFLAGS CARGO_TARGET_DIR CARGO_BUILD_TARGET
    export PATH=$LLVM_BIN:/usr/bin:/bin RUSTC_BOOTSTRAP=1
}

# For the checks of images: LLVM's programs by their plain names, and what they share with the build.
use_image_tools() { export PATH=$LLVM_BIN:$PATH PYTHONPATH=$PWD/tools/driver; }

# Not `cargo clippy`: that looks into CARGO_HOME first, where rustup puts its own.
debian_clippy() { /usr/bin/cargo-clippy clippy "$@"; }

# Every need with its parts, what for, and whether it is here.
show_needs() {
    local need part source purpose state
    while read -r need part source purpose; do
        case $part in
        need:*) state=- ;;
        *) if is_there "$part" "$source"; then state=here; else state=missing; fi ;;
        esac
        printf '%-13s %-8s %-60s %-34s %s\n' "$need" "$state" "$part" "$source" "$purpose"
    done < <(needs_table)
}
