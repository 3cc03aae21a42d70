"""What gradfix tells: to people on a terminal, to programs as JSON."""
