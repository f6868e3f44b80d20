"""The command line: reads options, starts sweeps, prints. What it prints is made by the layers below."""
