"""Pin the requirements of pyproject.toml: in requirements.txt to run, in requirements-dev.txt to develop the project.

Pins that are still valid are kept. `--upgrade` takes the newest version of everything, `--upgrade-package NAME` of one
package.
"""

import subprocess
import sys
from importlib.util import find_spec

LOCKS: dict[str, list[str]] = {
    "requirements.txt": [],
    "requirements-dev.txt": ["--group", "dev", "--constraint", "requirements.txt"],
}
# The pinned uv of this environment. Without an environment, any uv: creating the environment needs a lock.
UV = [sys.executable, "-m", "uv"] if find_spec("uv") else ["uv"]
# For every platform and every supported Python, so that one file serves all machines.
COMPILE = [*UV, "pip", "compile", "pyproject.toml", "--universal", "--python-version", "3.11"]
PLAIN = ["--generate-hashes", "--no-strip-extras", "--no-header", "--no-annotate", "--quiet"]


def main(options: list[str]) -> None:
    """Write both files in the current folder."""
    for file, inputs in LOCKS.items():
        try:
            finished = subprocess.run([*COMPILE, *PLAIN, *inputs, *options, "--output-file", file], check=False)
        except FileNotFoundError:
            sys.exit("This script needs uv: `python -m pip install uv`.")
        if finished.returncode:
            sys.exit(finished.returncode)


if __name__ == "__main__":
    main(sys.argv[1:])
