# Written once by aux-gen; from here on it is yours.
{
  config,
  lib,
  pkgs,
  ...
}:

let
  cfg = config.services.curld;
in
{
  options.services.curld.enable = lib.mkEnableOption "*/ '' \${x} \" \\ # no comment";

  config = lib.mkIf cfg.enable { };
}
