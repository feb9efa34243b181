"""The commands of the application: `python cli.py --help`."""

from app.cli.main import cli

if __name__ == "__main__":
    cli()
