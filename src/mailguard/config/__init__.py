"""The operator's file and the presets, checked as a whole. Law: all errors at once; nothing starts half."""
