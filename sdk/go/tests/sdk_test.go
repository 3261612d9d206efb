// Package tests holds the SDK against its fake platform: what a scorer in Go is promised.
package tests

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"mlwasm"
	"mlwasm/mlwasmtest"
	"mlwasm/typed"
)

// scripted does what the test says.
type scripted struct{}

var (
	script     func(*mlwasm.Request) (*mlwasm.Response, error)
	startFails error
)

func (scripted) Run(request *mlwasm.Request) (*mlwasm.Response, error) { return script(request) }
func (scripted) Describe() typed.Signature                             { return typed.Signature{} }
func (scripted) Infer(inputs []mlwasm.Tensor) ([]mlwasm.Tensor, error) {
	if len(inputs) == 0 {
		panic("no tensor")
	}
	return inputs, nil
}

func init() {
	typed.Serve(func() (typed.Scorer, error) { return scripted{}, startFails })
}

func expect(t *testing.T, answer mlwasmtest.Answer, status int, body string) {
	t.Helper()
	if answer.Status != status || answer.Body != body {
		t.Fatalf("found  %d %q\nwanted %d %q", answer.Status, answer.Body, status, body)
	}
}

func TestAScorerThatDoesNotStartSaysWhy(t *testing.T) {
	startFails = errors.New("no threshold set")
	defer func() { startFails = nil }()
	if err := mlwasmtest.TryStart(); err == nil || err.Error() != "no threshold set" {
		t.Fatal(err)
	}
}

func TestErrorsSayWhoseFaultItIs(t *testing.T) {
	mlwasmtest.Start(t)
	mistake := mlwasm.BadRequest("row %d", 3)
	for _, one := range []struct {
		err    error
		status int
		text   string
	}{
		{mistake, 400, "row 3"},
		{fmt.Errorf("wrapped: %w", mistake), 400, "wrapped: row 3"},
		{errors.New("label 7"), 424, "label 7"},
		{&mlwasm.InferenceError{Kind: mlwasm.InvalidInput, Text: "x"}, 424, "invalid input: x"},
	} {
		script = func(*mlwasm.Request) (*mlwasm.Response, error) { return nil, one.err }
		expect(t, mlwasmtest.Post("{}"), one.status, one.text)
	}
}

func TestABadRequestKeepsItsCause(t *testing.T) {
	cause := errors.New("no such flower")
	if err := mlwasm.BadRequest("row 3: %w", cause); !errors.Is(err, cause) || err.Error() != "row 3: no such flower" {
		t.Fatal(err)
	}
}

func TestAPanicIsAnErrorWithItsPlaceAndTheSandboxGoesOn(t *testing.T) {
	mlwasmtest.Start(t)
	script = func(*mlwasm.Request) (*mlwasm.Response, error) {
		var rows []float64
		return nil, fmt.Errorf("%v", rows[3])
	}
	answer := mlwasmtest.Post("{}")
	wanted := "panic: runtime error: index out of range [3] with length 0 (sdk_test.go:"
	if answer.Status != 424 || !strings.HasPrefix(answer.Body, wanted) {
		t.Fatal(answer)
	}
	script = func(*mlwasm.Request) (*mlwasm.Response, error) { return mlwasm.Text("well"), nil }
	expect(t, mlwasmtest.Post("{}"), 200, "well")
	if _, err := mlwasmtest.Infer(); err == nil || !strings.HasPrefix(err.Error(), "panic: no tensor (sdk_test.go:") {
		t.Fatal(err)
	}
}

func TestAResponseThatIsNoneIsAnError(t *testing.T) {
	mlwasmtest.Start(t)
	script = func(*mlwasm.Request) (*mlwasm.Response, error) { return nil, nil }
	expect(t, mlwasmtest.Post("{}"), 424, "Run gave neither a response nor an error")
	for status, wanted := range map[int]int{199: 424, 200: 200, 599: 599, 600: 424} {
		script = func(*mlwasm.Request) (*mlwasm.Response, error) { return mlwasm.Text("").WithStatus(status), nil }
		if answer := mlwasmtest.Post(""); answer.Status != wanted {
			t.Fatal(status, answer)
		}
	}
}

func TestAMistakeInJSONIsABadRequestWithLineAndColumn(t *testing.T) {
	mlwasmtest.Start(t)
	script = func(request *mlwasm.Request) (*mlwasm.Response, error) {
		var body struct {
			A int `json:"a"`
		}
		if err := request.JSON(&body); err != nil {
			return nil, err
		}
		return mlwasm.JSON(body)
	}
	for body, place := range map[string]string{
		"{\"a\":\n  1,}": "line 2 column 5", "": "line 1 column 1", "{\"a\": \"x\"}": "line 1 column 9",
		"{\"a\": 1} 2": "line 1 column 10", "{\"b\": 1}": "line 1 column", "{\"a\"": "line 1 column 5",
	} {
		answer := mlwasmtest.Post(body)
		if answer.Status != 400 || !strings.HasPrefix(answer.Body, "the body is not valid: ") || !strings.Contains(answer.Body, place) {
			t.Errorf("%q: %v", body, answer)
		}
	}
	expect(t, mlwasmtest.Post(" {\"a\": 1} \n"), 200, `{"a":1}`)
	script = func(*mlwasm.Request) (*mlwasm.Response, error) { return mlwasm.JSON(math.NaN()) }
	expect(t, mlwasmtest.Post(""), 424, "the answer is not valid JSON: json: unsupported value: NaN")
}

func TestQueryHeadersAndText(t *testing.T) {
	mlwasmtest.Start(t)
	script = func(request *mlwasm.Request) (*mlwasm.Response, error) {
		text, err := request.Text()
		if err != nil {
			return nil, err
		}
		n, hasN := request.Query("n")
		accept, hasAccept := request.Header("Accept")
		return mlwasm.Text(fmt.Sprint(text, n, hasN, accept, hasAccept)).WithHeader("x-one", "1"), nil
	}
	asked := &mlwasm.Request{
		RawQuery: "n=1%2B1&n=2&m=%zz", Body: []byte("ä"),
		Headers: []mlwasm.Header{{Name: "accept", Value: []byte("text/csv")}},
	}
	answer := mlwasmtest.Ask(asked)
	expect(t, answer, 200, "ä1+1truetext/csvtrue")
	if len(answer.Headers) != 1 || answer.Headers[0].Name != "x-one" {
		t.Fatal(answer.Headers)
	}
	expect(t, mlwasmtest.Post("ab\xff"), 400, "the body is not text: byte 2 is not UTF-8")
}

func roundTrip[T mlwasm.Element](t *testing.T, wanted mlwasm.ElementType, bytes []byte, values ...T) {
	t.Helper()
	tensor, err := mlwasm.NewTensor("x", values, len(values))
	if err != nil || tensor.Type != wanted || !reflect.DeepEqual(tensor.Data, bytes) {
		t.Fatal(tensor, err)
	}
	found, err := mlwasm.Values[T](tensor)
	if err != nil || !reflect.DeepEqual(found, values) {
		t.Fatal(found, err)
	}
	tensor.Data = append(tensor.Data, 0)
	if _, err := mlwasm.Values[T](tensor); err == nil {
		t.Fatal("one byte too many was not noticed")
	}
	tensor.Type = mlwasm.TypeBytes
	if _, err := mlwasm.Values[T](tensor); err == nil {
		t.Fatal("another type was not noticed")
	}
}

func TestNumbersLieLittleEndianAndComeBack(t *testing.T) {
	roundTrip(t, mlwasm.TypeBoolean, []byte{1, 0}, true, false)
	roundTrip[uint8](t, mlwasm.TypeUint8, []byte{7}, 7)
	roundTrip[int8](t, mlwasm.TypeInt8, []byte{255}, -1)
	roundTrip[uint16](t, mlwasm.TypeUint16, []byte{2, 1}, 258)
	roundTrip[int16](t, mlwasm.TypeInt16, []byte{254, 255}, -2)
	roundTrip[uint32](t, mlwasm.TypeUint32, []byte{1, 0, 0, 0}, 1)
	roundTrip[int32](t, mlwasm.TypeInt32, []byte{255, 255, 255, 255}, -1)
	roundTrip[uint64](t, mlwasm.TypeUint64, []byte{1, 0, 0, 0, 0, 0, 0, 0}, 1)
	roundTrip[int64](t, mlwasm.TypeInt64, []byte{0, 0, 0, 0, 0, 0, 0, 128}, math.MinInt64)
	roundTrip(t, mlwasm.TypeFloat16, []byte{0, 0x3c}, mlwasm.Float16From(1))
	roundTrip(t, mlwasm.TypeBFloat16, []byte{0x80, 0x3f}, mlwasm.BFloat16From(1))
	roundTrip[float32](t, mlwasm.TypeFloat32, []byte{0, 0, 0x80, 0x3f}, 1)
	roundTrip(t, mlwasm.TypeFloat64, []byte{0, 0, 0, 0, 0, 0, 0xf0, 0x3f}, 1.0)
}

func TestStringsComeBackAndACutIsNoticedWhereverItIs(t *testing.T) {
	words := []string{"ja", "", "n\x00h\xff"}
	tensor, err := mlwasm.NewStrings("words", words, 3, 1)
	if err != nil {
		t.Fatal(err)
	}
	found, err := tensor.Strings()
	if err != nil || !reflect.DeepEqual(found, words) {
		t.Fatal(found, err)
	}
	if _, err := tensor.Texts(); err == nil || err.Error() != "element 2 of tensor `words` is not UTF-8" {
		t.Fatal(err)
	}
	whole := append(tensor.Data, 0)
	for length := range len(whole) + 1 {
		tensor.Data = whole[:length]
		if _, err := tensor.Strings(); (err == nil) != (length == len(whole)-1) {
			t.Fatal(length, err)
		}
	}
}

func TestAShapeThatTheValuesDoNotFillIsRefused(t *testing.T) {
	for text, shape := range map[string][]int{
		"tensor `x` of shape [2 3] needs 6 elements, got 5":                               {2, 3},
		"tensor `x` of shape [-1] is too large or negative":                               {-1},
		"tensor `x` of shape [4294967296] is too large or negative":                       {1 << 32},
		"tensor `x` of shape [] needs 1 elements, got 5":                                  {},
		"tensor `x` of shape [4294967295 4294967295 4294967295] is too large or negative": {math.MaxUint32, math.MaxUint32, math.MaxUint32},
	} {
		if _, err := mlwasm.NewTensor("x", make([]float32, 5), shape...); err == nil || err.Error() != text {
			t.Errorf("%v: %v", shape, err)
		}
	}
}

func TestHalvesRoundToTheNearestEven(t *testing.T) {
	for value, half := range map[float32]mlwasm.Float16{
		0: 0, 1: 0x3C00, -2: 0xC000, 65504: 0x7BFF, 65519: 0x7BFF, 65520: 0x7C00, 0x1p-24: 1, 0x1p-25: 0,
		0x1.8p-24: 2, 0x1p-14: 0x400, 1.00048828125: 0x3C00, 1.00146484375: 0x3C02,
	} {
		if found := mlwasm.Float16From(value); found != half {
			t.Errorf("%v: %x, wanted %x", value, found, half)
		}
	}
	for bits := 0; bits <= 0xFFFF; bits++ {
		half := mlwasm.Float16(bits)
		if value := half.Float32(); value == value && mlwasm.Float16From(value) != half {
			t.Fatalf("%x", bits)
		}
		brain := mlwasm.BFloat16(bits)
		if value := brain.Float32(); value == value && mlwasm.BFloat16From(value) != brain {
			t.Fatalf("%x", bits)
		}
	}
}

func TestModelsThatACallOpensAreClosedWithIt(t *testing.T) {
	spec := []mlwasm.TensorSpec{{Name: "x", Type: mlwasm.TypeFloat32, Shape: []int64{-1, 2}}}
	same := func(inputs []mlwasm.Tensor) ([]mlwasm.Tensor, error) { return inputs, nil }
	mlwasmtest.Start(t, mlwasmtest.Model("model", spec, spec, same))
	script = func(*mlwasm.Request) (*mlwasm.Response, error) {
		model, err := mlwasm.OpenModel("model")
		if err != nil || mlwasmtest.OpenModels() != 1 || !reflect.DeepEqual(model.Inputs(), spec) {
			return nil, fmt.Errorf("%v %v", err, model)
		}
		input, _ := mlwasm.NewTensor("x", []float32{1, 2}, 1, 2)
		outputs, err := model.Infer(input)
		if err != nil {
			return nil, err
		}
		values, err := mlwasm.OutputValues[float32](outputs, "x")
		if err != nil || values[1] != 2 {
			return nil, fmt.Errorf("%v %v", err, values)
		}
		if _, err := outputs.Get("y"); err == nil || err.Error() != "no output `y`, only [\"x\"]" {
			return nil, err
		}
		flat, _ := mlwasm.NewTensor("x", []float32{1, 2}, 2)
		var failure *mlwasm.InferenceError
		if _, err := model.Infer(flat); !errors.As(err, &failure) || failure.Kind != mlwasm.InvalidInput {
			return nil, err
		}
		if _, err := mlwasm.OpenModel("other"); !errors.As(err, &failure) || failure.Kind != mlwasm.UnknownModel {
			return nil, err
		}
		return mlwasm.Text("done"), nil
	}
	for range 3 {
		expect(t, mlwasmtest.Post(""), 200, "done")
		if mlwasmtest.OpenModels() != 0 {
			t.Fatal("a model was left open")
		}
	}
}

func TestRecordsGoIntoTheCollectionsThatAreKept(t *testing.T) {
	mlwasmtest.Start(t, mlwasmtest.Collect("features"))
	script = func(*mlwasm.Request) (*mlwasm.Response, error) {
		if err := mlwasm.Collection("features").Record([]int{1, 2}); err != nil {
			return nil, err
		}
		// Not kept, so not even written as JSON, which it has none of.
		return mlwasm.Text(""), mlwasm.Collection("other").Record(math.NaN())
	}
	expect(t, mlwasmtest.Post(""), 200, "")
	records := mlwasmtest.Records()
	if len(records) != 1 || records[0].Collection != "features" || string(records[0].Data) != "[1,2]" {
		t.Fatal(records)
	}
}
