"""How much memory this process has, and how much the machine could give it."""

from __future__ import annotations

import os


def resident() -> int:
    """Bytes of memory that this process has; 0 where the system does not tell."""
    try:
        with open("/proc/self/statm") as f:
            return int(f.read().split()[1]) * os.sysconf("SC_PAGESIZE")
    except OSError:
        return 0


def spare() -> int:
    """Bytes of memory that the machine could give; 0 where the system does not tell."""
    try:
        with open("/proc/meminfo") as f:
            return next((int(line.split()[1]) << 10 for line in f if line.startswith("MemAvailable")), 0)
    except OSError:
        return 0
