"""Does the harness itself cost speedup? Tasks that only sleep should get n times faster with n workers.

    cd benchmarks && ../.venv/bin/python nap.py

A sleeping task needs no CPU, so on any machine the ideal is exactly n; what is missing is dispatch and harness.
"""

import parlab

WORKERS = [2, 4]
BACKENDS = ["threads", "pool", "processes"]
LEAST, MOST = 0.88, 1.03


def main() -> None:
    """Measure naps of 50 ms and print each speedup as a share of n."""
    view = parlab.speedup("naps:nap", range(40), workers=WORKERS, backends=BACKENDS, rounds=6)
    print("| backend | workers | speedup | 95 % interval | share of n | within 0.88 to 1.03 |")
    print("| --- | --- | --- | --- | --- | --- |")
    for row in view.rows.query("backend != 'serial'").to_dict("records"):
        within = "yes" if LEAST <= row["efficiency"] <= MOST else "no"
        interval = f"{row['speedup_low']:.3f} to {row['speedup_high']:.3f}"
        shares = f"{row['speedup']:.3f} | {interval} | {row['efficiency']:.3f}"
        print(f"| {row['backend']} | {row['workers']} | {shares} | {within} |")


if __name__ == "__main__":
    main()
