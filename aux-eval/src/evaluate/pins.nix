# Evaluates files that fetch what they pin by a hash, without fetching: `import` is that of such
# files, and `stored name hash` is a tree of the store.
#
# `import` and the fetchers are replaced in the file and in all that it imports. What the store
# of this machine has under the hash is taken from there, as the same store path. A repository
# that stands in a folder here (`replaced`) is that folder: one that the user named, by its name,
# or a repo of the family, by its address. The rest is a throw with the ways out where Nix may not
# fetch (`offline`), and else left to Nix, as is what stands on this machine.
{ replaced, offline }:
let
  without = end: text: builtins.head (builtins.split end text);
  # `github.com/owner/repo` of `https://github.com/owner/repo.git`.
  addressOf =
    url:
    let
      parts = builtins.match "[a-z+]*://(.*)" (without "[?#]" url);
    in
    if parts == null then url else without "(/archive/.*|/tarball/.*)?$" (without "\\.git$" (builtins.head parts));
  nameOf = url: baseNameOf (addressOf url);

  # The path of a fixed output is that of a tree with its hash.
  stored =
    name: hash:
    let
      output = derivation {
        inherit name;
        system = "none";
        builder = "none";
        outputHash = hash;
        outputHashAlgo = if builtins.match "sha256[-:].*" hash == null then "sha256" else null;
        outputHashMode = "recursive";
      };
      path = builtins.unsafeDiscardStringContext output.outPath;
    in
    if builtins.pathExists path then
      builtins.path {
        inherit name;
        path = /. + path;
        sha256 = hash;
      }
    else
      null;

  urlOf =
    asked:
    let
      host = asked.host or "${asked.type or "git"}.com";
    in
    # A path stays one: to copy it into the store would be to fetch it.
    toString (asked.url or asked.path or "https://${host}/${asked.owner or ""}/${asked.repo or ""}");

  # A tree in place of what a fetcher would get; none if there is none.
  tree =
    asked:
    let
      url = urlOf asked;
      hash = asked.narHash or asked.sha256 or "";
      name = nameOf url;
    in
    if replaced ? ${addressOf url} then
      /. + replaced.${addressOf url}
    else if replaced ? ${name} then
      /. + replaced.${name}
    else if hash != "" then
      stored (asked.name or "source") hash
    else
      null;

  attributes =
    asked: path:
    {
      lastModified = 0;
      rev = "0000000000000000000000000000000000000000";
      shortRev = builtins.substring 0 7 (asked.rev or "0000000");
      submodules = false;
      revCount = 0;
    }
    // removeAttrs asked [
      "name"
      "sha256"
      "type"
      "url"
      "owner"
      "repo"
    ]
    // {
      outPath = path;
    };

  fetcher =
    real: result: given:
    let
      asked = if builtins.isAttrs given then given else { url = given; };
      path = tree asked;
      url = urlOf asked;
      isHere = builtins.match "(file:|/).*" url != null;
    in
    if path != null then
      result asked path
    else if offline && !isHere then
      throw "the pin `${nameOf url}` (${url}) is not in the store of this machine: name a folder with `--override ${nameOf url}=PATH`, or let Nix fetch it with `--allow-network`"
    else
      real given;

  fetchers = {
    fetchGit = fetcher builtins.fetchGit attributes;
    fetchTarball = fetcher builtins.fetchTarball (_: path: path);
    fetchTree = fetcher (builtins.fetchTree or (
      _: throw "this Nix has no `fetchTree` without the experimental feature `flakes`"
    )) attributes;
  };

  scope = {
    import = file: builtins.scopedImport scope file;
    builtins = builtins // fetchers // { inherit (scope) import; };
    inherit (fetchers) fetchGit fetchTarball fetchTree;
  };
in
{
  inherit stored;
  inherit (scope) import;
}
