#!/usr/bin/env bash
# Every step behind one answer, then the answer with one figure replaced.
#
#   04_explain.sh PROGRAM        PROGRAM: path of `estimate`, or script/estimate
set -euo pipefail
estimate=${1:?"usage: 04_explain.sh PROGRAM"}
question=(--hw rk3588 --model qwen2.5-7b --quant int4 --engine llama.cpp --unit cpu)

echo "== where each number comes from"
"$estimate" explain "${question[@]}"

echo
echo "== the answer itself if the memory gave 25 GB/s, which decode on one such board was seen to draw"
"$estimate" "${question[@]}" --set memory.bandwidth=25GB/s
