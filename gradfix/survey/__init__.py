"""Goes through files by their text alone, many at a time: what is said of most, and which of them are to be run."""
