"""What was found, in the forms that continuous integration reads; nothing here decides or prints."""
