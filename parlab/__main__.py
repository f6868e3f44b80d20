"""``python -m parlab`` and the ``parlab`` command: hands over to the command line and does nothing else."""


def main() -> None:
    """Run the command line; the exit code is 0, 1 (it ran and failed), 2 (bad input) or 130 (interrupted)."""
    from parlab.cli.app import run

    raise SystemExit(run())


if __name__ == "__main__":
    main()
