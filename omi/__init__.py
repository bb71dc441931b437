"""The command line `omi`: it drives everything, and holds no decisions of its own."""
