"""Runs sweeps: a supervisor starts one fresh trial process after the other. Nothing is imported here on purpose.

Trial workers import this package again as part of their entry module's name.
"""
