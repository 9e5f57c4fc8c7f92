import notebook
import platform
print(f"notebook {notebook.__version__} (Python {platform.python_version()})")
