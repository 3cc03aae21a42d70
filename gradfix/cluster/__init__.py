"""Past one machine: the same executor as in gradfix/jobs.py, on a Dask cluster that is there already.

`executor` is the side of the call, `plugin` lives in each of Dask's workers, `bench` is the process beside one of them
in which a file is looked at. Only the first two import Dask.
"""
