"""Where the time went, as a notebook shows it. The numbers stay plain data, in ``Explained.explanation``."""

from dataclasses import dataclass
from io import StringIO

from parlab.analysis.explanation import Explanation
from parlab.explained import as_html, print_explanation


@dataclass(frozen=True, repr=False)
class Explained:
    """What ``View.explain()`` returns.

    Attributes
    ----------
    explanation
        Areas, POP's efficiencies, break-even and traffic, as data.
    """

    explanation: Explanation

    def __repr__(self) -> str:
        """Show it as text, as ``parlab explain`` prints it."""
        from rich.console import Console

        text = StringIO()
        out = Console(width=80, file=text, highlight=False, color_system=None, force_jupyter=False)
        print_explanation(out, self.explanation)
        return text.getvalue().rstrip()

    def _repr_html_(self) -> str:
        """Show it as tables in a notebook; every text is escaped."""
        return as_html(self.explanation)
