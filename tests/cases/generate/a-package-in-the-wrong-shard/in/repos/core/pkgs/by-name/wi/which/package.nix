{ }: derivation { name = "which"; system = "x86_64-linux"; builder = "/bin/sh"; }
