# Written once by aux-gen; from here on it is yours.
{
  config,
  lib,
  pkgs,
  ...
}:

let
  cfg = config.services.gdm;
in
{
  options.services.gdm.enable = lib.mkEnableOption "Runs GDM on NixOS";

  config = lib.mkIf cfg.enable { };
}
