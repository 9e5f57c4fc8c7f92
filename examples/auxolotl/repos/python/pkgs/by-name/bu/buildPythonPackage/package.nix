# Makes one Python package: `src` has a directory with the name of the module. If
# there is a `__main__.py` in it, the package has a program too.
{
  stdenv,
  lib,
  python3,
}:

{
  pname,
  version,
  src,
  # Python packages that are imported at run time, and those that only build this one.
  dependencies ? [ ],
  build-system ? [ ],
  meta ? { },
  passthru ? { },
  ...
}@attributes:

let
  # Python wants `-` in the name of a package and does not want it in a module's.
  module = builtins.replaceStrings [ "-" ] [ "_" ] pname;

  # What is imported imports in turn.
  closure = builtins.concatMap (package: [ package ] ++ closure package.dependencies);
  sitePackages = lib.makeSearchPath python3.sitePackages;
in
stdenv.mkDerivation (
  removeAttrs attributes [
    "dependencies"
    "build-system"
  ]
  // {
    inherit module;

    nativeBuildInputs = (attributes.nativeBuildInputs or [ ]) ++ build-system;
    propagatedBuildInputs = [ python3 ] ++ dependencies;

    # For what runs while it is built; the program gets its own below.
    PYTHONPATH = sitePackages (closure (build-system ++ dependencies));
    runtimePath = sitePackages (closure dependencies);
    requires = map (package: package.pname) dependencies;
    site = python3.sitePackages;

    checkPhase = ''
      if ! grep -q "__version__ = \"$version\"" "$module/__init__.py"; then
        echo "$module/__init__.py does not say that this is version $version" >&2
        exit 1
      fi
      ${attributes.checkPhase or ""}
    '';

    installPhase = ''
      info="$out/$site/$module-$version.dist-info"
      mkdir -p "$info"
      cp -R "$module" "$out/$site/"

      # What pip would look at: the name, the version and what is required.
      printf '%s\n' "Name: $pname" "Version: $version" > "$info/METADATA"
      for required in $requires; do
        echo "Requires-Dist: $required" >> "$info/METADATA"
      done
      if [ -f setup.py ]; then
        python3 setup.py > "$info/WHEEL"
      fi

      if [ -f "$module/__main__.py" ]; then
        mkdir -p "$out/bin"
        printf '%s\n' \
          '#!/bin/sh' \
          "export PYTHONPATH=$out/$site''${runtimePath:+:$runtimePath}" \
          "exec ${lib.getExe python3} $out/$site/$module/__main__.py \"\$@\"" \
          > "$out/bin/$pname"
        chmod +x "$out/bin/$pname"
      fi
      ${attributes.installPhase or ""}
    '';

    passthru = passthru // {
      inherit dependencies;
    };
  }
)
