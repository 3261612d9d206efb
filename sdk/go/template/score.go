// {{name}} answers what its model says about rows of numbers.
package main

import "mlwasm"

type scorer struct {
	model     *mlwasm.Model
	inputName string
}

func start() (mlwasm.Scorer, error) {
	model, err := mlwasm.OpenModel("model")
	if err != nil {
		return nil, err
	}
	return &scorer{model, model.Inputs()[0].Name}, nil
}

// Run takes {"data": [1.5, 2, …]}: one row.
func (scorer *scorer) Run(request *mlwasm.Request) (*mlwasm.Response, error) {
	var body struct {
		Data []float32 `json:"data"`
	}
	if err := request.JSON(&body); err != nil {
		return nil, err
	}
	if len(body.Data) == 0 {
		return nil, mlwasm.BadRequest(`expected {"data": [numbers]}`)
	}
	// The model's first input gets the row, its first output is the answer.
	input, err := mlwasm.NewTensor(scorer.inputName, body.Data, 1, len(body.Data))
	if err != nil {
		return nil, err
	}
	outputs, err := scorer.model.Infer(input)
	if err != nil {
		return nil, err
	}
	labels, err := mlwasm.Values[int64](outputs[0])
	if err != nil {
		return nil, err
	}
	return mlwasm.JSON(labels)
}

func init() { mlwasm.Serve(start) }

func main() {}
