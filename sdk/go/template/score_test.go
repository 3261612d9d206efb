package main

import (
	"testing"

	"mlwasm"
	"mlwasm/mlwasmtest"
)

func TestTheLabelIsTheAnswer(t *testing.T) {
	inputs := []mlwasm.TensorSpec{{Name: "input", Type: mlwasm.TypeFloat32, Shape: []int64{-1, 4}}}
	outputs := []mlwasm.TensorSpec{{Name: "label", Type: mlwasm.TypeInt64, Shape: []int64{-1}}}
	mlwasmtest.Start(t, mlwasmtest.Model("model", inputs, outputs, func([]mlwasm.Tensor) ([]mlwasm.Tensor, error) {
		label, err := mlwasm.NewTensor("label", []int64{2}, 1)
		return []mlwasm.Tensor{label}, err
	}))

	answer := mlwasmtest.Post(`{"data": [5.1, 3.5, 1.4, 0.2]}`)

	if answer.Status != 200 || answer.Body != "[2]" {
		t.Fatalf("%+v", answer)
	}
}
