# Go to shell: `var name = "..."`, which the linker's -X may replace, and
# `fmt.Println` of such names and of strings.
BEGIN {
  count = split(flags, word, " ")
  for (i = 2; i <= count; i++) if (word[i - 1] == "-X" && sub(/^main\./, "", word[i])) {
    equals = index(word[i], "=")
    linked[substr(word[i], 1, equals - 1)] = substr(word[i], equals + 1)
  }
  print "#!/bin/sh"
}

function fail(message) {
  print FILENAME ":" FNR ": " message > "/dev/stderr"
  exit 1
}

function quoted(text) {
  gsub(/'/, "'\\''", text)
  return "'" text "'"
}

/^[ \t]*(\/\/|$)/ || /^package main$/ || /^import "fmt"$/ || /^func main\(\) \{$/ || /^}$/ { next }
/^var [a-zA-Z]+ = "[^"]*"$/ {
  value[$2] = ($2 in linked) ? linked[$2] : substr($0, index($0, "\"") + 1)
  if (!($2 in linked)) sub(/"$/, "", value[$2])
  next
}
/^\tfmt\.Println\(.*\)$/ {
  rest = substr($0, 14, length($0) - 14)
  line = ""
  while (rest != "") {
    if (match(rest, /^"[^"]*"/)) item = substr(rest, 2, RLENGTH - 2)
    else if (match(rest, /^[a-zA-Z]+/) && (substr(rest, 1, RLENGTH) in value)) item = value[substr(rest, 1, RLENGTH)]
    else fail("undefined: " rest)
    line = line (line == "" ? "" : " ") item
    rest = substr(rest, RLENGTH + 1)
    sub(/^, /, "", rest)
  }
  print "echo " quoted(line)
  next
}
{ fail("syntax error: this small Go does not know `" $0 "`") }
