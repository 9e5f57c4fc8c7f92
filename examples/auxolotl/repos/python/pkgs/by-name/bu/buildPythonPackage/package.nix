# Written once by aux-gen; from here on it is yours.
{
  stdenv,
  python3,
}:

# A function that makes packages: add here what all of them have in common.
attributes:
stdenv.mkDerivation (
  attributes
  // {
    buildInputs = (attributes.buildInputs or [ ]) ++ [
      python3
    ];
  }
)
