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
  options.services.curld.enable = lib.mkEnableOption "curld";

  config = lib.mkIf cfg.enable { };
}
