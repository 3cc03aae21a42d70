"""A codemod for gradfix that lives in a package of its own."""
