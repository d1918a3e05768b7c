"""Real peers for the tests: servers started in temporary folders."""
