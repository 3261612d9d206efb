package typed

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"mlwasm"
)

// datatype is the element type's name in the Open Inference Protocol, such as FP32.
func datatype(element mlwasm.ElementType) string {
	switch element {
	case mlwasm.TypeBoolean:
		return "BOOL"
	case mlwasm.TypeBFloat16:
		return "BF16"
	}
	return strings.Replace(strings.ToUpper(element.String()), "FLOAT", "FP", 1)
}

// notFinite are the strings that stand for the floats that JSON has no number for.
var notFinite = map[string]float64{"NaN": math.NaN(), "Infinity": math.Inf(1), "-Infinity": math.Inf(-1)}

// toTensor makes the tensor of JSON's values, as many as the shape has places. What the element type can not hold is refused.
func toTensor(spec mlwasm.TensorSpec, shape []int, leaves []any) (mlwasm.Tensor, error) {
	switch spec.Type {
	case mlwasm.TypeBoolean:
		return fill(spec, shape, leaves, func(leaf any) (bool, bool) {
			value, isBoolean := leaf.(bool)
			return value, isBoolean
		})
	case mlwasm.TypeUint8:
		return fill(spec, shape, leaves, unsigned[uint8](8))
	case mlwasm.TypeUint16:
		return fill(spec, shape, leaves, unsigned[uint16](16))
	case mlwasm.TypeUint32:
		return fill(spec, shape, leaves, unsigned[uint32](32))
	case mlwasm.TypeUint64:
		return fill(spec, shape, leaves, unsigned[uint64](64))
	case mlwasm.TypeInt8:
		return fill(spec, shape, leaves, signed[int8](8))
	case mlwasm.TypeInt16:
		return fill(spec, shape, leaves, signed[int16](16))
	case mlwasm.TypeInt32:
		return fill(spec, shape, leaves, signed[int32](32))
	case mlwasm.TypeInt64:
		return fill(spec, shape, leaves, signed[int64](64))
	case mlwasm.TypeFloat16:
		return fill(spec, shape, leaves, narrow(func(wide float64) mlwasm.Float16 { return mlwasm.Float16From(float32(wide)) },
			func(half mlwasm.Float16) float64 { return float64(half.Float32()) }))
	case mlwasm.TypeBFloat16:
		return fill(spec, shape, leaves, narrow(func(wide float64) mlwasm.BFloat16 { return mlwasm.BFloat16From(float32(wide)) },
			func(half mlwasm.BFloat16) float64 { return float64(half.Float32()) }))
	case mlwasm.TypeFloat32:
		return fill(spec, shape, leaves, narrow(func(wide float64) float32 { return float32(wide) },
			func(single float32) float64 { return float64(single) }))
	case mlwasm.TypeFloat64:
		return fill(spec, shape, leaves, real)
	}
	texts, err := converted(shape, leaves, func(leaf any) (string, bool) {
		text, isText := leaf.(string)
		return text, isText
	})
	if err != nil {
		return mlwasm.Tensor{}, err
	}
	return mlwasm.NewStrings(spec.Name, texts, shape...)
}

func fill[T mlwasm.Element](spec mlwasm.TensorSpec, shape []int, leaves []any, convert func(any) (T, bool)) (mlwasm.Tensor, error) {
	values, err := converted(shape, leaves, convert)
	if err != nil {
		return mlwasm.Tensor{}, err
	}
	return mlwasm.NewTensor(spec.Name, values, shape...)
}

func converted[T any](shape []int, leaves []any, convert func(any) (T, bool)) ([]T, error) {
	values := make([]T, len(leaves))
	for index, leaf := range leaves {
		value, fits := convert(leaf)
		if !fits {
			return nil, fmt.Errorf("element %s is %s", place(index, shape), excerpt(leaf))
		}
		values[index] = value
	}
	return values, nil
}

// place is that of the element with this row-major index, such as [2][0].
func place(index int, shape []int) string {
	text := ""
	for at := len(shape) - 1; at >= 0; at-- {
		text = fmt.Sprintf("[%d]%s", index%shape[at], text)
		index /= shape[at]
	}
	return text
}

func unsigned[T uint8 | uint16 | uint32 | uint64](bits int) func(any) (T, bool) {
	return func(leaf any) (T, bool) {
		number, isNumber := leaf.(json.Number)
		value, err := strconv.ParseUint(string(number), 10, bits)
		return T(value), isNumber && err == nil
	}
}

func signed[T int8 | int16 | int32 | int64](bits int) func(any) (T, bool) {
	return func(leaf any) (T, bool) {
		number, isNumber := leaf.(json.Number)
		value, err := strconv.ParseInt(string(number), 10, bits)
		return T(value), isNumber && err == nil
	}
}

// real is a number, or one of the three strings that stand for those that JSON lacks.
func real(leaf any) (float64, bool) {
	switch leaf := leaf.(type) {
	case json.Number:
		value, err := leaf.Float64()
		return value, err == nil
	case string:
		value, isKnown := notFinite[leaf]
		return value, isKnown
	}
	return 0, false
}

// narrow rounds to a narrower float. A finite number that would become infinite does not fit.
func narrow[T any](round func(float64) T, widen func(T) float64) func(any) (T, bool) {
	return func(leaf any) (T, bool) {
		wide, isNumber := real(leaf)
		rounded := round(wide)
		return rounded, isNumber && (!math.IsInf(widen(rounded), 0) || math.IsInf(wide, 0))
	}
}
