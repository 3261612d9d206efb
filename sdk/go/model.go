package mlwasm

import (
	"fmt"

	"mlwasm/internal/host"
)

// Model is a model that the platform runs natively, outside the sandbox.
type Model struct {
	handle int32
}

// TensorSpec is what a model takes or gives under one name.
type TensorSpec struct {
	Name string
	Type ElementType
	// Shape is the size of each dimension, outermost first; -1 is any size, such as the number of rows in a batch.
	Shape []int64
}

// inCalls is false while the scorer starts: what it opens then is kept.
var inCalls bool

// openedInCall are the handles that this call has opened: they are limited in number.
var openedInCall []int32

// OpenModel opens the model that the deployment lists under this name; "model" is the name of a deployment's only one.
//
// Open models when the scorer starts: then a missing one stops the deployment, not a request. One that is opened in Run is
// closed when Run ends.
func OpenModel(name string) (*Model, error) {
	handle, failure := host.Current.Open(name)
	if failure != nil {
		return nil, inferenceError(failure)
	}
	if inCalls {
		openedInCall = append(openedInCall, handle)
	}
	return &Model{handle}, nil
}

func closeModelsOfCall() {
	for _, handle := range openedInCall {
		host.Current.Close(handle)
	}
	openedInCall = openedInCall[:0]
}

// Inputs is what the model takes, in the model's own order.
func (model *Model) Inputs() []TensorSpec { return specsFromHost(host.Current.Inputs(model.handle)) }

// Outputs is what the model gives, in the model's own order.
func (model *Model) Outputs() []TensorSpec { return specsFromHost(host.Current.Outputs(model.handle)) }

// Infer runs the model once: one tensor for each input, in any order. The error is an *InferenceError.
func (model *Model) Infer(inputs ...Tensor) (Outputs, error) {
	outputs, failure := host.Current.Infer(model.handle, tensorsToHost(inputs))
	if failure != nil {
		return nil, inferenceError(failure)
	}
	return tensorsFromHost(outputs), nil
}

// Outputs is what a model gave: one tensor for each output, in the model's own order.
type Outputs []Tensor

// Get gives the output of this name. The error has the names that there are.
func (outputs Outputs) Get(name string) (Tensor, error) {
	names := make([]string, len(outputs))
	for at, output := range outputs {
		if output.Name == name {
			return output, nil
		}
		names[at] = output.Name
	}
	return Tensor{}, fmt.Errorf("no output `%s`, only %q", name, names)
}

// OutputValues gives the elements of one output: Get and Values in one.
func OutputValues[T Element](outputs Outputs, name string) ([]T, error) {
	output, err := outputs.Get(name)
	if err != nil {
		return nil, err
	}
	return Values[T](output)
}

func inferenceError(failure *host.InferenceError) error {
	return &InferenceError{Kind: InferenceErrorKind(failure.Kind), Text: failure.Text}
}

func specsFromHost(specs []host.TensorSpec) []TensorSpec {
	made := make([]TensorSpec, len(specs))
	for at, spec := range specs {
		made[at] = TensorSpec(spec)
	}
	return made
}
