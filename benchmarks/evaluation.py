"""How fast evaluation measures, and in how much memory, beside the public tools that find the same figures.

    python benchmarks/evaluation.py [--quick] [--threads N] [--only SECTION]

Each section runs in a fresh process on N cores (Linux only). Its variants run interleaved, a round each in turn after
one for warming up; a figure is the median of its rounds, in wall time and in CPU time. Bars are held against the wall.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from unittest import mock

# else this script would be found in place of the package that it measures
sys.path.insert(0, str(Path(__file__).parents[1]))

from evaluation_sections import SECTIONS
from measuring import apart

ROOT = Path(__file__).parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "evaluation-cpu.json"
PACKAGES = ("numpy", "scipy", "scikit-learn", "torch", "torch-fidelity", "prdc", "nltk")


def run_section(name, quick, cores):
    """A section on the given cores, without a trace of it in anyone's cache; meant for a fresh process."""
    os.sched_setaffinity(0, cores)
    with tempfile.TemporaryDirectory() as folder, mock.patch.dict(os.environ, MULTIGAN_CACHE=folder):
        return SECTIONS[name](quick)


def print_section(section, quick):
    print(f"\n{section.title}\n{'':44}{'wall s':>10}{'CPU s':>10}{'ratio':>8}")
    beside = next(iter(section.seconds), "")
    for name, taken in section.seconds.items():
        print(f"{name:44}{taken['wall']:10.3f}{taken['cpu']:10.3f}{section.ratio(name, beside):8.3f}")
    for name, value in section.figures.items():
        print(f"{name:58}{value:14.4g}")
    for bar in section.bars:
        sense = "at least" if bar.at_least else "at most"
        verdict = "at full size" if quick else "met" if bar.met else "NOT MET"
        print(f"{bar.what:58}{bar.found:14.4g}  {sense} {bar.bar:g}: {verdict}")


def processor():
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--quick", action="store_true", help="small sizes, to see that it runs; writes no file"
    )
    parser.add_argument("--threads", type=int, default=1, help="default: %(default)s")
    parser.add_argument("--only", choices=SECTIONS, help="one section; the file keeps the others")
    arguments = parser.parse_args()
    # libraries look at these when they are loaded, which the sections do afresh
    os.environ.update({f"{name}_NUM_THREADS": str(arguments.threads) for name in ("OMP", "OPENBLAS", "MKL")})
    every = sorted(os.sched_getaffinity(0))
    report = {
        "processor": processor(),
        "python": platform.python_version(),
        **{package: version(package) for package in PACKAGES},
        "sections": {},
    }
    if arguments.only and RESULTS.exists():
        report["sections"] = json.loads(RESULTS.read_text(encoding="utf-8"))["sections"]
    for name in [arguments.only] if arguments.only else SECTIONS:
        load = os.getloadavg()[0]
        cores = every if name == "reading" else every[-arguments.threads :]
        section = apart(run_section, name, arguments.quick, cores)
        print_section(section, arguments.quick)
        bars = [asdict(bar) | {"met": bool(bar.met)} for bar in section.bars]
        how = {"threads": arguments.threads, "cores": len(cores), "load_before": load}
        report["sections"][name] = how | asdict(section) | {"bars": bars}
    if not arguments.quick:
        RESULTS.write_text(json.dumps(report, indent=2, default=float) + "\n", encoding="utf-8")
        print(f"\nWritten to {RESULTS.relative_to(ROOT)}.")


if __name__ == "__main__":
    main()
