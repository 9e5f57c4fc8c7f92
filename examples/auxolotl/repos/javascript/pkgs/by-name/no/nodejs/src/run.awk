# A little JavaScript: `const x = ...;`, `exports.x = ...;` and `console.log(...);`
# of strings, templates and names, and `require` of a module. Whatever runs here
# runs with every Node.
BEGIN {
  for (i = 1; i < ARGC; i++) value["process.argv[" i "]"] = ARGV[i]
  places = split(ENVIRON["NODE_PATH"], place, ":")
  run(ARGV[1], "")
  exit
}

function fail(message) {
  print message > "/dev/stderr"
  exit 1
}

function look(name, scope) {
  if ((scope name) in value) return value[scope name]
  if (name in value) return value[name]
  fail("ReferenceError: " name " is not defined")
}

function evaluate(expression, scope,    rest, done) {
  if (expression ~ /^"[^"]*"$/) return substr(expression, 2, length(expression) - 2)
  if (expression !~ /^`[^`]*`$/) return look(expression, scope)
  rest = substr(expression, 2, length(expression) - 2)
  while (match(rest, /\$\{[^}]*\}/)) {
    done = done substr(rest, 1, RSTART - 1) look(substr(rest, RSTART + 2, RLENGTH - 3), scope)
    rest = substr(rest, RSTART + RLENGTH)
  }
  return done rest
}

# The exports of the module `wanted` become `name.x` of who asked for it.
function require(wanted, name, scope,    i, file, line) {
  for (i = 1; i <= places; i++) {
    file = place[i] "/" wanted "/index.js"
    if ((getline line < file) >= 0) {
      close(file)
      run(file, scope name ".")
      return
    }
  }
  fail("Error: Cannot find module '" wanted "'")
}

function run(file, scope,    line, found, name, to) {
  while ((found = (getline line < file)) > 0) {
    if (line ~ /^[ \t]*(\/\/|$)/ || line == "\"use strict\";") continue
    if (line !~ /;$/) fail("SyntaxError: this small Node does not know: " line)
    sub(/;$/, "", line)
    if (line ~ /^console\.log\(.*\)$/) print evaluate(substr(line, 13, length(line) - 13), scope)
    else if (match(line, /^(const |exports\.)[A-Za-z]+ = /)) {
      name = substr(line, 1, RLENGTH - 3)
      sub(/^(const |exports\.)/, "", name)
      to = substr(line, RLENGTH + 1)
      if (to ~ /^require\("[^"]*"\)$/) require(substr(to, 10, length(to) - 11), name, scope)
      else value[scope name] = evaluate(to, scope)
    } else fail("SyntaxError: this small Node does not know: " line)
  }
  if (found < 0) fail("Error: Cannot find module '" file "'")
  close(file)
}
