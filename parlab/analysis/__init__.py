"""Judges what was measured: statistics, the summary by configuration, findings. Never measures anything itself."""
