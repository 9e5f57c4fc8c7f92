# What is in no by-name directory.
self: super: with self; {
  # Needs curl, and so all that curl needs.
  fetchurl =
    { url, sha256 }:
    derivation {
      name = baseNameOf url;
      inherit (stdenv) system;
      inherit url;
      builder = "${buildPackages.curl}/bin/curl";
      outputHashMode = "flat";
      outputHashAlgo = "sha256";
      outputHash = sha256;
    };

  # Goes over what a by-name directory says.
  sqlite = super.sqlite.override { interactive = true; };

  roleHook = callPackage ../build-support/role-hook { };

  # Asks for a package of a SIG.
  rustHooks = callPackage ../build-support/rust-hooks { };
}
