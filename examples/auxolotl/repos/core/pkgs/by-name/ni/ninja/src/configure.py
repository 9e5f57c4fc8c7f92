# Writes the part of ninja that differs from release to release.
import sys
version = f"{sys.argv[1]}"
print(f"function version() {{ return \"{version}\" }}")
