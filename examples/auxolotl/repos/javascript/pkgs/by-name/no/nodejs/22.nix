import ./common.nix { version = "22.12.0"; }
