"""Battery, power saver and virtual machine, as Linux shows them; where the system says nothing, nothing is known."""

from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from parlab.machine.power import on_battery, power_saver, virtual

PROFILE = "sys/firmware/acpi/platform_profile"
PREFERENCE = "sys/devices/system/cpu/cpu0/cpufreq/energy_performance_preference"
GOVERNOR = "sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"


def put(root: Path, name: str, text: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text)


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, None),
        ({PROFILE: "low-power\n"}, True),
        ({PROFILE: "balanced\n"}, False),
        ({PROFILE: "performance\n", PREFERENCE: "power\n"}, True),
        ({PREFERENCE: "balance_power\n"}, False),
        ({GOVERNOR: "powersave\n"}, None),
    ],
)
def test_power_saver(tmp_path: Path, files: dict[str, str], expected: object) -> None:
    """The firmware's profile and the clock's preference count; the governor's name says nothing."""
    for name, text in files.items():
        put(tmp_path, name, text)
    assert expected is power_saver(tmp_path)


@pytest.mark.parametrize(
    ("cpuinfo", "expected"),
    [
        ("processor : 0\nflags\t\t: fpu vme hypervisor lahf_lm\n", True),
        ("processor : 0\nflags\t\t: fpu vme nohypervisor\n", False),
        ("processor : 0\nFeatures : fp asimd\n", None),
        ("", None),
    ],
)
def test_virtual(tmp_path: Path, cpuinfo: str, expected: object) -> None:
    """The flag is a word of its own; processors without flags do not tell."""
    put(tmp_path, "proc/cpuinfo", cpuinfo)
    assert expected is virtual(tmp_path)


@pytest.mark.parametrize(
    ("battery", "expected"),
    [(None, None), (SimpleNamespace(power_plugged=None), None), (SimpleNamespace(power_plugged=True), False),
     (SimpleNamespace(power_plugged=False), True)],
)  # fmt: skip
def test_battery(monkeypatch: pytest.MonkeyPatch, battery: SimpleNamespace | None, expected: object) -> None:
    """No battery is no answer; a plug is one."""
    monkeypatch.setattr(psutil, "sensors_battery", lambda: battery, raising=False)
    assert expected is on_battery()


def test_a_system_without_the_question(monkeypatch: pytest.MonkeyPatch) -> None:
    """psutil has no batteries on some systems, and some drivers answer with an error."""

    def refuse() -> None:
        raise OSError("no such device")

    monkeypatch.setattr(psutil, "sensors_battery", refuse, raising=False)
    assert None is on_battery()
    monkeypatch.delattr(psutil, "sensors_battery")
    assert None is on_battery()
