"""What notebooks use: ``parlab.speedup`` and the view that it returns. Imported only when asked for."""
