# Makes 3000 files and a chain of 400 folders.
# attacks: files
# ends: clean
import os

here = os.getcwd()
for n in range(3000):
    os.close(os.open(f"file{n}", os.O_CREAT | os.O_WRONLY))
for n in range(400):
    os.mkdir("d" * 20)
    os.chdir("d" * 20)
os.chdir(here)
