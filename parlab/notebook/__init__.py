"""What notebooks and scripts use: ``parlab.speedup`` and its view, ``parlab.pool``, magics. Imported when asked for."""
