// Package typed is for scorers that can also be called with tensors: they are served over the Open Inference Protocol too,
// and the platform may join requests into batches.
package typed

import (
	"mlwasm"
	"mlwasm/internal/host"
)

// Scorer is a mlwasm.Scorer that takes and gives tensors as well.
type Scorer interface {
	mlwasm.Scorer
	// Describe tells what Infer takes and gives. Called after the start; the answer must not change.
	Describe() Signature
	// Infer scores one batch: one tensor for each input of the signature, one in the answer for each output.
	Infer(inputs []mlwasm.Tensor) ([]mlwasm.Tensor, error)
}

// Signature is what a scorer takes and gives.
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
		return made, err
	})
	host.Exported.Describe = func() (inputs, outputs []host.TensorSpec) {
		signature := served.Describe()
		return specs(signature.Inputs), specs(signature.Outputs)
	}
	host.Exported.Infer = func(inputs []host.Tensor) ([]host.Tensor, error) {
		return mlwasm.InferForHost(served.Infer, inputs)
	}
}

func specs(of []mlwasm.TensorSpec) []host.TensorSpec {
	made := make([]host.TensorSpec, len(of))
	for at, spec := range of {
		made[at] = host.TensorSpec(spec)
	}
	return made
}
