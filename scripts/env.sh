# env.sh: what the scripts share: places, a way to say what is done, help. Sourced, not run.

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
target=${CARGO_TARGET_DIR:-$repo/target}
cache=${KIST_CACHE:-$HOME/.cache/kist} # kept between checkouts: tools and the Swift tree
swift_root=$cache/swift-root
export PATH="$cache/tools/bin:$PATH"

say() { printf '== %s\n' "$*"; }

die() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

# Prints the comment at the head of the calling script, when asked for help.
help_if_asked() {
  case "${1-}" in -h | --help) ;; *) return 0 ;; esac
  sed -n '2,/^[^#]/{/^#/s/^# \{0,1\}//p}' "$0"
  exit 0
}

# The core's library as the SDKs are tested: it also reaches a relay on this machine, which a shipped one can't.
ffi_for_tests=(-p kist-ffi --features kist-ffi/loopback)

# Runs a command in the Swift tree, in the repository.
in_swift() { "$repo/scripts/swift/in-swift.sh" "$swift_root" "$repo" "$@"; }
