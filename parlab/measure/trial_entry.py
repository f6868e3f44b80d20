"""The main module of a trial process. Spawned workers import it again, so it imports nothing."""

if __name__ == "__main__":
    from parlab.measure.trial import main

    main()
