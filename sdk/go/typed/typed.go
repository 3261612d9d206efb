// Package typed is for scorers of tensors: they say what they take and give, the platform holds both sides to it, and they are
// served over the Open Inference Protocol, too.
//
//	package main
//
//	import (
//		"mlwasm"
//		"mlwasm/typed"
//	)
//
//	type scorer struct{ model *mlwasm.Model }
//
//	func (scorer) Describe() typed.Signature {
//		return typed.Signature{
//			Inputs:  []mlwasm.TensorSpec{{Name: "rows", Type: mlwasm.TypeFloat32, Shape: []int64{-1, 4}}},
//			Outputs: []mlwasm.TensorSpec{{Name: "label", Type: mlwasm.TypeInt64, Shape: []int64{-1}}},
//		}
//	}
//
//	func (scorer scorer) Infer(inputs []mlwasm.Tensor) ([]mlwasm.Tensor, error) {
//		return scorer.model.Infer(inputs[0].Renamed("input"))
//	}
//
//	func init() {
//		typed.Serve(func() (typed.Scorer, error) {
//			model, err := mlwasm.OpenModel("model")
//			return scorer{model}, err
//		})
//	}
//
//	func main() {}
package typed

import (
	"mlwasm"
	"mlwasm/internal/host"
)

// Scorer takes and gives tensors. Requests in JSON are answered by Infer, too, in the forms that RunJSON tells; a scorer that is
// a mlwasm.Scorer as well, since it has a Run of its own, answers them by that.
type Scorer interface {
	// Describe tells what Infer takes and gives. Called after the start; the answer must not change.
	Describe() Signature
	// Infer scores one request: one tensor for each input of the signature, in its order, checked. It gives one for each output,
	// in any order. Its errors are those of mlwasm.Scorer's Run.
	Infer(inputs []mlwasm.Tensor) ([]mlwasm.Tensor, error)
}

// Signature is what a scorer takes and gives. Names are distinct on each side, and at least one tensor is given.
type Signature struct {
	Inputs  []mlwasm.TensorSpec
	Outputs []mlwasm.TensorSpec
}

// Serve is mlwasm.Serve for a typed scorer.
func Serve(start func() (Scorer, error)) {
	var served Scorer
	mlwasm.Serve(func() (mlwasm.Scorer, error) {
		made, err := start()
		served = made
		if own, hasRun := made.(mlwasm.Scorer); hasRun {
			return own, err
		}
		return inJSON{made}, err
	})
	host.Exported.Describe = func() (inputs, outputs []host.TensorSpec) {
		signature := served.Describe()
		return specs(signature.Inputs), specs(signature.Outputs)
	}
	host.Exported.Infer = func(inputs []host.Tensor) ([]host.Tensor, error) {
		return mlwasm.InferForHost(served.Infer, inputs)
	}
}

// inJSON answers requests for a scorer that has no Run.
type inJSON struct{ Scorer }

func (scorer inJSON) Run(request *mlwasm.Request) (*mlwasm.Response, error) {
	return RunJSON(scorer.Scorer, request)
}

func specs(of []mlwasm.TensorSpec) []host.TensorSpec {
	made := make([]host.TensorSpec, len(of))
	for at, spec := range of {
		made[at] = host.TensorSpec(spec)
	}
	return made
}
