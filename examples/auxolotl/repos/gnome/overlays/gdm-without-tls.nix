# For machines whose login screen must talk to something very old. Whatever uses
# gdm gets this one, as gnome-tweaks does.
final: prev: {
  gdm = prev.gdm.override {
    withTls = false;

    # The older zlib is for gdm only: as `zlib` of the package set it would build
    # everything again, from python3 on.
    zlib = prev.zlib.overrideAttrs (old: {
      version = "1.2.13";
    });
  };
}
