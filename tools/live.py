"""
Render the `.jinja` files of template/ where they lie, so that the application there runs and is tested in place.

`.gitignore` keeps the results out of the repository; tests/test_render.py keeps `.gitignore` complete.
"""

import shutil
import tempfile
from pathlib import Path

from copier import run_copy

ROOT = Path(__file__).parents[1]


def rendered_names() -> list[str]:
    """List what the template renders rather than copies. The answers file is no part of the application."""
    template = ROOT / "template"
    paths = (path.relative_to(template).with_suffix("").as_posix() for path in template.rglob("*.jinja"))
    return sorted(path for path in paths if "{" not in path)


def main() -> None:
    """Render with the default answers, and take what has no original in template/."""
    with tempfile.TemporaryDirectory() as folder:
        run_copy(str(ROOT), folder, defaults=True, quiet=True, unsafe=False, vcs_ref="HEAD")
        for name in rendered_names():
            if not Path(folder, name).exists():
                continue  # of another answer
            shutil.copyfile(Path(folder, name), ROOT / "template" / name)


if __name__ == "__main__":
    main()
