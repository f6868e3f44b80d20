"""The same work by the plain loop and by a pool, for pyperf and hyperfine, which measure one function or one command.

python by_hand.py serial|parallel                       # one whole run, as hyperfine wants it
python by_hand.py --pyperf serial|parallel …            # pyperf's options follow
"""

import multiprocessing
import sys

from side_by_side import INSTALL, needed
from small_tasks import COUNTED, counted

from parlab.machine.detection import default_start_method

ITEMS = range(24)
WORKERS = 2


def serial() -> list[int]:
    """Run the plain loop."""
    return [counted(item) for item in ITEMS]


def main() -> None:
    """Run once, or let pyperf run it in its own processes."""
    how = sys.argv[-1]
    context = multiprocessing.get_context(default_start_method())
    if "--pyperf" not in sys.argv:
        if how == "serial":
            serial()
            return
        with context.Pool(WORKERS) as pool:
            pool.map(counted, ITEMS, chunksize=1)
        return
    pyperf = needed("pyperf", INSTALL)
    sys.argv.remove("--pyperf")
    sys.argv.remove(how)

    def pass_on(command: list[str], _arguments: object) -> None:
        command.extend(["--pyperf", how])

    runner = pyperf.Runner(add_cmdline_args=pass_on)
    runner.parse_args([*sys.argv[1:], f"--inherit-environ={COUNTED}"])
    if how == "serial" or not runner.args.worker:
        runner.bench_func(how, serial)
        return
    with context.Pool(WORKERS) as pool:
        runner.bench_func(how, lambda: pool.map(counted, ITEMS, chunksize=1))


if __name__ == "__main__":
    main()
