// Package host is the border between the SDK and the platform, in plain Go: the platform is behind Current, and calls
// Exported. In a component both lead to the generated bindings, in a scorer's tests to package mlwasmtest.
package host

// ElementType is what a tensor's data is made of.
type ElementType uint8

var elementNames = [...]string{
	"boolean", "uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64",
	"float16", "bfloat16", "float32", "float64", "bytes",
}

func (element ElementType) String() string {
	if int(element) < len(elementNames) {
		return elementNames[element]
	}
	return "unknown"
}

// Size is the bytes of one element; 0 for strings.
func (element ElementType) Size() int {
	return [...]int{1, 1, 1, 2, 2, 4, 4, 8, 8, 2, 2, 4, 8, 0}[element]
}

// Tensor, TensorSpec, Header, Request and Response are those of the contract.
type Tensor struct {
	Name  string
	Type  ElementType
	Shape []uint32
	Data  []byte
}

type TensorSpec struct {
	Name  string
	Type  ElementType
	Shape []int64 // -1 is any size
}

type Header struct {
	Name  string
	Value []byte
}

type Request struct {
	ID, Deployment string
	IsMirror       bool
	Query          string
	Headers        []Header
	ContentType    string // empty if there is none
	Body           []byte
}

type Response struct {
	Status      uint16
	ContentType string
	Headers     []Header
	Body        []byte
}

// InferenceError is the contract's, with its case as a number.
type InferenceError struct {
	Kind uint8
	Text string
}

// Host is what the platform offers.
type Host interface {
	Open(name string) (handle int32, failure *InferenceError)
	Close(handle int32)
	Inputs(handle int32) []TensorSpec
	Outputs(handle int32) []TensorSpec
	Infer(handle int32, inputs []Tensor) ([]Tensor, *InferenceError)
	CollectionEnabled(name string) bool
	Collect(name, contentType string, data []byte) error
}

// Current is the platform. Nil outside a component until a test sets it.
var Current Host

// Exported is what the platform calls. Package mlwasm sets the first two, package typed the others.
var Exported struct {
	Init     func() error
	Run      func(Request) (Response, error)
	Describe func() (inputs, outputs []TensorSpec)
	Infer    func([]Tensor) ([]Tensor, error)
}
