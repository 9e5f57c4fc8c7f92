{
  stdenv,
  python3,
  rustPlatform,
}:
rustPlatform.build {
  inherit stdenv;
  pname = "cryptography";
  inherit python3;
}
