# Runs once in a new development container, also if the project was used before.
set -euo pipefail
python -m pip install -r requirements-dev.txt
test -f .env || python cli.py init-env
python cli.py init-db
test ! -d .git || pre-commit install
