# Runs GDM on NixOS. `pkgs.gdm` is this family's if the overlay of gnome or of
# top-level is in `nixpkgs.overlays`; without one, set `services.gdm.package`.
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
  options.services.gdm = {
    enable = lib.mkEnableOption "GDM, the display manager";

    package = lib.mkOption {
      type = lib.types.package;
      default = pkgs.gdm;
      defaultText = lib.literalExpression "pkgs.gdm";
      example = lib.literalExpression "pkgs.gdm.override { withTls = false; }";
      description = "The GDM to run.";
    };
  };

  config = lib.mkIf cfg.enable {
    # For the one who logs in: the program is in PATH, too.
    environment.systemPackages = [ cfg.package ];

    systemd.services.gdm = {
      description = "Display manager";
      wantedBy = [ "graphical.target" ];
      serviceConfig.ExecStart = lib.getExe cfg.package;
    };
  };
}
