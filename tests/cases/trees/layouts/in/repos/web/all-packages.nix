{ callPackage }: { a = callPackage ./no-such { }; }
