package typed

// A component: that this package is linked into it is what makes it export `tensor-scorer`.
import (
	"mlwasm/internal/bindings/export_mlwasm_scoring_tensor_scorer"
	_ "mlwasm/internal/bindings/exports_tensor_scorer"
	"mlwasm/internal/bindings/mlwasm_scoring_inference"
	"mlwasm/internal/bindings/mlwasm_scoring_scorer"
	"mlwasm/internal/bindings/mlwasm_scoring_tensor_scorer"
	"mlwasm/internal/component"
	"mlwasm/internal/host"
	witTypes "mlwasm/internal/wit/types"
)

func init() {
	export_mlwasm_scoring_tensor_scorer.Describe = func() mlwasm_scoring_tensor_scorer.Signature {
		inputs, outputs := host.Exported.Describe()
		return mlwasm_scoring_tensor_scorer.Signature{
			Inputs: component.SpecsToBindings(inputs), Outputs: component.SpecsToBindings(outputs),
		}
	}
	export_mlwasm_scoring_tensor_scorer.Infer = exportedInfer
}

func exportedInfer(inputs []mlwasm_scoring_inference.Tensor) witTypes.Result[[]mlwasm_scoring_inference.Tensor, mlwasm_scoring_scorer.ScoreError] {
	defer component.CollectGarbage()
	outputs, err := host.Exported.Infer(component.TensorsFromBindings(inputs))
	if err != nil {
		return witTypes.Err[[]mlwasm_scoring_inference.Tensor, mlwasm_scoring_scorer.ScoreError](component.ScoreError(err))
	}
	return witTypes.Ok[[]mlwasm_scoring_inference.Tensor, mlwasm_scoring_scorer.ScoreError](component.TensorsToBindings(outputs))
}
