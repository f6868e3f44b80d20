"""What slows a machine down by design, or stands between it and us: battery, power saver, virtual machine.

Only what the system itself says; None where it says nothing. It starts no program and changes nothing.
"""

from pathlib import Path

_SAVING = {"low-power", "quiet", "power"}
# The firmware's profile (Linux: Documentation/ABI/testing/sysfs-platform_profile), and what the processor's own clock
# control is told to prefer (Documentation/admin-guide/pm/intel_pstate.rst). Not the governor: with intel_pstate its
# name "powersave" is what every laptop has, also at full speed.
_PROFILES = (
    "sys/firmware/acpi/platform_profile",
    "sys/devices/system/cpu/cpu0/cpufreq/energy_performance_preference",
)


def on_battery() -> bool | None:
    """Tell whether the machine runs on its battery; None where there is none, or the system does not say."""
    import psutil

    ask = getattr(psutil, "sensors_battery", None)  # not on every system
    try:
        found = ask() if ask else None
    except (OSError, RuntimeError, ValueError):  # a driver that gives no numbers
        return None
    return None if found is None or found.power_plugged is None else not found.power_plugged


def power_saver(root: Path = Path("/")) -> bool | None:
    """Tell whether the processor is told to save power; None where the system does not say (Windows, macOS)."""
    known = [text for name in _PROFILES if (text := _read(root / name))]
    return any(text in _SAVING for text in known) if known else None


def virtual(root: Path = Path("/")) -> bool | None:
    """Tell whether this is a virtual machine, by the processor's flag "hypervisor"; None where it has no flags."""
    for line in _read(root / "proc/cpuinfo").splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "flags":
            return "hypervisor" in value.split()
    return None


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
