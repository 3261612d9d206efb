package main

import (
	"testing"

	"mlwasm"
	"mlwasm/mlwasmtest"
)

// startWithLabel2 starts the scorer with a model that gives every row the label 2.
func startWithLabel2(t *testing.T) {
	inputs := []mlwasm.TensorSpec{{Name: "input", Type: mlwasm.TypeFloat32, Shape: []int64{-1, 4}}}
	outputs := (&scorer{}).Describe().Outputs
	mlwasmtest.Start(t, mlwasmtest.Model("model", inputs, outputs, func([]mlwasm.Tensor) ([]mlwasm.Tensor, error) {
		label, err := mlwasm.NewTensor("label", []int64{2}, 1)
		return []mlwasm.Tensor{label}, err
	}))
}

func TestTheLabelIsTheAnswer(t *testing.T) {
	startWithLabel2(t)
	rows, err := mlwasm.NewTensor("rows", []float32{5.1, 3.5, 1.4, 0.2}, 1, 4)
	if err != nil {
		t.Fatal(err)
	}

	outputs, err := mlwasmtest.Infer(rows)
	if err != nil {
		t.Fatal(err)
	}

	if labels, err := mlwasm.OutputValues[int64](outputs, "label"); err != nil || labels[0] != 2 {
		t.Fatal(labels, err)
	}
}

func TestJSONNeedsNoCode(t *testing.T) {
	startWithLabel2(t)

	answer := mlwasmtest.Post(`{"data": [[5.1, 3.5, 1.4, 0.2]]}`)

	wanted := `{"outputs":{"label":{"datatype":"INT64","shape":[1],"data":[2]}}}`
	if answer.Status != 200 || answer.Body != wanted {
		t.Fatalf("%+v", answer)
	}
}
