// Package component connects package host with the generated bindings, in a component.
package component

import (
	"errors"

	"mlwasm/internal/bindings/mlwasm_scoring_collection"
	"mlwasm/internal/bindings/mlwasm_scoring_inference"
	"mlwasm/internal/bindings/mlwasm_scoring_scorer"
	"mlwasm/internal/host"
	witTypes "mlwasm/internal/wit/types"
)

// ScoreError words an error for the platform. Package mlwasm sets it.
var ScoreError func(error) mlwasm_scoring_scorer.ScoreError

// Platform is host.Host by the imports of a component.
//
// It holds handles as numbers: the bindings' own type is closed by the garbage collector, which can run while the
// platform hands something in, and then a call to the platform would end the sandbox.
type Platform struct{}

func (Platform) Open(name string) (int32, *host.InferenceError) {
	opened := mlwasm_scoring_inference.ModelOpen(name)
	if opened.IsErr() {
		return 0, inferenceError(opened.Err())
	}
	return opened.Ok().TakeHandle(), nil
}

func (Platform) Close(handle int32) {
	mlwasm_scoring_inference.ModelFromBorrowHandle(handle).Drop()
}

func (Platform) Inputs(handle int32) []host.TensorSpec {
	return SpecsFromBindings(mlwasm_scoring_inference.ModelFromBorrowHandle(handle).Inputs())
}

func (Platform) Outputs(handle int32) []host.TensorSpec {
	return SpecsFromBindings(mlwasm_scoring_inference.ModelFromBorrowHandle(handle).Outputs())
}

func (Platform) Infer(handle int32, inputs []host.Tensor) ([]host.Tensor, *host.InferenceError) {
	result := mlwasm_scoring_inference.ModelFromBorrowHandle(handle).Infer(TensorsToBindings(inputs))
	if result.IsErr() {
		return nil, inferenceError(result.Err())
	}
	return TensorsFromBindings(result.Ok()), nil
}

func (Platform) CollectionEnabled(name string) bool {
	return mlwasm_scoring_collection.Enabled(name)
}

func (Platform) Collect(name, contentType string, data []byte) error {
	result := mlwasm_scoring_collection.Collect(name, contentType, data)
	if !result.IsErr() {
		return nil
	}
	failure := result.Err()
	if failure.Tag() == mlwasm_scoring_collection.CollectionErrorInvalid {
		return errors.New("invalid record: " + failure.Invalid())
	}
	return errors.New("too many records: " + failure.TooMany())
}

func inferenceError(failure mlwasm_scoring_inference.InferenceError) *host.InferenceError {
	switch failure.Tag() {
	case mlwasm_scoring_inference.InferenceErrorUnknownModel:
		return &host.InferenceError{Kind: failure.Tag(), Text: failure.UnknownModel()}
	case mlwasm_scoring_inference.InferenceErrorInvalidInput:
		return &host.InferenceError{Kind: failure.Tag(), Text: failure.InvalidInput()}
	default:
		return &host.InferenceError{Kind: failure.Tag(), Text: failure.Failed()}
	}
}

// SpecsFromBindings, SpecsToBindings, TensorsFromBindings and TensorsToBindings change types, and copy no data.
func SpecsFromBindings(specs []mlwasm_scoring_inference.TensorSpec) []host.TensorSpec {
	made := make([]host.TensorSpec, len(specs))
	for at, spec := range specs {
		shape := make([]int64, len(spec.Shape))
		for dimension, size := range spec.Shape {
			shape[dimension] = -1
			if size.IsSome() {
				shape[dimension] = int64(size.Some())
			}
		}
		made[at] = host.TensorSpec{Name: spec.Name, Type: host.ElementType(spec.Element), Shape: shape}
	}
	return made
}

func SpecsToBindings(specs []host.TensorSpec) []mlwasm_scoring_inference.TensorSpec {
	made := make([]mlwasm_scoring_inference.TensorSpec, len(specs))
	for at, spec := range specs {
		shape := make([]witTypes.Option[uint32], len(spec.Shape))
		for dimension, size := range spec.Shape {
			shape[dimension] = witTypes.None[uint32]()
			if size >= 0 {
				shape[dimension] = witTypes.Some(uint32(size))
			}
		}
		made[at] = mlwasm_scoring_inference.TensorSpec{Name: spec.Name, Element: uint8(spec.Type), Shape: shape}
	}
	return made
}

func TensorsFromBindings(tensors []mlwasm_scoring_inference.Tensor) []host.Tensor {
	made := make([]host.Tensor, len(tensors))
	for at, tensor := range tensors {
		made[at] = host.Tensor{Name: tensor.Name, Type: host.ElementType(tensor.Element), Shape: tensor.Shape, Data: tensor.Data}
	}
	return made
}

func TensorsToBindings(tensors []host.Tensor) []mlwasm_scoring_inference.Tensor {
	made := make([]mlwasm_scoring_inference.Tensor, len(tensors))
	for at, tensor := range tensors {
		made[at] = mlwasm_scoring_inference.Tensor{Name: tensor.Name, Element: uint8(tensor.Type), Shape: tensor.Shape, Data: tensor.Data}
	}
	return made
}
