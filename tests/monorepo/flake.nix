{
  description = "A package collection in one tree";

  outputs =
    { self }:
    let
      forEachSystem =
        f:
        builtins.listToAttrs (
          map (system: {
            name = system;
            value = f system;
          }) [ "x86_64-linux" ]
        );
    in
    {
      lib = import ./lib;

      legacyPackages = forEachSystem (system: import ./. { inherit system; });
    };
}
