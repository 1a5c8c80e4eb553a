# shellcheck shell=bash disable=SC2154
# A fresh machine: a minimal Debian 12 in a folder, in which what README promises is done as a new user would do it.
# Sourced by tests/run; its own lines go to descriptor 3 while it runs, since it takes as long as all tests.
#
# The folder has what a machine with Rust has: Debian's essential packages, a C compiler, and this machine's toolchain,
# read-only. How packages are reached (addresses, certificates, proxies) is this machine's. Mounts and processes are in
# namespaces of their own, which end with the one process that this waits for; so whatever happens, removing the folder
# removes all.

readonly FRESH=$PWD/target/fresh
# What a machine with Rust has beside it.
readonly FRESH_PACKAGES=ca-certificates,gcc,libc6-dev
readonly FRESH_PATH=/opt/rust/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
readonly FRESH_HOME=/root/clfsmgmt
# What a run of tests/run closes with.
readonly COUNTED='^[0-9]+ passed, [0-9]+ failed, [0-9]+ skipped$'
# Of this machine's environment, what says how packages are reached.
readonly REACH='(https?|no|all)_proxy|ssl_cert_(file|dir)|curl_ca_bundle|requests_ca_bundle'\
'|pip_(cert|index_url|extra_index_url|trusted_host|default_timeout)|cargo_(http|net|registries)_[a-z_]*'

# step_fresh              both commands of README, in one root
# step_fresh STEP…        each step in a root of its own
step_fresh() {
    local toolchain step code=0
    [ "$(id -u)" = 0 ] || skip "a fresh Debian is made by root only"
    unshare --mount --pid --fork true 2>/dev/null || skip "no namespace for mounts may be made here"
    toolchain=$(rustc --print sysroot)
    [ "$toolchain" != /usr ] || skip "the active toolchain is Debian's, which no folder can be given alone"
    need fresh-root
    mkdir -p "$FRESH"
    sweep_places
    place=$FRESH/$BASHPID inside=
    root=$place/root base=$place/base
    # Held by all that run in there.
    exec 9>"$place.lock"
    flock -n 9
    remove "$place"
    mkdir "$place"
    mapfile -t setting < <(env | grep -iE "^($REACH)=")
    trap end_place EXIT
    make_base
    if [ $# = 0 ]; then
        enter replay "cargo run --release -- replay" '^Nothing was lost: ' || code=1
        enter tests/run tests/run "$COUNTED" || code=1
        return "$code"
    fi
    for step in "$@"; do
        remove "$root"
        enter "$step" "tests/run $step" "$COUNTED" || code=1
    done
    return "$code"
}

# Says it at once, indented, so that nothing in it is taken for a closing line.
say_now() { echo "     fresh: $*" >&3; }

# --- making and removing ---------------------------------------------------------------------------------------------

# Where this machine has Debian's packages from, as lines of a sources.list.
debian_sources() {
    # shellcheck disable=SC2016
    apt-get indextargets --format 'deb $(REPO_URI) $(CODENAME) $(COMPONENT)' 'Created-By: Packages' 'Origin: Debian' |
        { grep -E ' bookworm(-updates|-security)? main$' || true; } | sort -u
}

make_base() {
    local start=$SECONDS
    debian_sources >"$work/sources.list"
    # A machine whose lists were never fetched does not know yet.
    [ -s "$work/sources.list" ] || {
        update_lists || true
        debian_sources >"$work/sources.list"
    }
    [ -s "$work/sources.list" ] || skip "this machine does not have the packages of Debian 12"
    # It mounts: in a namespace that ends with it.
    unshare --mount mmdebstrap --quiet --variant=minbase --dpkgopt=force-unsafe-io --include="$FRESH_PACKAGES" bookworm "$base" - \
        <"$work/sources.list"
    copy_setting
    say_now "a root of $(du -sm "$base" | cut -f1) MiB, $((SECONDS - start)) s"
}

# How this machine reaches packages: what a new user has set up already, or need not.
copy_setting() {
    local file
    apt-config dump Acquire | grep -iE 'proxy|verify|cainfo' >"$base/etc/apt/apt.conf.d/90reach" || true
    for file in /etc/resolv.conf /etc/hosts /etc/pip.conf "$HOME/.config/pip/pip.conf" "$HOME/.pip/pip.conf"; do
        [ ! -e "$file" ] || install -D -m 644 "$file" "$base/${file/#$HOME//root}"
    done
    file=${CARGO_HOME:-$HOME/.cargo}/config.toml
    [ ! -e "$file" ] || install -D -m 644 "$file" "$base/root/.cargo/config.toml"
    if compgen -G '/usr/local/share/ca-certificates/*.crt' >/dev/null; then
        cp /usr/local/share/ca-certificates/*.crt "$base/usr/local/share/ca-certificates/"
        chroot "$base" /usr/bin/env -u TMPDIR update-ca-certificates >/dev/null 2>&1
    fi
}

# HEAD, as somebody who clones it gets it.
make_root() {
    [ -d "$root" ] && return
    cp -a --reflink=auto "$base" "$root"
    # Whoever owns the project here.
    git -c safe.directory='*' clone --quiet --no-hardlinks "$PWD" "$root$FRESH_HOME"
}

# Nothing is mounted below it here: mounts are in namespaces that have ended. If something is, it stays.
remove() {
    if grep -qF " $1/" /proc/self/mountinfo; then
        echo "$1 stays: something is mounted in it"
        return 1
    fi
    rm -rf --one-file-system "$1"
}

end_place() {
    if [ -n "$inside" ]; then
        # With it, the kernel ends all others in there.
        kill -KILL "$inside" 2>/dev/null || true
        wait "$inside" 2>/dev/null || true
    fi
    remove "$place" && rm -f "$place.lock"
}

# What a run that was killed left behind: what nobody holds any more.
sweep_places() {
    local lock
    for lock in "$FRESH"/[0-9]*.lock; do
        [ ! -e "$lock" ] || (
            exec 8>"$lock"
            flock -n 8 || exit 0
            remove "${lock%.lock}" && rm -f "$lock"
        )
    done
}

# --- running inside --------------------------------------------------------------------------------------------------

# enter NAME COMMAND PATTERN: runs it in the root. It passed if it ends with 0, and the last line that fits tells that
# something passed and nothing failed; or it was skipped.
enter() {
    local name=$1 command=$2 pattern=$3 log=$work/inside.log start=$SECONDS code=0 closing
    make_root
    # The first process inside ends with what it was given, and everything with it.
    : >"$log"
    unshare --mount --pid --fork --kill-child=KILL \
        bash -c "$(declare -f mount_root); mount_root \"\$@\"" mount_root "$root" "$toolchain" \
        chroot "$root" /usr/bin/env -i "${setting[@]}" HOME=/root PATH="$FRESH_PATH" TERM=dumb \
        /bin/bash -c "cd $FRESH_HOME && $command" >"$log" 2>&1 3>&- </dev/null &
    inside=$!
    tail -n +1 -f --pid="$inside" "$log" 2>/dev/null | sed -u 's/^/     | /' >&3 &
    wait "$inside" || code=$?
    inside=
    wait
    closing=$(grep -aE "$pattern" "$log" | tail -n 1 || true)
    say_now "$name: $closing, exit code $code, $((SECONDS - start)) s"
    echo "note $name: $closing, $((SECONDS - start)) s"
    grep -aE '^ *skip ' "$log" | sed 's/^ */note   in there: /' || true
    if [ "$code" = 0 ] && [[ $closing == "0 passed, 0 failed, "* ]]; then
        echo "0 passed, 0 failed, 1 skipped"
    elif [ "$code" = 0 ] && [ -n "$closing" ] && [[ $closing != *" failed,"* || $closing == *" 0 failed,"* ]]; then
        one_passed
    else
        echo "$name: exit code $code; \"$closing\""
        echo "0 passed, 1 failed, 0 skipped"
        return 1
    fi
}

# mount_root ROOT TOOLCHAIN COMMAND…: in namespaces of its own; becomes the command.
mount_root() {
    set -e
    mount -t proc proc "$1/proc"
    mount --rbind /sys "$1/sys"
    mount --rbind /dev "$1/dev"
    mkdir -p "$1/opt/rust"
    mount --bind "$2" "$1/opt/rust"
    mount -o remount,bind,ro "$1/opt/rust"
    shift 2
    exec "$@"
}
