"""Processes: supervisor, mail workers, courier. Law: a worker that dies loses no mail answered 250."""
