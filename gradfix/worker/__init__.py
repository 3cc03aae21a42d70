"""The guest: runs user code on TensorFlow and writes down what its tapes gave back.

Everything here runs under the *user's* interpreter and needs nothing but the standard library and TensorFlow. It is
loaded under the name `gradfix_worker`, so that the rest of gradfix is not on its path; hence only relative imports.
"""
