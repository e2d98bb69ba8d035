"""The classes of fault, one a file."""
