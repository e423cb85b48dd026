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

# What checks and tests build, always all of it: for another selection cargo would choose other features, and build most
# dependencies again. The core's library can reach a relay on this machine then, which a shipped one can't.
house=(--locked --workspace --features kist-ffi/loopback)
build_house() { cargo build "$@" "${house[@]}" --lib --bins --tests; }

# Runs a command in the Swift tree, in the repository.
in_swift() { "$repo/scripts/swift/in-swift.sh" "$swift_root" "$repo" "$@"; }

# Puts the Kotlin SDK where the wallet's build finds it.
install_sdk() { mvn -B -ntp -q -f "$repo/sdk-kotlin/pom.xml" -DskipTests install; }
