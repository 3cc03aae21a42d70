# Attaches to the process that started it, and opens its memory for writing.
# attacks: parent
# ends: clean
# alone: yes
import ctypes, os

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
got = []
parent = os.getppid()
if parent and libc.ptrace(16, parent, None, None) == 0:  # PTRACE_ATTACH
    os.waitpid(parent, 0)
    libc.ptrace(17, parent, None, None)  # PTRACE_DETACH
    got.append("traced")
try:
    with open(f"/proc/{parent}/mem", "r+b", buffering=0):
        got.append("memory")
except OSError:
    pass
if got:
    raise SystemError(f"reached its parent: {got}")
