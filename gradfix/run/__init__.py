"""The host's side of running: starts workers, sends requests, turns what comes back into values."""
