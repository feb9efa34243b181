"""
Render the `.jinja` files of template/ in place, so that the application there can be run and tested.

The repository's `.gitignore` excludes the results, and tests/test_render.py checks that it is complete.
"""

import shutil
import tempfile
from pathlib import Path

from copier import run_copy

ROOT = Path(__file__).parents[1]


def rendered_names() -> list[str]:
    """
    List the files that the template renders instead of copying them, without the answers file.

    `.gitignore` is for generated projects only: here it would stop git from ignoring `.env.example`, which is rendered.
    """
    template = ROOT / "template"
    paths = (path.relative_to(template).with_suffix("").as_posix() for path in template.rglob("*.jinja"))
    return sorted(path for path in paths if "{" not in path and path != ".gitignore")


def main() -> None:
    """Render with the default answers, and copy the rendered files to template/."""
    with tempfile.TemporaryDirectory() as folder:
        run_copy(str(ROOT), folder, defaults=True, quiet=True, unsafe=False, vcs_ref="HEAD")
        for name in rendered_names():
            if not Path(folder, name).exists():
                continue  # this file belongs to another answer
            shutil.copyfile(Path(folder, name), ROOT / "template" / name)


if __name__ == "__main__":
    main()
