#!/bin/sh
# Makes bindings/ anew from the contract in ../../wit. Needs `wit-bindgen` 0.61 (cargo install wit-bindgen-cli --version 0.61.0).
# An author of a scorer never runs it: what it makes is part of the SDK.
set -eu
cd "$(dirname "$0")"
wit=${1:-../../wit}

# The code is that of the wider world. A scorer without `MLWASM_TENSOR_SCORER` describes itself as the narrower one,
# and then the exports that are only in the wider one are left out when the component is made.
wit-bindgen c "$wit" --world tensor-scoring --out-dir bindings
wit-bindgen c "$wit" --world scoring --out-dir bindings/narrow

python3 - bindings/narrow/scoring_component_type.o bindings/tensor_scoring_component_type.o > bindings/worlds.h <<'PYTHON'
"""Takes the section that describes a world out of wit-bindgen's object files, and writes it as bytes for C.

Source text can be read, compiled by any clang, and chosen by the macro that a scorer uses; an object file can not.
"""
import sys


def number(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value, shift, at = value | (byte & 127) << shift, shift + 7, at + 1
        if byte < 128:
            return value, at


def component_type(data):
    at = 8
    while at < len(data):
        kind, (size, start) = data[at], number(data, at + 1)
        at = start + size
        if kind == 0:
            length, name = number(data, start)
            if data[name:name + length].startswith(b"component-type"):
                return data[name + length:at]
    raise SystemExit("no section named component-type")


print("/* Made by bindings.sh: what a component of each world imports and exports, as assembly of its section. */")
print("#ifndef MLWASM_WORLDS_H\n#define MLWASM_WORLDS_H")
for name, path in zip(("SCORING", "TENSOR_SCORING"), sys.argv[1:]):
    section = component_type(open(path, "rb").read())
    lines = [",".join(str(byte) for byte in section[at:at + 30]) for at in range(0, len(section), 30)]
    print(f"\n#define MLWASM_WORLD_{name} \\")
    print(" \\\n".join(f'  ".byte {line}\\n"' for line in lines))
print("\n#endif")
PYTHON
rm -r bindings/narrow bindings/tensor_scoring_component_type.o
