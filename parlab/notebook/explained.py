"""Where the time went, as a notebook shows it. The numbers stay plain data, in ``Explained.explanation``."""

from dataclasses import dataclass

from parlab.analysis.explanation import Explanation
from parlab.explained import as_html, print_explanation
from parlab.tables import as_text


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
        return as_text(lambda out: print_explanation(out, self.explanation))

    def _repr_html_(self) -> str:
        """Show it as tables in a notebook; every text is escaped."""
        return as_html(self.explanation)
