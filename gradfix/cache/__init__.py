"""Proofs of earlier calls: what they rest on is looked at again before they are believed."""
