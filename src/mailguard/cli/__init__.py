"""The command line. Law: the contract of each command is in docs/cli.md, and scripts may rely on it."""


def main() -> None:
    """Entry point of the `mailguard` command."""
    raise SystemExit("not built yet")
