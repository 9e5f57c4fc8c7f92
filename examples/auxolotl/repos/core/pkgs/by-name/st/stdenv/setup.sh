# Builds one package: looks for tools, collects the inputs, runs the phases.
PATH=/usr/bin:/bin:/run/current-system/sw/bin
export PATH

# Nix's sandbox has a shell and nothing else. `mkdir: not found` from the middle
# of a phase would not tell anybody what to do about it.
for tool in mkdir awk cat chmod cp grep sed tar; do
  if ! command -v "$tool" >/dev/null; then
    echo "stdenv: $name cannot be built: there is no \`$tool\` here." >&2
    echo "stdenv: this small stdenv uses the machine's tools, which the sandbox hides." >&2
    echo "stdenv: build with \`--option sandbox false\`, or give core a real bootstrap." >&2
    exit 1
  fi
done

# All inputs and what they propagate, each once, the first one first in PATH.
inputs=
collect() {
  for input in "$@"; do
    case " $inputs " in *" $input "*) continue ;; esac
    inputs="$inputs $input"
    if [ -f "$input/nix-support/propagated-build-inputs" ]; then
      collect $(cat "$input/nix-support/propagated-build-inputs")
    fi
  done
}
collect ${nativeBuildInputs-} ${buildInputs-} ${propagatedBuildInputs-}
directories=
for input in $inputs; do
  if [ -d "$input/bin" ]; then directories="$directories$input/bin:"; fi
done
PATH="$directories$PATH"

# fill NAME...: copies stdin to stdout with each @NAME@ replaced by $NAME.
fill() {
  edits=
  for variable in "$@"; do
    eval "edits=\"\$edits;s|@$variable@|\$$variable|g\""
  done
  sed "${edits#;}"
}

unpack() {
  if [ -d "$src" ]; then
    cp -R "$src" source
    chmod -R u+w source
    cd source
  else
    tar -xf "$src"
    cd ./*/
  fi
}

phase=start
trap 'if [ $? != 0 ]; then echo "stdenv: $name failed in $phase" >&2; fi' EXIT
for phase in unpackPhase patchPhase configurePhase buildPhase checkPhase installPhase; do
  eval "steps=\${$phase-}"
  if [ "$phase$steps" = unpackPhase ] && [ -n "${src-}" ] && [ -z "${dontUnpack-}" ]; then
    steps=unpack
  fi
  if [ -n "$steps" ]; then
    echo "stdenv: $name: $phase"
    eval "$steps"
  fi
done

if [ -n "${propagatedBuildInputs-}" ]; then
  mkdir -p "$out/nix-support"
  echo "$propagatedBuildInputs" > "$out/nix-support/propagated-build-inputs"
fi
