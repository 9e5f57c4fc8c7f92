import platform
import setuptools
print(f"setuptools {setuptools.__version__} (Python {platform.python_version()})")
