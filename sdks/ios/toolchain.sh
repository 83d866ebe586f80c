#!/usr/bin/env bash
# A Swift toolchain: the machine's own, or that of Debian 13 in a folder (SWIFT_ROOT, or var/swift in this repository).
#   toolchain.sh install        makes the folder when no Swift is there: as root, with debootstrap; 2.7 GB
#   toolchain.sh run COMMAND    runs a command with the toolchain, in a mount namespace of its own
set -euo pipefail
repository="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
root="${SWIFT_ROOT:-$repository/var/swift}"
packages=(swiftlang libc6-dev libstdc++-14-dev git)

fail() {
    echo "tributary: $1" >&2
    exit 1
}

install() {
    [[ $(id -u) == 0 ]] || fail "Making a root of Debian 13 needs root; or install Swift, so that \`swift\` is found."
    command -v debootstrap > /dev/null || fail "debootstrap is not installed: apt-get install debootstrap"
    made="$root.$$" # not local: the trap still needs it
    trap 'rm -rf "$made"' EXIT
    mkdir -p "$(dirname "$root")"
    debootstrap --variant=minbase trixie "$made"
    DEBIAN_FRONTEND=noninteractive chroot "$made" apt-get install -y --no-install-recommends "${packages[@]}"
    chroot "$made" apt-get clean
    mv "$made" "$root" # whole, or not there
}

# The repository and /tmp stand where they stand outside, so paths and messages mean the same.
enter() {
    exec unshare --mount bash -euc '
        root=$1 repository=$2 folder=$PWD; shift 2
        mkdir -p "$root$repository"
        for shared in /proc /dev /tmp "$repository"; do mount --bind "$shared" "$root$shared"; done
        exec chroot "$root" /bin/sh -c "cd \"\$0\" && exec \"\$@\"" "$folder" "$@"
    ' bash "$root" "$repository" "$@"
}

is_installed() {
    [[ -x $root/usr/bin/swift-build ]]
}

case "${1:-}" in
install) command -v swift > /dev/null || is_installed || install ;;
run)
    shift
    if command -v swift > /dev/null; then exec "$@"; fi
    is_installed || fail "Swift is not installed: make test-ios makes a root of Debian 13 that has it."
    enter "$@"
    ;;
*) fail "toolchain.sh install | toolchain.sh run COMMAND" ;;
esac
