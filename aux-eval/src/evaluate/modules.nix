# The options and definitions of a module, evaluated as far as that can be done without the
# system that it is for: with the evaluator of options of the repo's `lib` if there is one, else
# with stand-ins for the functions that modules call. What a module needs of that system may be
# missing; what it throws or aborts with by itself is its own.
flake: scope: system: module:
let
  packages = flake.auxPackages.${system} or { };
  own = flake.lib or { };
  isA = kind: value: builtins.isAttrs value && (value._type or null) == kind;

  type = {
    name = "any";
    description = "anything";
    check = _: true;
  };
  one = _: type;
  types = builtins.listToAttrs (
    map (name: {
      inherit name;
      value = type;
    }) [
      "anything"
      "attrs"
      "bool"
      "deferredModule"
      "float"
      "int"
      "lines"
      "nonEmptyStr"
      "number"
      "package"
      "path"
      "pathInStore"
      "port"
      "raw"
      "singleLineStr"
      "str"
      "string"
      "unspecified"
    ]
  )
  // builtins.listToAttrs (
    map (name: {
      inherit name;
      value = one;
    }) [
      "attrsOf"
      "enum"
      "functionTo"
      "lazyAttrsOf"
      "listOf"
      "nonEmptyListOf"
      "nullOr"
      "oneOf"
      "separatedString"
      "strMatching"
      "submodule"
      "submoduleWith"
      "uniq"
    ]
  )
  // {
    either = _: one;
    coercedTo = _: _: one;
    addCheck = of: _: of;
    ints = {
      positive = type;
      unsigned = type;
      between = _: one;
    };
  };
  wrapped = kind: content: {
    _type = kind;
    inherit content;
  };
  standIns = {
    inherit types;
    mkOption = attributes: attributes // { _type = "option"; };
    mkEnableOption = name: {
      _type = "option";
      default = false;
      description = "Whether to enable ${name}.";
    };
    mkPackageOption = _: name: _: {
      _type = "option";
      description = "The package ${builtins.toJSON name}.";
    };
    mkIf = condition: content: {
      _type = "if";
      inherit condition content;
    };
    mkMerge = wrapped "merge";
    mkDefault = wrapped "override";
    mkForce = wrapped "override";
    mkOverride = _: wrapped "override";
    mkBefore = wrapped "order";
    mkAfter = wrapped "order";
    mkOrder = _: wrapped "order";
    literalExpression = wrapped "literalExpression";
    literalMD = wrapped "literalMD";
    mdDoc = text: text;
    optional = is: value: if is then [ value ] else [ ];
    optionals = is: values: if is then values else [ ];
    optionalAttrs = is: values: if is then values else { };
    optionalString = is: text: if is then text else "";
    concatStringsSep = builtins.concatStringsSep;
    mapAttrsToList = f: set: map (name: f name set.${name}) (builtins.attrNames set);
    getExe = package: "${package}/bin/${package.meta.mainProgram or package.pname or package.name}";
    getExe' = package: name: "${package}/bin/${name}";
  };
  lib = builtins // standIns // own // { types = types // (own.types or { }); };

  load =
    value:
    if builtins.isPath value || builtins.isString value then
      load (scope.load value)
    else if builtins.isFunction value then
      let
        formals = builtins.functionArgs value;
        needed = builtins.filter (name: !formals.${name} && !(known ? ${name})) (
          builtins.attrNames formals
        );
        unknown = builtins.listToAttrs (
          map (name: {
            inherit name;
            value = { };
          }) needed
        );
      in
      value (known // unknown)
    else
      value;
  flat =
    value:
    let
      loaded = load value;
    in
    [ loaded ] ++ builtins.concatMap flat (loaded.imports or [ ]);
  modules = flat module;

  optionsOf = loaded: loaded.options or { };
  configOf =
    loaded:
    if loaded ? options || loaded ? config then
      loaded.config or { }
    else
      removeAttrs loaded [
        "_class"
        "_file"
        "disabledModules"
        "imports"
        "key"
      ];
  merge =
    one: other:
    one
    // builtins.mapAttrs (
      name: value:
      if one ? ${name} && builtins.isAttrs one.${name} && builtins.isAttrs value && !(value ? _type) then
        merge one.${name} value
      else
        value
    ) other;
  declared = builtins.foldl' merge { } (map optionsOf modules);
  # What options are that nobody sets; those without a default are not there.
  defaults =
    options:
    let
      names = builtins.filter (
        name:
        !(isA "option" options.${name}) || options.${name} ? default
      ) (builtins.attrNames options);
    in
    builtins.listToAttrs (
      map (name: {
        inherit name;
        value = if isA "option" options.${name} then options.${name}.default else defaults options.${name};
      }) names
    );
  evaluated = own.evalModules {
    modules = [
      module
      { _module.check = false; }
    ];
    specialArgs = {
      pkgs = packages;
      modulesPath = "/modulesPath";
    };
  };
  hasEvaluator = own ? evalModules;
  # Definitions that hold whatever the others are; of those behind a condition nobody knows.
  plain =
    value:
    if isA "override" value || isA "order" value then
      plain value.content
    else if builtins.isAttrs value && !(value ? _type) && (value.type or null) != "derivation" then
      builtins.mapAttrs (_: plain) value
    else
      value;
  defined = builtins.foldl' merge { } (
    builtins.filter (config: builtins.isAttrs config && !(config ? _type)) (map configOf modules)
  );
  config =
    if hasEvaluator then evaluated.config else merge (defaults declared) (plain defined);
  options = if hasEvaluator then evaluated.options else declared;
  known = {
    inherit config options lib;
    pkgs = packages;
    modulesPath = "/modulesPath";
  };

  # Every part of a value, but for what derivations have and what is too deep to be written down.
  force =
    depth: value:
    let
      parts =
        if builtins.isAttrs value then map (name: value.${name}) (builtins.attrNames value) else value;
    in
    if depth == 0 then
      null
    # What somebody has to enable first may well ask them for more than there is here.
    else if isA "if" value then
      if value.condition then force (depth - 1) value.content else null
    else if builtins.isAttrs value && (value.type or null) == "derivation" then
      null
    else if builtins.isAttrs value || builtins.isList value then
      builtins.foldl' (done: part: builtins.seq (force (depth - 1) part) done) null parts
    else
      builtins.seq value null;
  read = [
    "default"
    "defaultText"
    "description"
    "example"
    "type"
  ];
  forceOptions =
    depth: options:
    if depth == 0 || !(builtins.isAttrs options) then
      builtins.seq options null
    else if isA "option" options then
      builtins.foldl' (
        done: name: if options ? ${name} then builtins.seq (force 4 options.${name}) done else done
      ) null (builtins.filter (name: !(name == "default" && options ? defaultText)) read)
    else
      builtins.foldl' (done: name: builtins.seq (forceOptions (depth - 1) options.${name}) done) null (
        builtins.filter (name: name != "_module") (builtins.attrNames options)
      );
  # The paths of options, with dots; those of sets that options hold are theirs.
  optionNames =
    depth: path: options:
    if depth == 0 || !(builtins.isAttrs options) then
      [ ]
    else if isA "option" options then
      [ (builtins.concatStringsSep "." path) ]
    else
      builtins.concatMap (name: optionNames (depth - 1) (path ++ [ name ]) options.${name}) (
        builtins.filter (name: name != "_module") (builtins.attrNames options)
      );
in
{
  options = forceOptions 8 options;
  names = optionNames 8 [ ] options;
  config = builtins.foldl' (done: loaded: builtins.seq (force 8 (configOf loaded)) done) null modules;
}
