import setuptools
print("Wheel-Version: 1.0")
print(f"Generator: setuptools ({setuptools.__version__})")
