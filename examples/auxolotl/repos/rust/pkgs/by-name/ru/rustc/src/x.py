# Says which rustc this will be.
import sys
version = f"{sys.argv[1]}"
print(f"rustc {version}")
