"""The operator's file and the presets, checked as a whole. Law: all errors at once; nothing starts half."""

from mailguard.config.load import Config, load
from mailguard.config.resources import config_root, demo_config, preset_names

__all__ = ["Config", "config_root", "demo_config", "load", "preset_names"]
