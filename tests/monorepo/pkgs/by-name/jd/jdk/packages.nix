{ ... }:
res: pkgs: super:
with pkgs;
{
  jdk = jdk21;
  jdk17 = callPackage ./. { version = "17"; };
  jdk21 = callPackage ./. { version = "21"; };
}
