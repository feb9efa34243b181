"""Run tools that check files."""

import os
import subprocess
from pathlib import Path


def check(folder: Path, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("COMPOSE_", "DATABASE_"))}
    return subprocess.run(
        command, cwd=folder, env={**environment, **variables}, capture_output=True, check=False, text=True
    )
