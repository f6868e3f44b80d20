"""Limits of control groups, read from made-up file systems."""

from pathlib import Path

import pytest
from builders import MOUNT_V2, control_groups, quota_of

from parlab.machine.cgroup import cpu_quota, memory_headroom, memory_limit

GIB = 1 << 30
V1_UNLIMITED = "9223372036854771712\n"  # how version 1 writes that there is no limit
TOP_V1 = "sys/fs/cgroup/cpu,cpuacct"
MOUNTS_V1 = (
    "33 32 0:28 / /sys/fs/cgroup/systemd rw shared:11 - cgroup cgroup rw,xattr,name=systemd\n"
    "36 32 0:31 / /sys/fs/cgroup/cpuset rw shared:15 - cgroup cgroup rw,cpuset\n"
    "37 32 0:32 / /sys/fs/cgroup/cpu,cpuacct rw shared:16 - cgroup cgroup rw,cpu,cpuacct\n"
    "38 32 0:33 / /sys/fs/cgroup/memory rw shared:17 - cgroup cgroup rw,memory\n"
)
GROUPS_V1 = "12:cpuset:/sets\n4:cpu,cpuacct:/jobs/mine\n3:memory:/jobs/mine\n1:name=systemd:/user.slice\n"


def v1(root: Path, files: dict[str, str]) -> Path:
    return control_groups(root, GROUPS_V1, MOUNTS_V1, files)


def v2(root: Path, path: str, files: dict[str, str]) -> Path:
    return control_groups(
        root, f"0::{path}\n", MOUNT_V2, {f"sys/fs/cgroup/{name}": text for name, text in files.items()}
    )


@pytest.mark.parametrize(
    ("text", "cores"),
    [
        ("200000 100000\n", 2.0),
        ("150000 100000\n", 1.5),
        ("50000 100000\n", 0.5),
        ("10000 50000\n", 0.2),
        ("max 100000\n", None),
        ("0 100000\n", None),
        ("100000 0\n", None),
        ("100000\n", None),
        ("max\n", None),
        ("", None),
        ("nonsense at all\n", None),
    ],
)
def test_version_2_quota(tmp_path: Path, text: str, cores: float | None) -> None:
    """Quota over period is the number of cores; "max" and what cannot be read are no limit."""
    assert cores == cpu_quota(quota_of(tmp_path, text))


@pytest.mark.parametrize(
    ("quota", "period", "cores"),
    [("200000", "100000", 2.0), ("25000", "100000", 0.25), ("-1", "100000", None), ("100000", None, None)],
)
def test_version_1_quota(tmp_path: Path, quota: str, period: str | None, cores: float | None) -> None:
    """Quota and period stand in two files; -1 is no limit, and half of the pair says nothing."""
    files = {f"{TOP_V1}/jobs/mine/cpu.cfs_quota_us": f"{quota}\n"}
    if period is not None:
        files[f"{TOP_V1}/jobs/mine/cpu.cfs_period_us"] = f"{period}\n"
    assert cores == cpu_quota(v1(tmp_path, files))


def test_an_outer_group_is_tighter(tmp_path: Path) -> None:
    """The limit of every group around ours holds for us as well: the tightest counts."""
    files = {"a/b/cpu.max": "400000 100000", "a/cpu.max": "150000 100000", "cpu.max": "max 100000"}
    assert cpu_quota(v2(tmp_path, "/a/b", files)) == 1.5


def test_the_inner_group_is_tighter(tmp_path: Path) -> None:
    """A group of our own below a wide one decides."""
    files = {"a/b/cpu.max": "100000 100000", "a/cpu.max": "800000 100000"}
    assert cpu_quota(v2(tmp_path, "/a/b", files)) == 1.0


def test_the_mount_itself_is_a_group(tmp_path: Path) -> None:
    """In a container the limit often stands in the top folder alone."""
    assert cpu_quota(v2(tmp_path, "/a/b", {"cpu.max": "300000 100000"})) == 3.0


def test_groups_beside_ours_do_not_count(tmp_path: Path) -> None:
    """A neighbour's limit, or that of a group below ours, is not ours."""
    files = {"a/cpu.max": "400000 100000", "z/cpu.max": "100000 100000", "a/below/cpu.max": "100000 100000"}
    assert cpu_quota(v2(tmp_path, "/a", files)) == 4.0


def test_an_outer_group_is_tighter_in_version_1(tmp_path: Path) -> None:
    """Version 1 nests as well."""
    files = {
        f"{TOP_V1}/jobs/mine/cpu.cfs_quota_us": "400000",
        f"{TOP_V1}/jobs/mine/cpu.cfs_period_us": "100000",
        f"{TOP_V1}/jobs/cpu.cfs_quota_us": "120000",
        f"{TOP_V1}/jobs/cpu.cfs_period_us": "100000",
        f"{TOP_V1}/cpu.cfs_quota_us": "-1",
        f"{TOP_V1}/cpu.cfs_period_us": "100000",
    }
    assert cpu_quota(v1(tmp_path, files)) == 1.2


def test_other_controllers_are_not_asked(tmp_path: Path) -> None:
    """Our group for cpuset, whose name begins like cpu, says nothing of the quota, on its own mount or on cpu's."""
    places = ("sys/fs/cgroup/cpuset/sets", f"{TOP_V1}/sets")
    files = {f"{place}/cpu.cfs_{part}_us": "100000" for place in places for part in ("quota", "period")}
    assert None is cpu_quota(v1(tmp_path, files))


def test_both_versions_at_once(tmp_path: Path) -> None:
    """On a hybrid system the limits of both versions hold, and the tighter one counts."""
    mounts = MOUNTS_V1 + "39 32 0:34 / /sys/fs/cgroup/unified rw shared:18 - cgroup2 cgroup2 rw\n"
    files = {
        f"{TOP_V1}/jobs/mine/cpu.cfs_quota_us": "300000",
        f"{TOP_V1}/jobs/mine/cpu.cfs_period_us": "100000",
        "sys/fs/cgroup/unified/user/cpu.max": "200000 100000",
    }
    assert cpu_quota(control_groups(tmp_path, GROUPS_V1 + "0::/user\n", mounts, files)) == 2.0


@pytest.mark.parametrize(
    ("inside", "path", "cores"),
    [
        (
            "/docker/abc",
            "/docker/abc/job",
            1.0,
        ),  # the host's path, while the mount shows the container's group as its top
        ("/docker/abc", "/docker/abc", 2.0),
        ("/docker/abc", "/", 2.0),  # a namespace of its own
        ("/", "/../sibling", 2.0),  # the group lies outside of the namespace
        ("/../..", "/", 2.0),
        ("/docker/ab", "/docker/abc/job", 2.0),  # alike by letters only
    ],
)
def test_mounts_in_containers(tmp_path: Path, inside: str, path: str, cores: float) -> None:
    """A container's mount shows a deeper group as its top; from there the way goes down, never outside."""
    mount = MOUNT_V2.replace(" / /sys", f" {inside} /sys")
    files = {"sys/fs/cgroup/cpu.max": "200000 100000", "sys/fs/cgroup/job/cpu.max": "100000 100000"}
    assert cores == cpu_quota(control_groups(tmp_path, f"0::{path}\n", mount, files))


def test_nothing_outside_the_mount_is_read(tmp_path: Path) -> None:
    """A path with dots does not lead out of the mounted tree."""
    files = {"sys/fs/cgroup/cpu.max": "max 100000", "sys/fs/sibling/cpu.max": "100000 100000"}
    assert None is cpu_quota(control_groups(tmp_path, "0::/../sibling\n", MOUNT_V2, files))


@pytest.mark.parametrize("groups", ["", "\n", "nonsense\n", "0\n", "0::/gone (deleted)\n", ":::::\n"])
def test_unreadable_memberships_are_no_limit(tmp_path: Path, groups: str) -> None:
    """Lines that mean nothing, and groups that are gone, are no limit and no error."""
    assert None is cpu_quota(control_groups(tmp_path, groups, MOUNT_V2))


@pytest.mark.parametrize("mounts", ["", "\n", "nonsense\n", "30 24 0:26 / /sys/fs/cgroup rw\n", " - cgroup2\n"])
def test_unreadable_mounts_are_no_limit(tmp_path: Path, mounts: str) -> None:
    """Without a mount that can be read there is no limit and no error."""
    files = {"sys/fs/cgroup/cpu.max": "100000 100000"}
    assert None is cpu_quota(control_groups(tmp_path, "0::/\n", mounts, files))


def test_no_files_at_all(tmp_path: Path) -> None:
    """A system without /proc has no limit."""
    assert (cpu_quota(tmp_path), memory_limit(tmp_path)) == (None, None)


@pytest.mark.parametrize(
    ("text", "limit"),
    [(f"{GIB}\n", GIB), ("max\n", None), (V1_UNLIMITED, None), ("0\n", None), ("", None), ("lots\n", None)],
)
def test_version_2_memory(tmp_path: Path, text: str, limit: int | None) -> None:
    """A number of bytes is a limit; "max" is none."""
    assert limit == memory_limit(v2(tmp_path, "/a", {"a/memory.max": text}))


def test_memory_headroom(tmp_path: Path) -> None:
    """What may still be taken is the limit less what is used, without file cache that would be given back."""
    files = {
        "a/memory.max": f"{4 * GIB}",
        "a/memory.current": f"{3 * GIB}",
        "a/memory.stat": f"anon {GIB}\ninactive_file {2 * GIB}\n",
        "memory.max": f"{8 * GIB}",
        "memory.current": f"{6 * GIB}",
    }
    root = v2(tmp_path, "/a", files)
    assert 2 * GIB == memory_headroom(root)  # the outer group's: 8 - 6, less than 4 - 3 + 2
    (root / "sys/fs/cgroup/memory.max").write_text("max")
    assert 3 * GIB == memory_headroom(root)


def test_no_limit_is_no_headroom(tmp_path: Path) -> None:
    """Without a limit the control groups say nothing about what is left."""
    assert memory_headroom(v2(tmp_path, "/a", {"a/memory.max": "max"})) is None


def test_an_outer_memory_limit_is_tighter(tmp_path: Path) -> None:
    """The smallest limit on the way up counts."""
    files = {"a/b/memory.max": f"{4 * GIB}", "a/memory.max": f"{GIB}", "memory.max": "max"}
    assert memory_limit(v2(tmp_path, "/a/b", files)) == GIB


@pytest.mark.parametrize(
    ("inner", "outer", "limit"),
    [(V1_UNLIMITED, V1_UNLIMITED, None), (V1_UNLIMITED, f"{2 * GIB}\n", 2 * GIB), (f"{GIB}\n", f"{2 * GIB}\n", GIB)],
)
def test_version_1_memory(tmp_path: Path, inner: str, outer: str, limit: int | None) -> None:
    """Version 1 writes "no limit" as a number near 2**63, which is not taken for one."""
    files = {
        "sys/fs/cgroup/memory/jobs/mine/memory.limit_in_bytes": inner,
        "sys/fs/cgroup/memory/jobs/memory.limit_in_bytes": outer,
    }
    assert limit == memory_limit(v1(tmp_path, files))
