# Written once by aux-gen; from here on it is yours.
{
  stdenv,
  openssl,
}:

# A function that makes packages: add here what all of them have in common.
attributes:
stdenv.mkDerivation (
  attributes
  // {
    buildInputs = (attributes.buildInputs or [ ]) ++ [
      openssl
    ];
  }
)
