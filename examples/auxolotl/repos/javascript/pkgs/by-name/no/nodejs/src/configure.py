# Writes what node says about itself, for run.awk to start with.
import sys
print("BEGIN {")
print(f"  value[\"process.version\"] = \"v{sys.argv[1]}\"")
print(f"  value[\"process.versions.openssl\"] = \"{sys.argv[2]}\"")
print(f"  value[\"process.versions.zlib\"] = \"{sys.argv[3]}\"")
print("}")
