"""The parts of `benchmarks/scan.py`: the tree that is scanned, what it is held against, and saved runs."""
