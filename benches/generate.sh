#!/usr/bin/env bash
# Bytes per second of generated data into memory-backed files, side by side: snowdeck, tpchgen-cli (`tbl`, scale 1) and
# the starter's rules in plain Python (benches/starter.py). Then 100 GB to nowhere, for the memory.
#
#   benches/generate.sh [SNOWDECK] [TPCHGEN_CLI]
#
# SNOWDECK: a release build (default: the one in the target folder). TPCHGEN_CLI: default, the one in PATH; left out
# where there is none (cargo install tpchgen-cli, or pip install tpchgen-cli).
# SIZE=CUSTOMERS (default 1300000, about 1 GB), ROUNDS (3), NULL_CUSTOMERS (128000000, about 100 GB; 0 leaves it out).
set -euo pipefail
cd "$(dirname "$0")/.."
snowdeck=${1:-${CARGO_TARGET_DIR:-target}/release/snowdeck}
tpchgen=${2:-$(command -v tpchgen-cli || true)}
size=${SIZE:-1300000} rounds=${ROUNDS:-3} null_customers=${NULL_CUSTOMERS:-128000000}
memory=/dev/shm
[ -d "$memory" ] || memory=${TMPDIR:-/tmp}
work=$(mktemp -d "$memory/snowdeck-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT

# Best of some rounds, as MB a second: measure NAME COMMAND… with {} for the folder.
measure() {
    local name=$1 best=0 round started ended bytes rate
    shift
    for round in $(seq "$rounds"); do
        rm -rf "$work/out" && mkdir "$work/out"
        started=$(date +%s%N)
        "${@//\{\}/$work/out}" >"$work/said" 2>&1 || { cat "$work/said" >&2; return 1; }
        ended=$(date +%s%N)
        bytes=$(find "$work/out" -type f -printf '%s\n' | awk '{ sum += $1 } END { printf "%d", sum }')
        rate=$(awk -v b="$bytes" -v t="$((ended - started))" 'BEGIN { printf "%.2f", b * 1000 / t }')
        best=$(awk -v a="$best" -v b="$rate" 'BEGIN { print (b > a) ? b : a }')
    done
    rm -rf "$work/out"
    printf '%-34s %10.1f MB/s\n' "$name" "$best" >&2
    echo "$best"
}

echo "$(nproc) cores, into $work, best of $rounds" >&2
ours=$(measure "snowdeck, $size customers" "$snowdeck" --home "$work/home" generate --out {} --customers "$size")
python=$(measure "plain Python, 20000 customers" python3 benches/starter.py 20000 {})
awk -v a="$ours" -v b="$python" 'BEGIN { printf "against plain Python %.0f x (asked: 60 x)\n", a / b }'
if [ -n "$tpchgen" ]; then
    form=(tbl -s 1)
    "$tpchgen" tbl --help >/dev/null 2>&1 || form=(-s 1 -f tbl) # its releases before 3
    tpch=$(measure "$("$tpchgen" --version), tbl, scale 1" "$tpchgen" "${form[@]}" --output-dir {})
    awk -v a="$ours" -v b="$tpch" 'BEGIN { printf "against tpchgen-cli  %.2f x (asked: 4 x)\n", a / b }'
else
    echo "LEFT OUT: no tpchgen-cli"
fi
if [ "$null_customers" -gt 0 ]; then
    "$snowdeck" --home "$work/home" --json generate --out null --customers "$null_customers" >"$work/made" &
    pid=$! peak=0 started=$(date +%s%N)
    while kill -0 $pid 2>/dev/null; do
        now=$(awk '/VmRSS/ { print $2 }' "/proc/$pid/status" 2>/dev/null || true)
        peak=$((${now:-0} > peak ? ${now:-0} : peak))
        sleep 0.2
    done
    wait $pid
    awk -v t="$(($(date +%s%N) - started))" -v peak=$peak -F'[:,]' \
        '/"bytes"/ { printf "to nowhere: %.1f GB at %.0f MB/s, at most %.0f MB of memory\n", $2 / 1e9, $2 * 1000 / t, peak / 1000 }' \
        "$work/made"
fi
