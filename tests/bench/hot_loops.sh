#!/bin/sh
# hot_loops.sh OBJDUMP LIBRARY TABLE: the timed loop of every kernel in the disassembly. Each must hold exactly the instructions the
# table says, as many different accumulators as the end of its name says, and two more instructions to count and branch.
# Table: name of the kernel, number of its variants, then mnemonic:count ... .
set -eu
"$1" -d --no-show-raw-insn "$2" | awk -v table="$3" '
function finish(   i, j, from, last, mnemonic, n, wanted, parts, accumulators, seen, operands, register, total, base, key, line) {
  if (name == "") return
  base = name; sub(/_[0-9]+$/, "", base)
  accumulators = name; sub(/^.*_/, "", accumulators)
  if (!(base in expected)) { print name ": not in the table"; bad = 1; name = ""; return }
  found[base]++
  # The loop: from the target of the last backward branch to the branch.
  from = 0
  for (i = count; i > 0 && !from; --i) {
    if (code[i] ~ /^(jne|jnz|b\.ne)/) {
      split(code[i], parts, /[ \t]+/)
      for (j = 1; j < i; ++j) if (at[j] == parts[2]) { from = j; last = i }
    }
  }
  if (!from) { print name ": no loop"; bad = 1; name = ""; return }
  delete n; delete seen
  total = 0; registers = 0
  for (i = from; i <= last; ++i) {
    mnemonic = code[i]; sub(/[ \t].*/, "", mnemonic)
    if (mnemonic ~ /^\{/) { mnemonic = code[i]; sub(/^[^ \t]*[ \t]+/, "", mnemonic); sub(/[ \t].*/, "", mnemonic) }
    n[mnemonic]++; total++
    if ((base, mnemonic) in wants) {
      operands = code[i]; sub(/^(\{[a-z]*\} *)?[^ \t]*[ \t]+/, "", operands)
      split(operands, parts, /, */)
      register = operands ~ /%/ ? operands : parts[1]
      if (operands ~ /%/) sub(/^.*%/, "", register)
      if (!(register in seen)) { seen[register] = 1; registers++ }
    }
  }
  sum = 0
  for (key in wants) {
    split(key, parts, SUBSEP)
    if (parts[1] != base) continue
    sum += wants[key]
    if (n[parts[2]] != wants[key]) { print name ": " n[parts[2]] + 0 " " parts[2] " in the loop, not " wants[key]; bad = 1 }
  }
  if (registers != accumulators + 0) { print name ": " registers " accumulators"; bad = 1 }
  if (total != sum + 2) { print name ": " total " instructions in the loop, not " sum + 2; bad = 1 }
  checked++
  name = ""
}
BEGIN {
  while ((getline line < table) > 0) {
    if (line ~ /^#/ || line == "") continue
    fields = split(line, f, / +/)
    expected[f[1]] = f[2]
    for (i = 3; i <= fields; ++i) { split(f[i], pair, ":"); wants[f[1], pair[1]] = pair[2] }
  }
}
/^[0-9a-f]+ <.*>:$/ { finish(); name = $2; gsub(/[<>:]/, "", name); if (name !~ /^k_.*_[0-9]+$/) name = ""; count = 0; next }
name != "" && /^ *[0-9a-f]+:/ { line = $0; sub(/^ */, "", line); address = line; sub(/:.*/, "", address); sub(/^[^:]*:[ \t]*/, "", line); code[++count] = line; at[count] = address }
END {
  finish()
  for (base in expected) if (found[base] + 0 != expected[base] + 0) { print base ": " found[base] + 0 " variants, not " expected[base]; bad = 1 }
  print checked + 0 " hot loops checked"
  exit bad
}'
