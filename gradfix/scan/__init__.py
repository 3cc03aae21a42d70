"""What the text alone tells: which files matter, what names mean, where steps are. No TensorFlow, no LibCST."""
