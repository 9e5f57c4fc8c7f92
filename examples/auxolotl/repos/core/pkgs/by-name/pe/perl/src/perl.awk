# A little Perl: `my $name = "...";` and `print "...";`, with $name and $ARGV[n]
# in the strings.
BEGIN {
  for (i = 2; i < ARGC; i++) {
    value["ARGV[" (i - 2) "]"] = ARGV[i]
    delete ARGV[i]
  }
}

function fail(message) {
  printf "perl: %s at %s line %d.\n", message, FILENAME, FNR > "/dev/stderr"
  exit 255
}

function interpolate(text,    done, name, c) {
  while (text != "") {
    if (match(text, /^\\./)) {
      c = substr(text, 2, 1)
      done = done (c == "n" ? "\n" : c == "t" ? "\t" : c)
    } else if (match(text, /^\$[A-Za-z_]+(\[[0-9]+\])?/)) {
      name = substr(text, 2, RLENGTH - 1)
      if (!(name in value)) fail("$" name " has no value")
      done = done value[name]
    } else {
      match(text, /^./)
      done = done substr(text, 1, 1)
    }
    text = substr(text, RLENGTH + 1)
  }
  return done
}

/^[ \t]*(#|$)/ || /^use (strict|warnings);$/ { next }
/^my \$[A-Za-z_]+ = ".*";$/ {
  split($0, word, /[ $]+/)
  start = index($0, "\"") + 1
  value[word[2]] = interpolate(substr($0, start, length($0) - start - 1))
  next
}
/^print ".*";$/ { printf "%s", interpolate(substr($0, 8, length($0) - 9)); next }
{ fail("this small Perl does not know `" $0 "`") }
