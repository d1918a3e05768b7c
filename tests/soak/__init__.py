"""The gateway under load while what it leans on breaks: `python -m tests.soak --minutes 60`."""
