"""Writes proved patches: all files of a patch or none, also where gradfix is killed in between."""
