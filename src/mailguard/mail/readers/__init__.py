"""Readers, one file format each. Law: a reader runs where a crash costs one document, never a mail."""
