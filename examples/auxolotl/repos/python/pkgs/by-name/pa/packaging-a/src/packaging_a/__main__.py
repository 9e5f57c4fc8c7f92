import packaging_a
import platform
import ssl
import zlib
libraries = f"{ssl.OPENSSL_VERSION}, zlib {zlib.ZLIB_VERSION}"
print(f"packaging-a {packaging_a.__version__} (Python {platform.python_version()} with {libraries})")
