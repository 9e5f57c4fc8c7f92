import ./common.nix { version = "20.18.1"; }
