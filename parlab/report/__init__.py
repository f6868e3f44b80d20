"""A sweep or a class as one self-contained HTML page. It measures and judges nothing: it shows what lower layers say.

The page loads nothing from anywhere, holds no script, and escapes every text: a result file may come from anybody.
"""

from parlab.report.class_wall import wall
from parlab.report.files import check_place, is_ours, save
from parlab.report.page import page
from parlab.report.story import Code, Story, checked_author

__all__ = ["Code", "Story", "check_place", "checked_author", "is_ours", "page", "save", "wall"]
