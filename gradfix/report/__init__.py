"""What gradfix tells: to people on a terminal or in a browser, to programs as JSON."""


class Unwritable(ValueError):
    """A report cannot be written where it was asked for. Its text is one line that names the path."""
