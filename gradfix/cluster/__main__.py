"""`python -m gradfix.cluster`: a bench, started by the plugin. Apart from bench.py, whose names are pickled."""

from gradfix.cluster.bench import main

if __name__ == "__main__":
    main()
