__version__ = "7.3.1"
