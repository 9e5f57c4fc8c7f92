# The options and definitions of a module, evaluated as far as that can be done without the
# system that it is for: with the evaluator of options of the repo's `lib` if there is one, else
# with stand-ins for the functions that modules call. What a module needs of that system may be
# missing; what it throws or aborts with by itself is its own.
flake: scope: system: module:
let
  packages = flake.auxPackages.${system} or { };
  own = flake.lib or { };
  isA = kind: value: builtins.isAttrs value && (value._type or null) == kind;

  # A type that only says what it is, in the words of nixpkgs' `lib/types.nix`.
  type = description: {
    inherit description;
    name = description;
    check = _: true;
  };
  say = value: value.description or value.name or "anything";
  types = {
    anything = type "anything";
    attrs = type "attribute set";
    bool = type "boolean";
    deferredModule = type "module";
    float = type "floating point number";
    int = type "signed integer";
    lines = type "strings concatenated with \"\\n\"";
    nonEmptyStr = type "non-empty string";
    number = type "signed integer or floating point number";
    package = type "package";
    path = type "absolute path";
    pathInStore = type "path in the Nix store";
    port = type "16 bit unsigned integer; between 0 and 65535 (both inclusive)";
    raw = type "raw value";
    singleLineStr = type "(optionally newline-terminated) single-line string";
    str = type "string";
    string = type "string";
    unspecified = type "unspecified value";
    attrsOf = of: type "attribute set of ${say of}";
    lazyAttrsOf = of: type "lazy attribute set of ${say of}";
    listOf = of: type "list of ${say of}";
    nonEmptyListOf = of: type "non-empty (list of ${say of})";
    nullOr = of: type "null or ${say of}";
    uniq = of: type (say of);
    functionTo = of: type "function that evaluates to a(n) ${say of}";
    enum =
      values:
      type "one of ${builtins.concatStringsSep ", " (map (show 2) (if builtins.isList values then values else [ ]))}";
    oneOf = of: type (builtins.concatStringsSep " or " (map say of));
    separatedString = separator: type "strings concatenated with ${builtins.toJSON separator}";
    strMatching = pattern: type "string matching the pattern ${pattern}";
    submodule = _: type "submodule";
    submoduleWith = _: type "submodule";
    either = one: other: type "${say one} or ${say other}";
    coercedTo =
      from: _: to:
      type "${say to} or ${say from} convertible to it";
    addCheck = of: _: of;
    ints = {
      positive = type "positive integer, meaning >0";
      unsigned = type "unsigned integer, meaning >=0";
      between = low: high: type "integer between ${show 1 low} and ${show 1 high} (both inclusive)";
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
      type = types.bool;
      default = false;
      example = true;
      description = "Whether to enable ${name}.";
    };
    mkPackageOption = _: name: _: {
      _type = "option";
      type = types.package;
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
    literalExpression = text: {
      _type = "literalExpression";
      inherit text;
    };
    literalMD = text: {
      _type = "literalMD";
      inherit text;
    };
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
  # A text as Nix reads it, and a name as it stands in a path of attributes.
  textOf = text: builtins.replaceStrings [ "\${" ] [ "\\\${" ] (builtins.toJSON text);
  nameOf = name: if builtins.match "[a-zA-Z_][a-zA-Z0-9_'-]*" name != null then name else textOf name;
  # A value as a Nix expression, as far down as is worth reading.
  show =
    depth: value:
    let
      names = builtins.attrNames value;
      attribute = name: "${nameOf name} = ${show (depth - 1) value.${name}};";
      # An element of a list that is not one word stands in parentheses.
      element =
        value:
        let
          shown = show (depth - 1) value;
        in
        if (builtins.isInt value || builtins.isFloat value) && value < 0 then "(${shown})" else shown;
    in
    if builtins.isAttrs value && value ? _type && value ? text then
      value.text
    else if builtins.isAttrs value && (value.type or null) == "derivation" then
      "<derivation ${value.name or "of no name"}>"
    else if builtins.isFunction value then
      "<function>"
    else if builtins.isPath value then
      "<path>"
    else if builtins.isString value then
      textOf value
    else if builtins.isBool value || builtins.isInt value || builtins.isFloat value then
      builtins.toJSON value
    else if value == null then
      "null"
    else if depth == 0 then
      "..."
    else if builtins.isList value then
      if value == [ ] then
        "[ ]"
      else
        "[ ${builtins.concatStringsSep " " (map element value)} ]"
    else if names == [ ] then
      "{ }"
    else
      "{ ${builtins.concatStringsSep " " (map attribute names)} }";
  # What cannot be shown has no value here; that is for the contract to say.
  shown =
    value:
    let
      tried = builtins.tryEval (builtins.deepSeq (show 4 value) (show 4 value));
    in
    if tried.success then tried.value else null;
  written =
    value:
    let
      text = if builtins.isAttrs value then value.text or null else value;
      tried = builtins.tryEval (if builtins.isString text then text else null);
    in
    if tried.success then tried.value else null;
  # nixpkgs' evaluator knows where an option is declared; without it, Nix knows where it stands.
  placeOf =
    parent: name:
    let
      known = parent.${name}.declarationPositions or [ ];
      position = builtins.unsafeGetAttrPos name parent;
      found = if known != [ ] then builtins.head known else position;
    in
    if found == null then
      null
    else
      {
        file = toString found.file;
        line = found.line or null;
      };
  documentsOf =
    depth: path: parent:
    if depth == 0 || !(builtins.isAttrs parent) then
      [ ]
    else
      builtins.concatMap (
        name:
        let
          option = parent.${name};
        in
        if !(isA "option" option) then
          documentsOf (depth - 1) (path ++ [ name ]) option
        else if (option.internal or false) == true || (option.visible or true) == false then
          [ ]
        else
          [
            {
              path = builtins.concatStringsSep "." (map nameOf (path ++ [ name ]));
              type = if option ? type then say option.type else null;
              default =
                if option ? defaultText then
                  shown option.defaultText
                else if option ? default then
                  shown option.default
                else
                  null;
              example = if option ? example then shown option.example else null;
              description = written (option.description or null);
              declared = placeOf parent name;
            }
          ]
      ) (builtins.filter (name: name != "_module") (builtins.attrNames parent));
in
{
  options = forceOptions 8 options;
  names = optionNames 8 [ ] options;
  documents = documentsOf 8 [ ] options;
  config = builtins.foldl' (done: loaded: builtins.seq (force 8 (configOf loaded)) done) null modules;
}
