# Holds the imports between the rooms of a folder against their layers; scripts/check-imports has the table and runs it.
#
# It knows a path in the source by its first word, `crate`, `super` or `self`, and follows a name that the folder's own file
# (`lib.rs`, `mod.rs`) hands on with `use` to the room that it is of.

BEGIN {
  rows = split(layers, row, "\n")
  for (i = 1; i <= rows; i++) {
    words = split(row[i], word, " ")
    if (words) folders[word[1]]
    for (j = 2; j <= words; j++) layer[word[1], word[j]] = i
  }
}

FNR == 1 { in_tests = marked = 0 }
/^#\[cfg\(test\)\]/ { marked = 1 }
# Tests of a file stand at its end.
marked && /^mod [a-z_]+ \{/ { in_tests = 1 }
/^mod / { marked = 0 }
!in_tests { sub(/\/\/.*/, ""); gsub(/pub\(in [^)]*\)/, "pub"); text[FILENAME] = text[FILENAME] " " $0 }

END {
  for (file in text) if (is_face(file)) read_face(file)
  for (file in text) check(file)
  exit failed
}

function is_face(file) { return file ~ /\/(lib|mod)\.rs$/ && (folder_of(file) in folders) }
function folder_of(file) { sub(/\/[^\/]*$/, "", file); return file }

# Notes of each name that the folder's own file hands on which room it is of; none where it is of another crate.
function read_face(file,    folder, i, count, segment) {
  folder = folder_of(file)
  paths = 0
  take_uses(text[file])
  for (i = 1; i <= paths; i++) {
    count = split(path[i], segment, "::")
    j = segment[1] == "self" ? 2 : 1
    handed[folder, alias[i]] = (folder, segment[j]) in layer ? segment[j] : "-"
  }
}

function check(file,    rest, i, own) {
  own = module(file)
  paths = 0
  rest = take_uses(text[file])
  while (match(rest, /(^|[^A-Za-z0-9_:])(crate|super|self)(::[A-Za-z0-9_]+)+/)) {
    path[++paths] = substr(rest, RSTART, RLENGTH)
    sub(/^[^a-z]/, "", path[paths])
    rest = substr(rest, RSTART + RLENGTH)
  }
  for (i = 1; i <= paths; i++) hold(file, absolute(own, path[i]))
}

# Holds one path against every folder that the file stands in.
function hold(file, named,    folder, prefix, from, to) {
  if (named == "") return
  for (folder in folders) {
    if (index(file, folder "/") != 1) continue
    prefix = module(folder "/mod.rs")
    if (prefix != "" && index(named "::", prefix "::") != 1) continue
    from = first(substr(file, length(folder) + 2), "/")
    sub(/\.rs$/, "", from)
    to = first(prefix == "" ? named : substr(named, length(prefix) + 3), "::")
    if (!((folder, to) in layer)) {
      if ((folder, to) in handed) to = handed[folder, to]
      else to = prefix == "" ? "lib" : "mod"
    }
    if (from == to || to == "-") continue
    if (!((folder, from) in layer)) complain(folder "/" from " stands in no layer: give it one in scripts/check-imports")
    else if (layer[folder, to] >= layer[folder, from]) complain("forbidden import: " file " → " folder "/" to)
  }
}

function complain(what) {
  if (!(what in said)) print what
  said[what]
  failed = 1
}

# Adds the paths of all `use` statements, each with the name that it has here; gives the text without them.
function take_uses(source,    rest, statement) {
  rest = ""
  while (match(source, /(^|[^A-Za-z0-9_])use +[^;]*;/)) {
    statement = substr(source, RSTART, RLENGTH - 1)
    sub(/^.?use +/, "", statement)
    rest = rest " " substr(source, 1, RSTART - 1)
    source = substr(source, RSTART + RLENGTH)
    take_tree("", statement)
  }
  return rest source
}

# Adds the paths of one tree of a `use`.
function take_tree(prefix, tree,    open, inner, depth, i, from, symbol, as) {
  gsub(/^ +| +$/, "", tree)
  open = index(tree, "{")
  if (!open) {
    if (tree == "") return
    as = tree
    sub(/.*( as |::)/, "", as)
    sub(/ as .*/, "", tree)
    if (tree == "self") sub(/::$/, "", prefix)
    path[++paths] = prefix (tree == "self" ? "" : tree)
    alias[paths] = as
    return
  }
  inner = substr(tree, open + 1, length(tree) - open - 1)
  prefix = prefix substr(tree, 1, open - 1)
  from = 1
  for (i = 1; i <= length(inner) + 1; i++) {
    symbol = substr(inner, i, 1)
    if (symbol == "{") depth++
    if (symbol == "}") depth--
    if ((symbol == "," && !depth) || i > length(inner)) {
      take_tree(prefix, substr(inner, from, i - from))
      from = i + 1
    }
  }
}

# The module of a file: `person::consents` for `…/src/person/consents/mod.rs`; empty for the crate's own.
function module(file) {
  sub(/^.*\/src\//, "", file)
  sub(/\.rs$/, "", file)
  sub(/(^|\/)(mod|lib)$/, "", file)
  gsub(/\//, "::", file)
  return file
}

# A path from the crate on; empty for one that isn't of this crate.
function absolute(own, named,    count, segment, i) {
  count = split(named, segment, "::")
  if (segment[1] != "crate" && segment[1] != "super" && segment[1] != "self") return ""
  if (segment[1] == "crate") own = ""
  for (i = 1; segment[i] == "crate" || segment[i] == "super" || segment[i] == "self"; i++)
    if (segment[i] == "super" && !sub(/::[^:]*$/, "", own)) own = ""
  for (; i <= count; i++) own = own == "" ? segment[i] : own "::" segment[i]
  return own
}

function first(named, separator,    at) {
  at = index(named, separator)
  return at ? substr(named, 1, at - 1) : named
}
