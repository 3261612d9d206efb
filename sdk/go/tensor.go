package mlwasm

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"unicode/utf8"
	"unsafe"

	"mlwasm/internal/host"
)

// Tensor is a dense array with a name: row-major, little-endian, without padding.
type Tensor struct {
	Name  string
	Type  ElementType
	Shape []uint32
	// Data is the elements as bytes. See Values and Strings.
	Data []byte
}

// NewTensor makes a tensor of numbers or booleans. Without a shape it is a scalar. The values are copied.
//
//	input, err := mlwasm.NewTensor("input", measurements, len(measurements)/4, 4)
func NewTensor[T Element](name string, values []T, shape ...int) (Tensor, error) {
	sizes, err := checkShape(name, shape, len(values))
	if err != nil {
		return Tensor{}, err
	}
	data := make([]byte, len(values)*int(unsafe.Sizeof(*new(T))))
	copy(data, asBytes(values))
	return Tensor{Name: name, Type: typeOf[T](), Shape: sizes, Data: data}, nil
}

// NewStrings makes a tensor of strings, which may hold any bytes.
func NewStrings(name string, values []string, shape ...int) (Tensor, error) {
	sizes, err := checkShape(name, shape, len(values))
	if err != nil {
		return Tensor{}, err
	}
	var data []byte
	for _, value := range values {
		data = binary.LittleEndian.AppendUint32(data, uint32(len(value)))
		data = append(data, value...)
	}
	return Tensor{Name: name, Type: TypeBytes, Shape: sizes, Data: data}, nil
}

// Values gives the elements, row-major. An error if the tensor holds another type, or not as many bytes as its shape wants.
func Values[T Element](tensor Tensor) ([]T, error) {
	if err := tensor.expect(typeOf[T]()); err != nil {
		return nil, err
	}
	size := int(unsafe.Sizeof(*new(T)))
	count, fits := tensor.places()
	if !fits || len(tensor.Data)%size != 0 || uint64(len(tensor.Data)/size) != count {
		return nil, tensor.wrongLength(count)
	}
	values := make([]T, count)
	if tensor.Type == TypeBoolean {
		for at := range values {
			// Any byte but 0 and 1 would be a Go bool that is neither true nor false.
			*(*bool)(unsafe.Pointer(&values[at])) = tensor.Data[at] != 0
		}
		return values, nil
	}
	copy(asBytes(values), tensor.Data)
	return values, nil
}

// Strings gives the strings, row-major. They may hold any bytes; see Texts.
func (tensor Tensor) Strings() ([]string, error) {
	if err := tensor.expect(TypeBytes); err != nil {
		return nil, err
	}
	count, fits := tensor.places()
	// Each string takes four bytes at least: looked at first, so that a wild shape does not ask for wild memory.
	if !fits || uint64(len(tensor.Data)/4) < count {
		return nil, tensor.wrongLength(count)
	}
	strings, rest := make([]string, 0, count), tensor.Data
	for len(rest) >= 4 {
		length := uint64(binary.LittleEndian.Uint32(rest))
		if uint64(len(rest)-4) < length {
			break
		}
		strings, rest = append(strings, string(rest[4:4+length])), rest[4+length:]
	}
	if len(rest) > 0 || uint64(len(strings)) != count {
		return nil, tensor.wrongLength(count)
	}
	return strings, nil
}

// Texts gives the strings, and refuses those that are not UTF-8.
func (tensor Tensor) Texts() ([]string, error) {
	strings, err := tensor.Strings()
	for at, text := range strings {
		if !utf8.ValidString(text) {
			return nil, fmt.Errorf("element %d of tensor `%s` is not UTF-8", at, tensor.Name)
		}
	}
	return strings, err
}

// Renamed is the same tensor, elements and all, under another name: that of a model's input, or of a scorer's output.
func (tensor Tensor) Renamed(name string) Tensor {
	tensor.Name = name
	return tensor
}

// asBytes is the values as they lie in memory. WebAssembly is little-endian, as tensors are, and so is every machine that
// a scorer's tests run on.
func asBytes[T Element](values []T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(values))), len(values)*int(unsafe.Sizeof(*new(T))))
}

func checkShape(name string, shape []int, found int) ([]uint32, error) {
	sizes, wanted := make([]uint32, len(shape)), uint64(1)
	for at, size := range shape {
		over, product := bits.Mul64(wanted, uint64(size))
		if size < 0 || uint64(size) > math.MaxUint32 || over != 0 {
			return nil, fmt.Errorf("tensor `%s` of shape %v is too large or negative", name, shape)
		}
		sizes[at], wanted = uint32(size), product
	}
	if wanted != uint64(found) {
		return nil, fmt.Errorf("tensor `%s` of shape %v needs %d elements, got %d", name, shape, wanted, found)
	}
	return sizes, nil
}

func (tensor Tensor) places() (count uint64, fits bool) {
	count = 1
	for _, size := range tensor.Shape {
		over, product := bits.Mul64(count, uint64(size))
		if over != 0 {
			return math.MaxUint64, false
		}
		count = product
	}
	return count, true
}

func (tensor Tensor) expect(wanted ElementType) error {
	if tensor.Type == wanted {
		return nil
	}
	return fmt.Errorf("tensor `%s` holds %v, not %v", tensor.Name, tensor.Type, wanted)
}

func (tensor Tensor) wrongLength(count uint64) error {
	return fmt.Errorf("tensor `%s` holds %d bytes, which are not %d elements of %v",
		tensor.Name, len(tensor.Data), count, tensor.Type)
}

func tensorsToHost(tensors []Tensor) []host.Tensor {
	made := make([]host.Tensor, len(tensors))
	for at, tensor := range tensors {
		made[at] = host.Tensor(tensor)
	}
	return made
}

func tensorsFromHost(tensors []host.Tensor) []Tensor {
	made := make([]Tensor, len(tensors))
	for at, tensor := range tensors {
		made[at] = Tensor(tensor)
	}
	return made
}
