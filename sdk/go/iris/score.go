// The iris scorer: measurements of flowers in, species and probabilities out.
//
//	{"data": [[5.1, 3.5, 1.4, 0.2]]}
//	{"predictions": [{"class": "setosa", "probabilities": {"setosa": 0.98, "versicolor": 0.02, "virginica": 0.0}}]}
//
// If the deployment sets MODEL_LABEL, such as iris-2, every answer carries it: then an answer tells which model gave it.
package main

import (
	"fmt"
	"math"
	"os"

	"mlwasm"
)

const wanted = "4 numbers (sepal length, sepal width, petal length, petal width)"

var classes = [...]string{"setosa", "versicolor", "virginica"}

type iris struct {
	model *mlwasm.Model
	label string
}

type answer struct {
	Predictions []prediction `json:"predictions"`
	Model       string       `json:"model,omitempty"`
}

type prediction struct {
	Class         string        `json:"class"`
	Probabilities probabilities `json:"probabilities"`
}

type probabilities struct {
	Setosa     float64 `json:"setosa"`
	Versicolor float64 `json:"versicolor"`
	Virginica  float64 `json:"virginica"`
}

func start() (mlwasm.Scorer, error) {
	model, err := mlwasm.OpenModel("model")
	if err != nil {
		return nil, err
	}
	return &iris{model: model, label: os.Getenv("MODEL_LABEL")}, nil
}

func (scorer *iris) Run(request *mlwasm.Request) (*mlwasm.Response, error) {
	flowers, err := readFlowers(request)
	if err != nil {
		return nil, err
	}
	input, err := mlwasm.NewTensor("input", flowers, len(flowers)/4, 4)
	if err != nil {
		return nil, err
	}
	outputs, err := scorer.model.Infer(input)
	if err != nil {
		return nil, err
	}
	predictions, err := readPredictions(outputs, len(flowers)/4)
	if err != nil {
		return nil, err
	}
	return mlwasm.JSON(answer{Predictions: predictions, Model: scorer.label})
}

// readFlowers reads four measurements for each flower, one after the other: at least one flower.
func readFlowers(request *mlwasm.Request) ([]float32, error) {
	// Of any type, so that a mistake can be reported with its row.
	var body struct {
		Data []any `json:"data"`
	}
	if err := request.JSON(&body); err != nil {
		return nil, err
	}
	if len(body.Data) == 0 {
		return nil, mlwasm.BadRequest("data is empty, expected at least one row of %s", wanted)
	}
	flowers := make([]float32, 0, 4*len(body.Data))
	for row, flower := range body.Data {
		numbers, isList := flower.([]any)
		if !isList {
			return nil, mlwasm.BadRequest("data[%d] is %s, expected %s", row, mlwasm.JSONText(flower), wanted)
		}
		if len(numbers) != 4 {
			return nil, mlwasm.BadRequest("data[%d] has %d elements, expected %s", row, len(numbers), wanted)
		}
		for column, number := range numbers {
			measurement, isNumber := number.(float64)
			if !isNumber || math.IsInf(float64(float32(measurement)), 0) {
				return nil, mlwasm.BadRequest("data[%d][%d] is %s, expected a number", row, column, mlwasm.JSONText(number))
			}
			flowers = append(flowers, float32(measurement))
		}
	}
	return flowers, nil
}

func readPredictions(outputs mlwasm.Outputs, rows int) ([]prediction, error) {
	labels, err := mlwasm.OutputValues[int64](outputs, "label")
	if err != nil {
		return nil, err
	}
	values, err := mlwasm.OutputValues[float32](outputs, "probabilities")
	if err != nil {
		return nil, err
	}
	if len(labels) != rows || len(values) != 3*rows {
		return nil, fmt.Errorf("for %d rows the model gave %d labels and %d × 3 probabilities", rows, len(labels), len(values)/3)
	}
	predictions := make([]prediction, rows)
	for row, label := range labels {
		if label < 0 || label > 2 {
			return nil, fmt.Errorf("the model gave label %d, expected 0 to 2", label)
		}
		of := values[3*row : 3*row+3]
		predictions[row] = prediction{classes[label], probabilities{sixDecimals(of[0]), sixDecimals(of[1]), sixDecimals(of[2])}}
	}
	return predictions, nil
}

func sixDecimals(probability float32) float64 {
	return math.Round(float64(probability)*1e6) / 1e6
}

func init() { mlwasm.Serve(start) }

func main() {}
