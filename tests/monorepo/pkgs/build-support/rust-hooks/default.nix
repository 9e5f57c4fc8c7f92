{
  stdenv,
  cargo,
  rustc ? null,
}:
stdenv.mkDerivation {
  pname = "rust-hooks";
  inherit cargo rustc;
}
