package typed

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strings"

	"mlwasm"
)

// What a described input may say, in each form.
var (
	plainMembers    = []string{"shape", "data", "datatype"}
	protocolMembers = []string{"name", "shape", "datatype", "parameters", "data"}
)

// asked is what a request in the Open Inference Protocol says besides its inputs.
type asked struct {
	id      string
	outputs []string
}

// RunJSON answers a request in JSON by the scorer's Infer. Types and shapes come from the signature; a client names inputs and
// gives numbers:
//
//	{"inputs": {"x": [[5.1, 3.5], [6.2, 2.9]]}}
//	{"inputs": {"x": {"shape": [2, 2], "data": [5.1, 3.5, 6.2, 2.9]}}}
//	{"data": [[5.1, 3.5], [6.2, 2.9]]}
//	{"inputs": [{"name": "x", "datatype": "FP32", "shape": [2, 2], "data": [5.1, 3.5, 6.2, 2.9]}]}
//
// The third form is for scorers of one input; the last one is that of the Open Inference Protocol, and is answered in kind.
// Floats that JSON has no number for are the strings "NaN", "Infinity" and "-Infinity". All SDKs word mistakes alike.
func RunJSON(scorer Scorer, request *mlwasm.Request) (*mlwasm.Response, error) {
	var whole json.RawMessage
	if err := request.JSON(&whole); err != nil {
		return nil, err
	}
	// Once more, with numbers as they are written: an int64 has more digits than a float64.
	decoder := json.NewDecoder(bytes.NewReader(whole))
	decoder.UseNumber()
	var body any
	if err := decoder.Decode(&body); err != nil {
		return nil, mlwasm.BadRequest("the body is not valid: %w", err)
	}
	inputs, protocol, err := readBody(body, scorer.Describe().Inputs)
	if err != nil {
		return nil, err
	}
	outputs, err := scorer.Infer(inputs)
	if err != nil {
		return nil, err
	}
	if protocol != nil {
		return protocolAnswer(outputs, protocol, request.Deployment)
	}
	return plainAnswer(outputs)
}

// readBody gives one tensor for each of the scorer's inputs, in the scorer's order.
func readBody(body any, specs []mlwasm.TensorSpec) ([]mlwasm.Tensor, *asked, error) {
	members, isObject := body.(map[string]any)
	if !isObject {
		return nil, nil, refuse(specs, "the body is no JSON object")
	}
	inputs, hasInputs := members["inputs"]
	data, hasData := members["data"]
	if list, isList := inputs.([]any); isList {
		return readProtocol(members, list, specs)
	}
	for _, key := range sorted(members) {
		if key != "inputs" && key != "data" {
			return nil, nil, refuse(specs, "unknown member `%s`", key)
		}
	}
	switch {
	case hasInputs && hasData:
		return nil, nil, refuse(specs, "the body has both `inputs` and `data`")
	case !hasInputs && !hasData:
		return nil, nil, refuse(specs, "the body has neither `inputs` nor `data`")
	case hasData && len(specs) != 1:
		return nil, nil, refuse(specs, "`data` is for scorers of one input")
	case hasData:
		tensor, err := readInput(specs[0], data, plainMembers)
		return []mlwasm.Tensor{tensor}, nil, err
	}
	named, isObject := inputs.(map[string]any)
	if !isObject {
		return nil, nil, refuse(specs, "`inputs` is no JSON object")
	}
	tensors, err := readNamed(named, specs, plainMembers)
	return tensors, nil, err
}

func readProtocol(members map[string]any, list []any, specs []mlwasm.TensorSpec) ([]mlwasm.Tensor, *asked, error) {
	named := map[string]any{}
	for index, given := range list {
		members, _ := given.(map[string]any)
		name, isNamed := members["name"].(string)
		if !isNamed {
			return nil, nil, refuse(specs, "inputs[%d] has no name", index)
		}
		if _, isTwin := named[name]; isTwin {
			return nil, nil, refuse(specs, "input `%s` is given twice", name)
		}
		named[name] = given
	}
	tensors, err := readNamed(named, specs, protocolMembers)
	if err != nil {
		return nil, nil, err
	}
	wanted := &asked{}
	wanted.id, _ = members["id"].(string)
	outputs, isList := members["outputs"].([]any)
	_, isGiven := members["outputs"]
	for _, output := range outputs {
		members, _ := output.(map[string]any)
		name, isNamed := members["name"].(string)
		isList = isList && isNamed
		wanted.outputs = append(wanted.outputs, name)
	}
	if isGiven && !isList {
		return nil, nil, mlwasm.BadRequest("`outputs` is no array of named outputs")
	}
	return tensors, wanted, nil
}

func readNamed(named map[string]any, specs []mlwasm.TensorSpec, known []string) ([]mlwasm.Tensor, error) {
	for _, name := range sorted(named) {
		if !slices.ContainsFunc(specs, func(spec mlwasm.TensorSpec) bool { return spec.Name == name }) {
			return nil, refuse(specs, "unknown input `%s`", name)
		}
	}
	tensors := make([]mlwasm.Tensor, len(specs))
	for at, spec := range specs {
		given, isGiven := named[spec.Name]
		if !isGiven {
			return nil, refuse(specs, "input `%s` is missing", spec.Name)
		}
		tensor, err := readInput(spec, given, known)
		if err != nil {
			return nil, err
		}
		tensors[at] = tensor
	}
	return tensors, nil
}

func readInput(spec mlwasm.TensorSpec, given any, known []string) (mlwasm.Tensor, error) {
	tensor, err := readDescribed(spec, given, known)
	if err != nil {
		return mlwasm.Tensor{}, mlwasm.BadRequest("input `%s`: %w, expected %s", spec.Name, err, described(spec))
	}
	return tensor, nil
}

// readDescribed reads {"shape": …, "data": …}, where the data may be flat, or nested lists, which tell their shape.
func readDescribed(spec mlwasm.TensorSpec, given any, known []string) (mlwasm.Tensor, error) {
	members, isObject := given.(map[string]any)
	if !isObject {
		return readNested(spec, nil, given)
	}
	for _, key := range sorted(members) {
		if !slices.Contains(known, key) {
			return mlwasm.Tensor{}, fmt.Errorf("unknown member `%s`", key)
		}
	}
	if found, isGiven := members["datatype"]; isGiven && found != datatype(spec.Type) {
		return mlwasm.Tensor{}, fmt.Errorf("datatype is %s", excerpt(found))
	}
	data, isGiven := members["data"]
	if !isGiven {
		return mlwasm.Tensor{}, fmt.Errorf("`data` is missing")
	}
	shape, isGiven := members["shape"]
	if !isGiven {
		return readNested(spec, nil, data)
	}
	sizes, isShape := readShape(shape)
	if !isShape {
		return mlwasm.Tensor{}, fmt.Errorf("shape is %s", excerpt(shape))
	}
	return readNested(spec, sizes, data)
}

func readShape(shape any) ([]int, bool) {
	list, isList := shape.([]any)
	sizes := make([]int, len(list))
	for at, size := range list {
		number, isNumber := size.(json.Number)
		found, err := number.Int64()
		if !isNumber || err != nil || found < 0 || int64(int(found)) != found {
			return nil, false
		}
		sizes[at] = int(found)
	}
	return sizes, isList
}

// readNested makes the tensor; a shape of nil is that of the lists.
func readNested(spec mlwasm.TensorSpec, shape []int, data any) (mlwasm.Tensor, error) {
	own, leaves, err := flatten(data)
	if err != nil {
		return mlwasm.Tensor{}, err
	}
	isGiven := shape != nil
	if !isGiven {
		shape = own
	}
	if !accepts(spec, shape) {
		return mlwasm.Tensor{}, fmt.Errorf("shape is %s", sizes(shape))
	}
	if isGiven && !holds(shape, len(leaves)) {
		return mlwasm.Tensor{}, fmt.Errorf("shape %s does not hold the %d elements of `data`", sizes(shape), len(leaves))
	}
	return toTensor(spec, shape, leaves)
}

func flatten(data any) (shape []int, leaves []any, err error) {
	shape, leaves = []int{}, []any{data}
	for len(leaves) > 0 {
		first, isList := leaves[0].([]any)
		var inner []any
		for _, leaf := range leaves {
			list, isAlsoList := leaf.([]any)
			if isAlsoList != isList || len(list) != len(first) {
				return nil, nil, fmt.Errorf("arrays of the same depth have different lengths")
			}
			inner = append(inner, list...)
		}
		if !isList {
			break
		}
		shape, leaves = append(shape, len(first)), inner
	}
	return shape, leaves, nil
}

func accepts(spec mlwasm.TensorSpec, shape []int) bool {
	if len(spec.Shape) != len(shape) {
		return false
	}
	for at, size := range shape {
		if spec.Shape[at] >= 0 && spec.Shape[at] != int64(size) {
			return false
		}
	}
	return true
}

// holds is whether the product of the sizes is count. Large ones can not run over: each step is compared.
func holds(shape []int, count int) bool {
	if slices.Contains(shape, 0) {
		return count == 0
	}
	places := 1
	for _, size := range shape {
		if size > count/places {
			return false
		}
		places *= size
	}
	return places == count
}

// refuse tells what the scorer takes, whatever was wrong: the client may have nothing else to read.
func refuse(specs []mlwasm.TensorSpec, format string, arguments ...any) error {
	inputs := make([]string, len(specs))
	for at, spec := range specs {
		inputs[at] = fmt.Sprintf("%q: %s", spec.Name, described(spec))
	}
	reason := fmt.Sprintf(format, arguments...)
	return mlwasm.BadRequest("%s, expected {\"inputs\": {%s}}", reason, strings.Join(inputs, ", "))
}

// described is such as `FP32 [?, 4]`, where `?` is any size.
func described(spec mlwasm.TensorSpec) string {
	shape := make([]string, len(spec.Shape))
	for at, size := range spec.Shape {
		shape[at] = "?"
		if size >= 0 {
			shape[at] = fmt.Sprint(size)
		}
	}
	return fmt.Sprintf("%s [%s]", datatype(spec.Type), strings.Join(shape, ", "))
}

func sizes(shape []int) string {
	return "[" + strings.Trim(strings.ReplaceAll(fmt.Sprint(shape), " ", ", "), "[]") + "]"
}

// excerpt is the value as JSON, cut where it gets too long for a message.
func excerpt(value any) string {
	const shown = 60
	text := []rune(mlwasm.JSONText(value))
	if len(text) <= shown {
		return string(text)
	}
	return string(text[:shown]) + "…"
}

func sorted(members map[string]any) []string {
	keys := make([]string, 0, len(members))
	for key := range members {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}
