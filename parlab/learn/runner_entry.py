"""Entry point of a watched run, ``python -m parlab.learn.runner_entry``. Workers import it again, by another name.

That is where they learn to show their stacks when the deadline comes, and to watch a task of the learner's own.
"""

if __name__ == "__main__":
    from parlab.learn.runner import main

    main()
elif __name__ == "__mp_main__":
    from parlab.learn.probes import show_stacks_when_asked
    from parlab.learn.probes_own import watch_when_asked

    show_stacks_when_asked()
    watch_when_asked()
