"""Looks at a file: gets to its gradients, and reads from runs where one is lost."""
