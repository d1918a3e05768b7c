"""The demonstration that `make run` shows. Law: it speaks to loopback only, and writes in its own folder only."""
