"""Writes how busy cores are: bars while it is watched, a table of averages afterwards. Plain HTML and plain text."""

from collections.abc import Collection, Sequence

from parlab.notebook.widgets import TABLE

_MOST_BARS = 32  # beyond, one small field for each core
_COLUMNS_FROM = 9  # so many cores stand in two columns
_MOST_LINES = 16  # beyond, a line of text has several cores
_IN_LINE = 4
_BAR, _TRACK = "#0072B2", "rgba(128, 128, 128, 0.25)"
_DIGITS = "font-variant-numeric: tabular-nums; white-space: nowrap"


def live_bars(percents: Sequence[float], allowed: Collection[int] | None) -> str:
    """Show how busy each core is now, as HTML; its numbers are text, so nothing is said by colour alone.

    Parameters
    ----------
    percents
        From 0 to 100, by the number of the core.
    allowed
        The cores that this process may use, which are marked where there are others too; None: not known.
    """
    some = allowed is not None and len(allowed) < len(percents)
    make = _bar if len(percents) <= _MOST_BARS else _field
    parts = [
        make(core, percent, some and allowed is not None and core in allowed) for core, percent in enumerate(percents)
    ]
    if len(percents) > _MOST_BARS:
        columns = "repeat(auto-fill, minmax(82px, 1fr))"
    else:
        columns = "1fr 1fr" if len(percents) >= _COLUMNS_FROM else "1fr"
    style = f"display: grid; grid-template-columns: {columns}; gap: 3px 16px; max-width: 800px"
    legend = "<p>★: a core that this process may use</p>" if some else ""
    return f'<div style="{style}">{"".join(parts)}</div>{legend}'


def _bar(core: int, percent: float, ours: bool) -> str:  # noqa: FBT001
    fill = f'<div style="background: {_BAR}; width: {percent:.0f}%; height: 100%"></div>'
    return (
        f'<div style="display: grid; grid-template-columns: 72px 1fr 48px; gap: 8px; align-items: center; {_DIGITS}">'
        f"<span>core {core}{' ★' if ours else ''}</span>"
        f'<div style="background: {_TRACK}; height: 14px">{fill}</div>'
        f'<span style="text-align: right">{percent:.0f} %</span></div>'
    )


def _field(core: int, percent: float, ours: bool) -> str:  # noqa: FBT001
    ground = f"linear-gradient(to right, rgba(0, 114, 178, 0.45) {percent:.0f}%, {_TRACK} {percent:.0f}%)"
    star = "★" if ours else ""
    style = f"background: {ground}; padding: 2px 6px; display: flex; justify-content: space-between; {_DIGITS}"
    return f'<div style="{style}"><span>{core}{star}</span><span>{percent:.0f} %</span></div>'


def averages_html(averages: Sequence[float], highest: Sequence[float], allowed: Collection[int] | None) -> str:
    """Write average and highest value of each core as a table; more than 16 cores as fields."""
    if len(averages) > _MOST_LINES:
        return f"<p>Average of each core:</p>{live_bars(averages, allowed)}"
    rows = "".join(
        f'<tr><th scope="row">core {core}</th><td>{average:.0f} %</td><td>{most:.0f} %</td>'
        f"<td>{_ours(core, allowed)}</td></tr>"
        for core, (average, most) in enumerate(zip(averages, highest, strict=True))
    )
    head = "".join(f'<th scope="col">{one}</th>' for one in ("", "average", "highest", "may this process use it?"))
    return f'<table style="{TABLE}">' + f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def averages_text(averages: Sequence[float], highest: Sequence[float], allowed: Collection[int] | None) -> list[str]:
    """Write the same as lines of text, 80 columns wide at most."""
    if len(averages) <= _MOST_LINES:
        lines = [f"{'':>8}  average  highest  may this process use it?"]
        for core, (average, most) in enumerate(zip(averages, highest, strict=True)):
            lines.append(f"core {core:>3}  {average:>5.0f} %  {most:>5.0f} %  {_ours(core, allowed)}")
        return lines
    cells = [
        f"core {core:>3}{'*' if allowed is not None and core in allowed else ' '} {average:>3.0f} %"
        for core, average in enumerate(averages)
    ]
    rows = ["   ".join(cells[first : first + _IN_LINE]) for first in range(0, len(cells), _IN_LINE)]
    return ["Average of each core; *: this process may use it.", *rows]


def _ours(core: int, allowed: Collection[int] | None) -> str:
    return "not known" if allowed is None else "yes" if core in allowed else "no"
