#!/usr/bin/env python
"""The door for every administrative command."""

import os
import sys


def main() -> None:
    """Run the command named on the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    from django.core.management import execute_from_command_line

    from apps.shared import behalf

    if sys.argv[1:2] != ["runserver"]:  # pages act for whoever asks; every other command serves the installation
        behalf.serve_everybody()
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
