__version__ = "44.0.0"
