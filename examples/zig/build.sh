#!/bin/sh
# Builds build/iris-zig.core.wasm. Needs zig 0.15.2, from PyPI: `pip install ziglang==0.15.2`; ZIG chooses another one.
set -eu
cd "$(dirname "$0")"
sdk=../../sdk/c
zig=${ZIG:-python3 -m ziglang}
mkdir -p build

# --stack: Zig's own default is 16 MiB, and every sandbox would pay for it. -fstrip would take the names out of backtraces.
$zig build-exe -target wasm32-wasi -mexec-model=reactor -OReleaseSmall -fno-sanitize-c --stack 262144 -rdynamic -lc \
    -I$sdk/include -femit-bin=build/iris-zig.core.wasm --name iris-zig \
    score.zig scorer.c $sdk/src/*.c $sdk/bindings/tensor_scoring.c
