"""Entry point of a watched run, ``python -m parlab.learn.runner_entry``. Workers import it again, by another name.

That is where they learn to show their stacks when the deadline comes.
"""

if __name__ == "__main__":
    from parlab.learn.runner import main

    main()
elif __name__ == "__mp_main__":
    from parlab.learn.probes import show_stacks_when_asked

    show_stacks_when_asked()
