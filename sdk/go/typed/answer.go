package typed

import (
	"encoding/json"
	"math"
	"strconv"

	"mlwasm"
)

// output is a tensor in an answer.
type output struct {
	Name     string          `json:"name,omitempty"`
	Datatype string          `json:"datatype"`
	Shape    []uint32        `json:"shape"`
	Data     json.RawMessage `json:"data"`
}

func plainAnswer(outputs []mlwasm.Tensor) (*mlwasm.Response, error) {
	named := map[string]output{}
	for _, tensor := range outputs {
		told, err := tell(tensor)
		if err != nil {
			return nil, err
		}
		named[tensor.Name] = told
	}
	return mlwasm.JSON(map[string]any{"outputs": named})
}

func protocolAnswer(outputs []mlwasm.Tensor, wanted *asked, deployment string) (*mlwasm.Response, error) {
	names := wanted.outputs
	if len(names) == 0 {
		for _, tensor := range outputs {
			names = append(names, tensor.Name)
		}
	}
	answer := struct {
		ModelName string   `json:"model_name"`
		ID        string   `json:"id,omitempty"`
		Outputs   []output `json:"outputs"`
	}{ModelName: deployment, ID: wanted.id, Outputs: []output{}}
	for _, name := range names {
		tensor, err := mlwasm.Outputs(outputs).Get(name)
		if err != nil {
			return nil, mlwasm.BadRequest("no output `%s`", name)
		}
		told, err := tell(tensor)
		if err != nil {
			return nil, err
		}
		told.Name = name
		answer.Outputs = append(answer.Outputs, told)
	}
	return mlwasm.JSON(answer)
}

func tell(tensor mlwasm.Tensor) (output, error) {
	data, err := dataOf(tensor)
	shape := tensor.Shape
	if shape == nil {
		shape = []uint32{}
	}
	return output{Datatype: datatype(tensor.Type), Shape: shape, Data: data}, err
}

// dataOf is the elements as a JSON array. Not by way of json.Marshal: []uint8 would be base64, and NaN an error.
func dataOf(tensor mlwasm.Tensor) (json.RawMessage, error) {
	switch tensor.Type {
	case mlwasm.TypeBoolean:
		return written(tensor, strconv.AppendBool)
	case mlwasm.TypeUint8:
		return written(tensor, appendInteger[uint8])
	case mlwasm.TypeInt8:
		return written(tensor, appendInteger[int8])
	case mlwasm.TypeUint16:
		return written(tensor, appendInteger[uint16])
	case mlwasm.TypeInt16:
		return written(tensor, appendInteger[int16])
	case mlwasm.TypeUint32:
		return written(tensor, appendInteger[uint32])
	case mlwasm.TypeInt32:
		return written(tensor, appendInteger[int32])
	case mlwasm.TypeInt64:
		return written(tensor, appendInteger[int64])
	case mlwasm.TypeUint64:
		return written(tensor, func(text []byte, value uint64) []byte { return strconv.AppendUint(text, value, 10) })
	case mlwasm.TypeFloat16:
		return written(tensor, func(text []byte, value mlwasm.Float16) []byte { return appendFloat(text, float64(value.Float32()), 32) })
	case mlwasm.TypeBFloat16:
		return written(tensor, func(text []byte, value mlwasm.BFloat16) []byte { return appendFloat(text, float64(value.Float32()), 32) })
	case mlwasm.TypeFloat32:
		return written(tensor, func(text []byte, value float32) []byte { return appendFloat(text, float64(value), 32) })
	case mlwasm.TypeFloat64:
		return written(tensor, func(text []byte, value float64) []byte { return appendFloat(text, value, 64) })
	}
	texts, err := tensor.Texts()
	if err != nil {
		return nil, err
	}
	if texts == nil {
		texts = []string{}
	}
	return json.Marshal(texts)
}

func written[T mlwasm.Element](tensor mlwasm.Tensor, add func([]byte, T) []byte) (json.RawMessage, error) {
	values, err := mlwasm.Values[T](tensor)
	if err != nil {
		return nil, err
	}
	text := []byte{'['}
	for at, value := range values {
		if at > 0 {
			text = append(text, ',')
		}
		text = add(text, value)
	}
	return append(text, ']'), nil
}

func appendInteger[T uint8 | int8 | uint16 | int16 | uint32 | int32 | int64](text []byte, value T) []byte {
	return strconv.AppendInt(text, int64(value), 10)
}

// appendFloat writes as few digits as tell the float from its neighbours of so many bits.
func appendFloat(text []byte, value float64, bits int) []byte {
	switch {
	case math.IsNaN(value):
		return append(text, `"NaN"`...)
	case math.IsInf(value, 1):
		return append(text, `"Infinity"`...)
	case math.IsInf(value, -1):
		return append(text, `"-Infinity"`...)
	}
	return strconv.AppendFloat(text, value, 'g', -1, bits)
}
