#!/bin/sh
# Makes internal/bindings anew from the contract in ../../wit. Needs `wit-bindgen` 0.61 (cargo install wit-bindgen-cli
# --version 0.61.0), gofmt and python3. An author of a scorer never runs it: what it makes is part of the SDK.
set -eu
cd "$(dirname "$0")"
wit=${1:-../../wit}
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT

wit-bindgen go "$wit" --world tensor-scoring --out-dir "$folder"
rm -rf internal/bindings
mkdir -p internal/bindings

python3 - "$folder" <<'PYTHON'
"""Moves what wit-bindgen made for a module of its own into this one.

The exports of the two interfaces come apart into two packages, since a component exports what is linked into it: a scorer
that imports `mlwasm/typed` is a typed one.
"""
import pathlib
import sys

folder, bindings = pathlib.Path(sys.argv[1]), pathlib.Path("internal/bindings")


def adapt(text):
    text = text.replace('"wit_component/', '"mlwasm/internal/bindings/')
    return text.replace('"go.bytecodealliance.org/pkg/wit/', '"mlwasm/internal/wit/')


for source in sorted(folder.rglob("wit_bindings.go")):
    target = bindings / source.parent.name
    target.mkdir()
    (target / source.name).write_text(adapt(source.read_text()))
    (target / "empty.s").write_text("// Lets Go accept functions without a body, which are the imports.\n")

exports = adapt((folder / "wit_exports.go").read_text())
exports = exports.replace("// Unused, but present to make the compiler happy\nfunc main() {}\n", "")
head, *functions = exports.split("//go:wasmexport ")
for package, other in (("scorer", "tensor-scorer"), ("tensor-scorer", "scorer")):
    name = package.replace("-", "_")
    kept = ["//go:wasmexport " + one for one in functions if f"mlwasm:scoring/{package}@" in one.split("\n")[0]]
    unused = f'"mlwasm/internal/bindings/export_mlwasm_scoring_{other.replace("-", "_")}"\n'
    text = head.replace("package main", f"package exports_{name}").replace(unused, "") + "".join(kept)
    if package == "scorer":
        text = text.replace('"mlwasm/internal/bindings/mlwasm_scoring_inference"\n', "")
    target = bindings / f"exports_{name}"
    target.mkdir()
    (target / "wit_exports_wasm.go").write_text(text)
PYTHON

# What the exports call: variables, since whoever sets them must import this package and can not be imported by it.
mkdir internal/bindings/export_mlwasm_scoring_scorer internal/bindings/export_mlwasm_scoring_tensor_scorer
cat > internal/bindings/export_mlwasm_scoring_scorer/export.go <<'GO'
// Package export_mlwasm_scoring_scorer holds what the exports of `scorer` call. Package mlwasm sets it.
package export_mlwasm_scoring_scorer

import (
	"mlwasm/internal/bindings/mlwasm_scoring_scorer"
	witTypes "mlwasm/internal/wit/types"
)

var (
	Init func() witTypes.Result[witTypes.Unit, string]
	Run  func(mlwasm_scoring_scorer.Request) witTypes.Result[mlwasm_scoring_scorer.Response, mlwasm_scoring_scorer.ScoreError]
)
GO
cat > internal/bindings/export_mlwasm_scoring_tensor_scorer/export.go <<'GO'
// Package export_mlwasm_scoring_tensor_scorer holds what the exports of `tensor-scorer` call. Package typed sets it.
package export_mlwasm_scoring_tensor_scorer

import (
	"mlwasm/internal/bindings/mlwasm_scoring_inference"
	"mlwasm/internal/bindings/mlwasm_scoring_scorer"
	"mlwasm/internal/bindings/mlwasm_scoring_tensor_scorer"
	witTypes "mlwasm/internal/wit/types"
)

var (
	Describe func() mlwasm_scoring_tensor_scorer.Signature
	Infer    func([]mlwasm_scoring_inference.Tensor) witTypes.Result[[]mlwasm_scoring_inference.Tensor, mlwasm_scoring_scorer.ScoreError]
)
GO
gofmt -w internal/bindings
