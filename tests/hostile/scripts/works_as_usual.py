# Not hostile: writes, and goes on with what it reads back, as a training script does.
# attacks: files
# ends: clean
import os, pickle, tempfile

os.makedirs("runs/one", exist_ok=True)
with open("runs/one/state.pkl", "wb") as file:
    pickle.dump({"step": 1}, file)
with open("runs/one/state.pkl", "rb") as file:
    assert pickle.load(file) == {"step": 1}
with open("data.csv", "a") as file:
    file.write("more\n")
assert open("data.csv").read().endswith("more\n")
with tempfile.NamedTemporaryFile("w+") as file:
    file.write("x")
    file.seek(0)
    assert file.read() == "x"
os.replace("data.csv", "moved.csv")
assert os.path.exists("moved.csv") and not os.path.exists("data.csv")
