// Package mlwasmtest is a platform for the tests of a scorer: `go test` runs natively, without a server, and models are
// functions of the test.
//
//	func TestTheLabelIsTheAnswer(t *testing.T) {
//		mlwasmtest.Start(t, mlwasmtest.Model("model", inputs, outputs, func(inputs []mlwasm.Tensor) ([]mlwasm.Tensor, error) {
//			…
//		}))
//		answer := mlwasmtest.Post(`{"data": [[5.1, 3.5, 1.4, 0.2]]}`)
//		if answer.Status != 200 { … }
//	}
//
// Like the real platform it refuses tensors with wrong names, types, shapes or lengths. It serves the scorer that the
// package under test gave to mlwasm.Serve, and one test at a time: do not run such tests in parallel.
package mlwasmtest

import (
	"errors"
	"fmt"
	"testing"

	"mlwasm"
	"mlwasm/internal/host"
)

// Option says what the platform has.
type Option func(*platform)

// Model lists a model that run stands in for; it gets the inputs in the model's order, checked.
func Model(name string, inputs, outputs []mlwasm.TensorSpec, run func([]mlwasm.Tensor) ([]mlwasm.Tensor, error)) Option {
	return func(to *platform) {
		to.models = append(to.models, model{name, inputs, outputs, run})
	}
}

// Collect keeps the records of a collection.
func Collect(name string) Option {
	return func(to *platform) { to.collected[name] = true }
}

// Start makes the platform and starts the scorer. The test fails if it does not start.
func Start(t testing.TB, options ...Option) {
	t.Helper()
	if err := TryStart(options...); err != nil {
		t.Fatalf("the scorer did not start: %v", err)
	}
}

// TryStart is Start for a scorer that may not start.
func TryStart(options ...Option) error {
	made := &platform{collected: map[string]bool{}}
	for _, option := range options {
		option(made)
	}
	current, host.Current = made, made
	if host.Exported.Init == nil {
		return errors.New("nothing is served: call mlwasm.Serve in an init function")
	}
	return host.Exported.Init()
}

// Answer is what a client would get.
type Answer struct {
	// Status is 400 for a bad request and 424 for any other error, whose text is the body.
	Status      int
	ContentType string
	Headers     []mlwasm.Header
	Body        string
}

// Post asks the scorer, with JSON.
func Post(json string) Answer {
	return Ask(&mlwasm.Request{ContentType: "application/json", Body: []byte(json)})
}

// Ask asks the scorer.
func Ask(request *mlwasm.Request) Answer {
	asked := host.Request{
		ID: request.ID, Deployment: request.Deployment, IsMirror: request.IsMirror, Query: request.RawQuery,
		ContentType: request.ContentType, Body: request.Body,
	}
	for _, header := range request.Headers {
		asked.Headers = append(asked.Headers, host.Header(header))
	}
	response, err := host.Exported.Run(asked)
	if err != nil {
		return Answer{Status: statusOf(err), Body: err.Error()}
	}
	answer := Answer{Status: int(response.Status), ContentType: response.ContentType, Body: string(response.Body)}
	for _, header := range response.Headers {
		answer.Headers = append(answer.Headers, mlwasm.Header(header))
	}
	return answer
}

// Infer calls a typed scorer.
func Infer(inputs ...mlwasm.Tensor) ([]mlwasm.Tensor, error) {
	given := make([]host.Tensor, len(inputs))
	for at, input := range inputs {
		given[at] = host.Tensor(input)
	}
	outputs, err := host.Exported.Infer(given)
	return tensors(outputs), err
}

// OpenModels is how many models the scorer holds open.
func OpenModels() int { return current.open }

// Record is what the scorer added to a collection.
type Record struct {
	Collection, ContentType string
	Data                    []byte
}

// Records are what the scorer has added to the collections that are kept, in order.
func Records() []Record { return current.records }

func statusOf(err error) int {
	var mistake *mlwasm.BadRequestError
	if errors.As(err, &mistake) {
		return 400
	}
	return 424
}

var current *platform

type platform struct {
	models    []model
	open      int
	collected map[string]bool
	records   []Record
}

type model struct {
	name            string
	inputs, outputs []mlwasm.TensorSpec
	run             func([]mlwasm.Tensor) ([]mlwasm.Tensor, error)
}

func (made *platform) Open(name string) (int32, *host.InferenceError) {
	for at, one := range made.models {
		if one.name == name {
			made.open++
			return int32(at) + 1, nil
		}
	}
	return 0, &host.InferenceError{Kind: uint8(mlwasm.UnknownModel), Text: fmt.Sprintf("no model `%s`", name)}
}

func (made *platform) Close(int32) { made.open-- }

func (made *platform) Inputs(handle int32) []host.TensorSpec {
	return specs(made.models[handle-1].inputs)
}

func (made *platform) Outputs(handle int32) []host.TensorSpec {
	return specs(made.models[handle-1].outputs)
}

func (made *platform) Infer(handle int32, inputs []host.Tensor) ([]host.Tensor, *host.InferenceError) {
	model := made.models[handle-1]
	ordered, mistake := model.order(tensors(inputs))
	if mistake != "" {
		return nil, &host.InferenceError{Kind: uint8(mlwasm.InvalidInput), Text: mistake}
	}
	outputs, err := model.run(ordered)
	if err != nil {
		return nil, &host.InferenceError{Kind: uint8(mlwasm.InferenceFailed), Text: err.Error()}
	}
	given := make([]host.Tensor, len(outputs))
	for at, output := range outputs {
		given[at] = host.Tensor(output)
	}
	return given, nil
}

func (made *platform) CollectionEnabled(name string) bool { return made.collected[name] }

func (made *platform) Collect(name, contentType string, data []byte) error {
	if made.collected[name] {
		made.records = append(made.records, Record{name, contentType, data})
	}
	return nil
}

// order puts the inputs into the model's order, or says what does not fit.
func (model model) order(inputs []mlwasm.Tensor) (ordered []mlwasm.Tensor, mistake string) {
	if len(inputs) != len(model.inputs) {
		return nil, fmt.Sprintf("got %d tensors, the model takes %d", len(inputs), len(model.inputs))
	}
	for _, spec := range model.inputs {
		found := false
		for _, input := range inputs {
			if input.Name == spec.Name && fits(spec, input) {
				ordered, found = append(ordered, input), true
				break
			}
		}
		if !found {
			return nil, fmt.Sprintf("no tensor `%s` of the type, shape and length that the model takes", spec.Name)
		}
	}
	return ordered, ""
}

func fits(spec mlwasm.TensorSpec, tensor mlwasm.Tensor) bool {
	if tensor.Type != spec.Type || len(tensor.Shape) != len(spec.Shape) {
		return false
	}
	places := 1
	for at, size := range tensor.Shape {
		if spec.Shape[at] >= 0 && spec.Shape[at] != int64(size) {
			return false
		}
		places *= int(size)
	}
	return tensor.Type == mlwasm.TypeBytes || len(tensor.Data) == places*tensor.Type.Size()
}

func specs(of []mlwasm.TensorSpec) []host.TensorSpec {
	made := make([]host.TensorSpec, len(of))
	for at, spec := range of {
		made[at] = host.TensorSpec(spec)
	}
	return made
}

func tensors(of []host.Tensor) []mlwasm.Tensor {
	made := make([]mlwasm.Tensor, len(of))
	for at, tensor := range of {
		made[at] = mlwasm.Tensor(tensor)
	}
	return made
}
