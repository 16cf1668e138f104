"""What the machine has for a run."""

import os
from pathlib import Path


def available_cores():
    """How many processor cores a run may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def cores():
    """The same in words, beside those that the machine has."""
    count = available_cores()
    return f"{count} cores" if count == os.cpu_count() else f"{count} of {os.cpu_count()} cores"


def slow_in_bfloat16(processor="/proc/cpuinfo"):
    """Whether the processor computes in bfloat16 without instructions for it; False where that is not known."""
    try:
        lines = [line.partition(":") for line in Path(processor).read_text().splitlines()]
    except OSError:
        return False
    flags = next((set(after.split()) for name, _, after in lines if name.strip() in ("flags", "Features")), None)
    return flags is not None and not flags & {"avx512_bf16", "amx_bf16", "bf16"}
