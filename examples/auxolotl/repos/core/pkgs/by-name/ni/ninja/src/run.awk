# Runs the `build` lines of a build.ninja, in the order in which they stand there.
BEGIN {
  if (ARGV[1] == "--version") {
    print version()
    exit
  }
}

function fail(message) {
  print "ninja: error: " message > "/dev/stderr"
  exit 1
}

/^[ \t]*(#|$)/ { next }
$1 == "rule" { rule = $2; next }
/^  command = / { command[rule] = substr($0, 13); next }
$1 == "build" {
  out = substr($2, 1, length($2) - 1)
  if (!($3 in command)) fail("unknown build rule '" $3 "'")
  if (system("test -e " $4)) fail("'" $4 "', needed by '" out "', missing and no known rule to make it")
  line = command[$3]
  gsub(/\$in/, $4, line)
  gsub(/\$out/, out, line)
  print line
  if (system(line)) fail("build stopped: subcommand failed.")
  next
}
{ fail(FILENAME ":" FNR ": what is `" $0 "`?") }
