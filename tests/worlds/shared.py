"""Where real data lies beside a checkout; tests that read it are skipped where it is absent."""

from pathlib import Path

SHARED = Path(__file__).parents[3] / "shared"
