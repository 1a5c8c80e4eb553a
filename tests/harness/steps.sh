# shellcheck shell=bash disable=SC2154
# The steps of tests/run, a function each, in their order. Sourced by it; its comment says what a step may say.
#
# A step begins by naming what it needs (needs.sh), and leaves nothing that another one would take for its own: each passes
# alone on a fresh machine (`tests/run fresh STEP`).

readonly STEPS=(format shell clippy no-std no-oom panic-free driver vm doc rust header c-api miri replay pinned bad-input browser dissect readers written-round
    file-systems storm-short power-short)
readonly LONG_STEPS=(crash-long fuzz sanitize storm power bench fresh)
# What hangs must say so before whoever waits for the whole loses patience. Long steps take as long as they need.
step_seconds=1200
readonly PROGRAM=target/release/clfsmgmt

# The program, in the profile of README's first command.
build_program() { cargo build --quiet --locked --release; }

step_format() {
    need rustfmt
    cargo fmt --all --check
    cargo fmt --check --manifest-path tests/lab/kmdf-client/Cargo.toml
    cargo fmt --check --manifest-path fuzz/Cargo.toml
    one_passed
}

step_shell() {
    need shellcheck
    shellcheck -x tests/run fuzz/run .ci/run tools/driver/build tests/lab/kmdf-client/build tests/lab/vm/build tests/harness/selftest
    one_passed
    tests/harness/selftest
}

# The library without features is no image of its own: it has neither an allocator nor a panic handler.
bare_library() {
    cargo rustc --quiet --locked --package clfsmgmt --profile check --lib --no-default-features --crate-type rlib "$@"
}

step_clippy() {
    need clippy
    cargo clippy --quiet --locked --workspace --all-targets -- -D warnings
    RUSTC_WORKSPACE_WRAPPER=clippy-driver bare_library -- -D warnings
    one_passed
}

# The library as drivers build it: without std, and without any crate but the ones that they may ship.
step_no_std() {
    bare_library
    local crates
    crates=$(cargo tree --locked --package clfsmgmt --no-default-features --edges normal --prefix none |
        awk '{ print $1 }' | sort -u | xargs)
    echo "crates: $crates"
    [ "$crates" = "bitflags clfsmgmt" ]
    one_passed
}

# check_images SCRIPT ARGUMENT…
check_images() (
    use_image_tools
    exec "$VENV/bin/python" "$@"
)

# Both images, the import libraries and the package folder: target/driver/package. The companion driver is linted here
# too; tests/run vm builds it.
step_driver() {
    need driver-tools pefile
    tools/driver/build
    local code=0
    check_images tests/lab/driver/selftest.py || code=$?
    check_images tests/lab/driver/check.py || code=$?
    if tools/driver/build sources; then one_passed; else code=1; fi
    if tests/lab/kmdf-client/build lint; then one_passed; else code=1; fi
    return "$code"
}

# The images under Wine's kernel, driven by the companion driver: scenarios, load and cycles on both stacks. What can be
# built before Wine is there is built meanwhile.
step_vm() {
    local start=$SECONDS code=0 drivers runner
    # What still builds when the step ends early.
    trap 'jobs -p | xargs -r kill 2>/dev/null || true' EXIT
    need driver-tools pefile
    tests/lab/vm/build drivers &
    drivers=$!
    nice -n 10 tests/lab/vm/build runner &
    runner=$!
    need wine
    echo "note install: $((SECONDS - start)) s, beside the builds"
    tests/lab/vm/build prefix || code=$?
    wait "$runner" || code=$?
    # Needed last, by vm.py, which waits for it. The drivers leave a core free by now.
    nice -n 10 cargo build --quiet --locked --release &
    wait "$drivers" || code=$?
    [ "$code" = 0 ] || return "$code"
    check_images tests/lab/vm/vm.py || code=$?
    check_images tests/lab/vm/selftest.py || code=$?
    return "$code"
}

# Against a core library without infallible allocation: what would end the machine for want of memory does not compile.
# That library is built from source, which takes Debian's own toolchain.
step_no_oom() {
    need debian-rust
    use_debian_rust
    RUSTFLAGS='--cfg no_global_oom_handling' cargo rustc --quiet --locked --profile check -Zbuild-std=core,alloc \
        --target x86_64-pc-windows-msvc --target-dir target/no-oom --package clfsmgmt --no-default-features --lib \
        --crate-type rlib
    one_passed
}

# What the optimiser leaves of the panic machinery behind every public operation: nothing.
step_panic_free() {
    need python binutils
    "$PYTHON" tests/lab/panic_free/check.py
}

step_doc() {
    RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --quiet
    one_passed
}

# In the dev profile: overflow checks and debug assertions are on, and no test program is linked with LTO.
step_rust() {
    # For the few tests that unpack samples; the others do without.
    want xz
    cargo test --locked --workspace --no-fail-fast
    [ -n "${CLFSMGMT_SHARED:-}" ] || [ -d ../shared/samples ] || {
        echo "skip the logs that Windows wrote: they lie in ../shared/samples, which is not here; their tests see none"
        echo "0 passed, 0 failed, 1 skipped"
    }
}

# The C header, by each compiler that is there or may be installed (the others' checks are skipped by name); the example.
step_header() {
    need python binutils
    want gcc g++ clang mingw mingw++
    build_program
    "$PYTHON" tests/lab/header/check.py
}

# C programs against the header and the library; once more under the sanitizers, once more under valgrind.
step_c_api() {
    need python gcc
    # Where it cannot be installed its way is skipped; the others are gone.
    want valgrind
    "$PYTHON" tests/lab/c/run.py
}

# The exported functions under Miri: every access to callers' memory, and what the unsafe code promises.
step_miri() {
    need miri
    MIRIFLAGS=-Zmiri-disable-isolation cargo miri test --locked --package clfsmgmt --no-default-features --features host \
        --test exports
}

step_replay() {
    need python
    build_program
    "$PYTHON" cli/tests/end_to_end/replay.py "$PROGRAM"
}

step_pinned() {
    need python
    build_program
    "$PYTHON" cli/tests/end_to_end/pinned.py "$PROGRAM"
}

step_bad_input() {
    need python
    build_program
    "$PYTHON" cli/tests/end_to_end/bad_input.py "$PROGRAM"
}

# A real browser opens the page of a default replay, and of a pinned one, in which every kind of mark is drawn.
step_browser() {
    need browser selenium
    build_program
    local folder=$work/browser
    mkdir "$folder"
    "$PROGRAM" replay --log "$folder/default" --report "$folder/default.html"
    "$PYTHON" cli/tests/end_to_end/traces.py pinned-by-writer "$folder/pinned.csv"
    "$PROGRAM" replay "$folder/pinned.csv" --max-containers 8 --container-size 4MiB --auto-shrink 50% \
        --log "$folder/pinned" --report "$folder/pinned.html"
    check_page default "$folder/default.html" grow ask answer recycle
    check_page pinned "$folder/pinned.html" grow ask answer refuse pinned unpinned recycle shrink
}

# Its output is indented, so that nothing in it is taken for a closing line.
check_page() {
    local name=$1
    shift
    "$VENV/bin/python" cli/tests/browser/check_report.py "$@" 2>&1 | sed 's/^/     /'
    echo "ok   the page of the $name replay"
    one_passed
}

step_dissect() {
    need dissect
    build_program
    local folder=$work/dissect code=0
    mkdir "$folder"
    "$PYTHON" cli/tests/end_to_end/logs.py "$PROGRAM" "$folder" || code=$?
    "$VENV/bin/python" cli/tests/dissect/compare.py "$PROGRAM" "$folder"/*/*.blf || code=$?
    return "$code"
}

# Random histories, and the logs that Windows wrote, listed the same by three readers that share no code.
step_readers() {
    need dissect xz
    build_program
    cargo build --quiet --locked --release --example random_histories
    local folder=$work/readers code=0 archive name samples=${CLFSMGMT_SHARED:-../shared}/samples
    mkdir "$folder"
    target/release/examples/random_histories "$folder" "${CLFSMGMT_SEED:-1}" "${CLFSMGMT_SEEDS:-60}"
    "$PYTHON" tests/second_reader/compare.py "$PROGRAM" "$folder"/*/*.blf || code=$?
    "$VENV/bin/python" cli/tests/dissect/compare.py "$PROGRAM" "$folder"/*/*.blf || code=$?
    "$VENV/bin/python" cli/tests/dissect/compare_records.py "$PROGRAM" "$folder"/*/*.blf || code=$?
    for archive in "$samples"/*.tar.xz; do
        [ -e "$archive" ] || continue
        name=$work/samples/$(basename "$archive" .tar.xz)
        mkdir -p "$name"
        tar -xf "$archive" -C "$name"
    done
    if [ -d "$work/samples" ]; then
        "$PYTHON" tests/second_reader/compare.py "$PROGRAM" "$work"/samples/*/*.blf || code=$?
        "$VENV/bin/python" cli/tests/dissect/compare_records.py "$PROGRAM" "$work"/samples/*/*.blf || code=$?
    else
        echo "skip the logs of Windows: there is no $samples; set CLFSMGMT_SHARED"
        echo "0 passed, 0 failed, 1 skipped"
    fi
    return "$code"
}

# A dedicated log that is written round 300 times, past the USN 255, by a process that is killed: 40 times,
# or CLFSMGMT_KILLS.
step_written_round() {
    need dissect
    build_program
    cargo build --quiet --locked --release --example written_round
    mkdir "$work/round"
    "$PYTHON" tests/second_reader/written_round.py "$PROGRAM" target/release/examples/written_round "$work/round" \
        --kills "${CLFSMGMT_KILLS:-40}" --dissect "$VENV/bin/python"
}

# File systems that lack something or are full.
step_file_systems() {
    need python gcc strace file-systems
    build_program
    "$PYTHON" tests/lab/file_systems/check.py "$PROGRAM"
}

# Sixteen threads over a disk that is slow, fails and lies, killed at random. CLFSMGMT_KILLS of the long form: so often.
step_storm_short() {
    need python gcc
    build_program
    "$PYTHON" tests/lab/storm/run.py "$PROGRAM" --kills 40 --minutes 0.4
}

step_storm() {
    need python gcc
    build_program
    "$PYTHON" tests/lab/storm/run.py "$PROGRAM" --kills "${CLFSMGMT_KILLS:-2000}"
}

# A machine under a real kernel that is switched off; CLFSMGMT_CUTS of the long form: so often.
step_power_short() {
    need power
    build_program
    "$PYTHON" tests/lab/power/power.py "$PROGRAM" "$KERNEL" --cuts 6 --minutes 0.6 --prefixes 20
}

step_power() {
    need power
    build_program
    "$PYTHON" tests/lab/power/power.py "$PROGRAM" "$KERNEL" --cuts "${CLFSMGMT_CUTS:-200}" --prefixes 16
}

# The tests that are marked #[ignore] because they take long.
step_crash_long() { cargo test --locked --release --no-fail-fast -- --ignored; }

# The manager, the layers that join and the C interface under AddressSanitizer, over real threads. Stable Rust has its
# runtime, and takes the option from whoever says that he knows what he does. Leaks are not looked for: a client that a test
# leaves registered holds its log, which holds the client.
step_sanitize() {
    local host
    host=$(rustc -vV | sed -n 's/^host: //p')
    compgen -G "$(rustc --print sysroot)/lib/rustlib/$host/lib/librustc*_rt.asan.a" >/dev/null ||
        skip "the sanitizers: this Rust has no runtime of them"
    ASAN_OPTIONS=detect_leaks=0 CARGO_TARGET_DIR=target/sanitize/address RUSTC_BOOTSTRAP=1 \
        RUSTFLAGS="-Zsanitizer=address -Cunsafe-allow-abi-mismatch=sanitizer" \
        cargo test --locked --package clfsmgmt --target "$host" --no-fail-fast \
        --test manager --test foreign --test library_storm --test exports
    echo "skip ThreadSanitizer: it wants a std built with it, and the sources of this Rust's are not here"
    echo "0 passed, 0 failed, 1 skipped"
}

# Each target for two minutes; `fuzz/run 0 TARGET` has no end.
step_fuzz() {
    need g++
    fuzz/run 120
}

step_bench() {
    cargo bench --locked
    one_passed
}
