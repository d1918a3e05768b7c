"""Alembic's folder: one file a version of the schema. Law: a released migration is never edited."""
