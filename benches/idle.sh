#!/usr/bin/env bash
# What an idle console costs: CPU time, wake-ups and resident memory over a while, in a real terminal (tmux).
#   benches/idle.sh PROGRAM [SECONDS]
# Two rows: the console with the embedded cloud inside, and a console that uses the cloud of another process.
set -euo pipefail
program=${1:?usage: benches/idle.sh PROGRAM [SECONDS]}
seconds=${2:-30}
home=$(mktemp -d)
server="snowdeck-idle-$$"
trap 'tmux -L "$server" kill-server 2> /dev/null || true; [ -z "${served:-}" ] || kill "$served" 2> /dev/null || true; rm -rf "$home"' EXIT

measure() { # measure NAME
  tmux -L "$server" -f /dev/null new-session -d -x 120 -y 40 "exec env SNOWDECK_HOME=$home/state $program"
  until tmux -L "$server" capture-pane -p | grep -q "Nothing is running"; do sleep 0.1; done
  local pid ticks before after switches_before switches_after
  pid=$(tmux -L "$server" display-message -p '#{pane_pid}')
  ticks=$(getconf CLK_TCK)
  sleep 3
  before=$(awk '{print $14 + $15}' "/proc/$pid/stat")
  switches_before=$(cat /proc/"$pid"/task/*/status | awk '/^voluntary/ {n += $2} END {print n}')
  sleep "$seconds"
  after=$(awk '{print $14 + $15}' "/proc/$pid/stat")
  switches_after=$(cat /proc/"$pid"/task/*/status | awk '/^voluntary/ {n += $2} END {print n}')
  printf '%-28s %6.2f %% of a core   %5.1f wake-ups a second   %4d MB resident\n' "$1" \
    "$(echo "($after - $before) * 100 / $ticks / $seconds" | bc -l)" \
    "$(echo "($switches_after - $switches_before) / $seconds" | bc -l)" \
    "$(awk '/^VmRSS/ {print int($2 / 1024)}' "/proc/$pid/status")"
  tmux -L "$server" kill-server
  while kill -0 "$pid" 2> /dev/null; do sleep 0.1; done # its cloud closes: the next one opens the same files
}

measure "with the embedded cloud"
SNOWDECK_HOME=$home/state "$program" local serve > /dev/null &
served=$!
sleep 2
measure "with a cloud that is there"
