__version__ = "75.6.0"
