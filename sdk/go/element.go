package mlwasm

import "mlwasm/internal/host"

// ElementType is what a tensor's data is made of.
type ElementType = host.ElementType

// The element types, in the contract's order.
const (
	TypeBoolean ElementType = iota
	TypeUint8
	TypeInt8
	TypeUint16
	TypeInt16
	TypeUint32
	TypeInt32
	TypeUint64
	TypeInt64
	TypeFloat16
	TypeBFloat16
	TypeFloat32
	TypeFloat64
	// TypeBytes is strings: each a 4-byte little-endian length and then that many bytes.
	TypeBytes
)

// Element is a Go type that tensors can be made of. Strings have functions of their own.
type Element interface {
	bool | uint8 | int8 | uint16 | int16 | uint32 | int32 | uint64 | int64 | Float16 | BFloat16 | float32 | float64
}

func typeOf[T Element]() ElementType {
	var zero T
	switch any(zero).(type) {
	case bool:
		return TypeBoolean
	case uint8:
		return TypeUint8
	case int8:
		return TypeInt8
	case uint16:
		return TypeUint16
	case int16:
		return TypeInt16
	case uint32:
		return TypeUint32
	case int32:
		return TypeInt32
	case uint64:
		return TypeUint64
	case int64:
		return TypeInt64
	case Float16:
		return TypeFloat16
	case BFloat16:
		return TypeBFloat16
	case float32:
		return TypeFloat32
	default:
		return TypeFloat64
	}
}
