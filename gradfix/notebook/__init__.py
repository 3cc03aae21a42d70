"""Jupyter notebooks as a form of source: the program that their cells make, and patches of it back in the cells."""
