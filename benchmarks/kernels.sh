#!/usr/bin/env bash
# The tests as other processors would run them: once for each kind of kernels and number of threads that this one can do,
# with one line of counts each. All of them, which takes hours:
#
#   benchmarks/kernels.sh
#
# Arguments go to pytest: `benchmarks/kernels.sh -m kernels` runs what comes out of training or of many rounded operations
# (about three minutes each time), `benchmarks/kernels.sh tests/multigan/text` one folder. KEEP=FOLDER keeps what pytest says.
set -uo pipefail
cd "$(dirname "$0")/.."

# torch's own kernels, oneDNN's, MKL's, and those of numpy's OpenBLAS: each rounds the last digit in another way
kinds=(
    "OMP_NUM_THREADS=1"
    "OMP_NUM_THREADS=2"
    "OMP_NUM_THREADS=1 ATEN_CPU_CAPABILITY=avx2"
    "OMP_NUM_THREADS=1 ATEN_CPU_CAPABILITY=default"
    "OMP_NUM_THREADS=2 ATEN_CPU_CAPABILITY=default"
    "OMP_NUM_THREADS=1 ONEDNN_MAX_CPU_ISA=AVX2 MKL_CBWR=AVX2 OPENBLAS_CORETYPE=Haswell"
    "OMP_NUM_THREADS=1 ONEDNN_MAX_CPU_ISA=SSE41 MKL_CBWR=SSE4_2 OPENBLAS_CORETYPE=Prescott"
    "OMP_NUM_THREADS=1 ATEN_CPU_CAPABILITY=default ONEDNN_MAX_CPU_ISA=SSE41 MKL_CBWR=COMPATIBLE OPENBLAS_CORETYPE=Prescott"
)
keep="${KEEP:-$(mktemp -d)}"
mkdir -p "$keep"
failed=0
for number in "${!kinds[@]}"; do
    said="$keep/$number.txt"
    # threads that wait without work leave the cores to others: a busy machine would stand still
    env OMP_WAIT_POLICY=PASSIVE ${kinds[$number]} python -m pytest -p no:cacheprovider "$@" >"$said" 2>&1 || failed=1
    printf '%s: %s\n' "${kinds[$number]}" "$(tail -n 1 "$said")"
    grep -E '^(FAILED|ERROR)' "$said" | sed 's/^/    /'
done
[ -n "${KEEP:-}" ] || rm -rf "$keep"
exit "$failed"
