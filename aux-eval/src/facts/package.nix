# What a package says of itself. Whoever writes a `meta` may write anything into it, so each part is
# tried by itself; what cannot be caught, such as a missing attribute, is told by the failure of all.
package:
let
  tried =
    default: value:
    let
      found = builtins.tryEval (builtins.deepSeq value value);
    in
    if found.success then found.value else default;
  value = if builtins.isAttrs package then package else { };
  meta = tried { } (if builtins.isAttrs (value.meta or { }) then builtins.mapAttrs (_: _: null) (value.meta or { }) else { });
  of = name: default: if meta ? ${name} then tried default value.meta.${name} else default;
  text = found: if builtins.isString found then found else null;
  list = found: if builtins.isList found then found else [ found ];
  texts = found: builtins.filter builtins.isString (list found);
  licenses = list (of "license" [ ]);
  nameOf =
    license:
    if builtins.isString license then
      license
    else if builtins.isAttrs license then
      license.spdxId or license.fullName or license.shortName or null
    else
      null;
  isUnfree = license: license == "unfree" || (builtins.isAttrs license && (license.free or true) == false);
  bad = texts (of "badPlatforms" [ ]);
  platforms = of "platforms" null;
  first = found: if found == [ ] then null else builtins.head found;
  version = tried null (value.version or null);
  name = tried null (value.name or null);
  parsed = if builtins.isString name then (builtins.parseDrvName name).version else "";
in
{
  version =
    if builtins.isString version then
      version
    else if parsed == "" then
      null
    else
      parsed;
  description = text (of "description" null);
  homepage = first (texts (of "homepage" [ ]));
  licenses = texts (map nameOf licenses);
  platforms =
    if platforms == null then null else builtins.filter (system: !(builtins.elem system bad)) (texts platforms);
  unfree = builtins.any isUnfree licenses;
  insecure = texts (of "knownVulnerabilities" [ ]);
  isBroken = (of "broken" false) == true;
}
