"""The gradient-flow report: one HTML file that shows where gradients are lost, and that they are back."""
