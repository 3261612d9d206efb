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
