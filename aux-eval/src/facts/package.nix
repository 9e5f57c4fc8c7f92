# What a package says of itself. Whoever writes a `meta` may write anything into it.
package:
let
  value = if builtins.isAttrs package then package else { };
  meta = value.meta or { };
  text = found: if builtins.isString found then found else null;
  list = found: if builtins.isList found then found else [ found ];
  texts = found: builtins.filter builtins.isString (list found);
  licenses = if meta ? license then list meta.license else [ ];
  nameOf =
    license:
    if builtins.isString license then
      license
    else
      license.spdxId or license.fullName or license.shortName or null;
  isUnfree = license: license == "unfree" || (builtins.isAttrs license && !(license.free or true));
  bad = texts (meta.badPlatforms or [ ]);
  first = found: if found == [ ] then null else builtins.head found;
in
{
  version =
    if value ? version then
      text value.version
    else if builtins.isString (value.name or null) then
      let
        parsed = (builtins.parseDrvName value.name).version;
      in
      if parsed == "" then null else parsed
    else
      null;
  description = text (meta.description or null);
  homepage = first (texts (meta.homepage or [ ]));
  licenses = texts (map nameOf licenses);
  platforms =
    if meta ? platforms then
      builtins.filter (system: !(builtins.elem system bad)) (texts meta.platforms)
    else
      null;
  unfree = builtins.any isUnfree licenses;
  insecure = texts (meta.knownVulnerabilities or [ ]);
  isBroken = (meta.broken or false) == true;
}
