let
  inherit (builtins)
    attrNames
    filter
    functionArgs
    head
    intersectAttrs
    isAttrs
    isFunction
    ;

  fix =
    f:
    let
      x = f x;
    in
    x;

  extends =
    overlay: f: final:
    let
      prev = f final;
    in
    prev // overlay final prev;

  # As nixpkgs does it: a missing argument is an abort, which nobody can catch.
  callPackageWith =
    set: package: given:
    let
      f = if isFunction package then package else import package;
      asked = functionArgs f;
      missing = filter (name: !asked.${name} && !(set ? ${name}) && !(given ? ${name})) (attrNames asked);
      value = f (intersectAttrs asked set // given);
    in
    if missing != [ ] then
      abort "Function called without required argument \"${head missing}\""
    else if isAttrs value then
      value // { override = more: callPackageWith set f (given // more); }
    else
      value;
in
{
  inherit callPackageWith extends fix;

  maintainers = {
    ada = {
      name = "Ada";
      github = "ada";
    };
    rustacean = {
      name = "Ferris";
      github = "ferris";
    };
  };
}
