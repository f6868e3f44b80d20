"""What this machine can give to parallel Python: cores, memory, start methods. It looks and changes nothing."""

from parlab.machine.detection import Blas, Machine, detect

__all__ = ["Blas", "Machine", "detect"]
