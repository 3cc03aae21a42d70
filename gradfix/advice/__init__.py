"""What a person could write where no rewrite keeps the loss what it is: one module for one kind of mistake."""
