# Overwrites its own file, and the others beside it.
# attacks: files
# ends: clean
for name in (__file__, "data.csv", "notes/first.txt"):
    with open(name, "w") as file:
        file.write("gone")
    assert open(name).read() == "gone"
