"""What the user wants to hear of: rules, comments that suppress findings, baselines."""
