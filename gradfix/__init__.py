"""gradfix: finds why a TensorFlow gradient is missing, and proves the fix before it shows it."""

from importlib.metadata import version

__version__ = version("gradfix")
