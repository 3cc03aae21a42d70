"""What the user chose: on the command line, in `gradfix.toml` or in `[tool.gradfix]`, and where it comes from."""
