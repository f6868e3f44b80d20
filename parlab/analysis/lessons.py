"""Names the notebook that teaches what a finding is about. A test holds that each of them exists."""

MACHINE = "00_what_can_your_machine_do"
THREADS = "02_why_dont_threads_help_and_when_do_they"
KNOW = "03_what_does_a_new_process_know"
SHARE = "04_how_do_you_share_out_work"
TALK = "06_what_does_it_cost_to_talk"
MEASURE = "09_how_do_you_measure_a_speedup_honestly"
