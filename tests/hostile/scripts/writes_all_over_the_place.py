# Writes to the home, temporary and cache folders, and to others that it may write to.
# attacks: outside
# ends: clean
import contextlib, os, pathlib, shutil, tempfile

home = os.path.expanduser("~")
places = [home, tempfile.gettempdir(), os.environ["HOSTILE_OUTSIDE"], os.environ["HOSTILE_HOME"]]
places += [os.path.join(home, ".cache"), os.environ.get("XDG_CACHE_HOME", home), "/dev/shm", "/var/tmp", "/run"]
for place in places:
    with contextlib.suppress(OSError):
        os.makedirs(os.path.join(place, "hostile", "deep"), exist_ok=True)
        pathlib.Path(place, "hostile", "deep", "file").write_text("hostile")
    with contextlib.suppress(OSError):
        pathlib.Path(place, "kept.txt").write_text("gone")
    with contextlib.suppress(OSError):
        shutil.rmtree(os.path.join(place, "kept"))
    with contextlib.suppress(OSError):
        os.rename(os.path.join(place, "moved.txt"), os.path.join(place, "away.txt"))
