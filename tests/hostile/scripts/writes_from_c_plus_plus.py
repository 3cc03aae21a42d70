# Has TensorFlow's own C++ code write: files, checkpoints, summaries, records, here and elsewhere.
# attacks: native
# ends: clean
import contextlib, os

import tensorflow as tf

errors = (tf.errors.OpError, OSError)
for place in (".", os.environ["HOSTILE_OUTSIDE"]):
    with contextlib.suppress(*errors):
        tf.io.write_file(os.path.join(place, "data.csv"), "gone")
    with contextlib.suppress(*errors):
        tf.train.Checkpoint(v=tf.Variable([1.0])).save(os.path.join(place, "checkpoints", "one"))
    with contextlib.suppress(Exception):  # not everybody has TensorBoard
        with tf.summary.create_file_writer(os.path.join(place, "logs")).as_default():
            tf.summary.scalar("loss", 1.0, step=0)
    with contextlib.suppress(*errors):
        with tf.io.TFRecordWriter(os.path.join(place, "records")) as writer:
            writer.write(b"record")
    with contextlib.suppress(*errors):
        tf.io.gfile.rmtree(os.path.join(place, "kept"))
