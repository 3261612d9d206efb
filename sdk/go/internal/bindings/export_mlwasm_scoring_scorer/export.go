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
