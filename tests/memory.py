"""How much memory a process takes, as Linux counts it."""

from pathlib import Path


def peak(pid: int) -> int:
    """Most bytes of memory that a process held since its peak was forgotten."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return 1024 * int(next(line.split()[1] for line in lines if line.startswith("VmHWM")))


def forget_peak(pid: int) -> int:
    """Begin to measure a peak anew; return the bytes of memory that are held now."""
    Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")
    return peak(pid)


def children(pid: int) -> list[int]:
    """Return the processes that a process started, from any of its threads."""
    lists = (task / "children" for task in Path(f"/proc/{pid}/task").iterdir())
    return [int(child) for one in lists for child in one.read_text(encoding="ascii").split()]
