# The reason why a Python interpreter is in core at all.
{
  stdenv,
  python3,
}:

stdenv.mkDerivation {
  pname = "ninja";
  version = "1.12.1";

  src = ./src;

  nativeBuildInputs = [ python3 ];

  configurePhase = ''
    python3 configure.py "$version" > version.awk
  '';

  buildPhase = ''
    cat version.awk run.awk > ninja.awk
  '';

  # It has to build something before others build with it.
  checkPhase = ''
    printf '%s\n' 'rule copy' '  command = cp $in $out' 'build two: copy one' > build.ninja
    echo content > one
    awk -f ninja.awk build.ninja
    grep -q content two
  '';

  installPhase = ''
    mkdir -p "$out/bin" "$out/lib/ninja"
    cp ninja.awk "$out/lib/ninja/"
    fill out < ninja.sh > "$out/bin/ninja"
    chmod +x "$out/bin/ninja"
  '';

  meta = {
    description = "A build system";
    mainProgram = "ninja";
  };
}
