"""Runs the demonstration by `python -m mailguard.daemon.demo`."""

from mailguard.daemon.demo.show import main

raise SystemExit(main())
