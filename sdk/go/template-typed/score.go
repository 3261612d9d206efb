// {{name}} answers what its model says about rows of four measurements: the class of each.
package main

import (
	"mlwasm"
	"mlwasm/typed"
)

type scorer struct {
	model *mlwasm.Model
}

// start runs once, when the deployment is made or changed. An error keeps it from serving.
func start() (typed.Scorer, error) {
	model, err := mlwasm.OpenModel("model")
	if err != nil {
		return nil, err
	}
	return &scorer{model}, nil
}

// Describe is what clients are told. The platform holds requests to it, and answers too; -1 is any size.
func (scorer *scorer) Describe() typed.Signature {
	return typed.Signature{
		Inputs:  []mlwasm.TensorSpec{{Name: "rows", Type: mlwasm.TypeFloat32, Shape: []int64{-1, 4}}},
		Outputs: []mlwasm.TensorSpec{{Name: "label", Type: mlwasm.TypeInt64, Shape: []int64{-1}}},
	}
}

// Infer runs for every request: {"inputs": {"rows": [[5.1, 3.5, 1.4, 0.2]]}}, or the same over the Open Inference Protocol.
func (scorer *scorer) Infer(inputs []mlwasm.Tensor) ([]mlwasm.Tensor, error) {
	rows := inputs[0]
	if rows.Shape[0] == 0 {
		return nil, mlwasm.BadRequest("rows is empty, expected at least one row of 4 numbers")
	}
	outputs, err := scorer.model.Infer(rows.Renamed("input"))
	if err != nil {
		return nil, err
	}
	label, err := outputs.Get("label")
	return []mlwasm.Tensor{label}, err
}

func init() { typed.Serve(start) }

func main() {}
