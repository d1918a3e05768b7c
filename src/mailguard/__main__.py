"""Runs the command line by `python -m mailguard`."""

from mailguard.cli import main

main()
