package tests

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"mlwasm"
	"mlwasm/typed"
)

// echo gives back what it takes.
type echo []mlwasm.TensorSpec

func (echo echo) Describe() typed.Signature {
	return typed.Signature{Inputs: echo, Outputs: echo}
}

func (echo) Infer(inputs []mlwasm.Tensor) ([]mlwasm.Tensor, error) { return inputs, nil }

func (echo echo) ask(body string) (string, error) {
	response, err := typed.RunJSON(echo, &mlwasm.Request{Deployment: "blue", Body: []byte(body)})
	if err != nil {
		return "", err
	}
	return string(response.Body), nil
}

func TestJSONBecomesElementsOfEveryTypeUpToItsLimits(t *testing.T) {
	for _, test := range []struct {
		element         mlwasm.ElementType
		good, told, bad string
	}{
		{mlwasm.TypeBoolean, "true", `"BOOL","shape":[],"data":[true]`, "1"},
		{mlwasm.TypeUint8, "255", `"UINT8","shape":[],"data":[255]`, "256"},
		{mlwasm.TypeUint8, "0", `"UINT8","shape":[],"data":[0]`, "-1"},
		{mlwasm.TypeInt8, "-128", `"INT8","shape":[],"data":[-128]`, "-129"},
		{mlwasm.TypeUint16, "65535", `"UINT16","shape":[],"data":[65535]`, "65536"},
		{mlwasm.TypeInt16, "32767", `"INT16","shape":[],"data":[32767]`, "32768"},
		{mlwasm.TypeUint32, "4294967295", `"UINT32","shape":[],"data":[4294967295]`, "4294967296"},
		{mlwasm.TypeInt32, "-2147483648", `"INT32","shape":[],"data":[-2147483648]`, "-2147483649"},
		{mlwasm.TypeUint64, "18446744073709551615", `"UINT64","shape":[],"data":[18446744073709551615]`, "-1"},
		{mlwasm.TypeInt64, "-9223372036854775808", `"INT64","shape":[],"data":[-9223372036854775808]`, "9223372036854775808"},
		{mlwasm.TypeInt64, "1", `"INT64","shape":[],"data":[1]`, "1.5"},
		{mlwasm.TypeFloat16, "65504", `"FP16","shape":[],"data":[65504]`, "65520"},
		{mlwasm.TypeBFloat16, "0.5", `"BF16","shape":[],"data":[0.5]`, "3.40e38"},
		{mlwasm.TypeFloat32, "0.1", `"FP32","shape":[],"data":[0.1]`, "3.5e38"},
		{mlwasm.TypeFloat32, `"-Infinity"`, `"FP32","shape":[],"data":["-Infinity"]`, `"Inf"`},
		{mlwasm.TypeFloat64, `"NaN"`, `"FP64","shape":[],"data":["NaN"]`, "null"},
		{mlwasm.TypeBytes, `"ä"`, `"BYTES","shape":[],"data":["ä"]`, "1"},
	} {
		scorer := echo{{Name: "x", Type: test.element}}
		answer, err := scorer.ask(`{"data": ` + test.good + `}`)
		if wanted := `{"outputs":{"x":{"datatype":` + test.told + `}}}`; err != nil || answer != wanted {
			t.Errorf("%v %s: %s, %v", test.element, test.good, answer, err)
		}
		if _, err := scorer.ask(`{"data": ` + test.bad + `}`); err == nil || !strings.Contains(err.Error(), "element  is") {
			t.Errorf("%v %s: %v", test.element, test.bad, err)
		}
	}
}

func TestInputsAreFoundByTheirNamesInAnyOrder(t *testing.T) {
	scorer := echo{{Name: "a", Type: mlwasm.TypeFloat32, Shape: []int64{-1, 2}}, {Name: "b", Type: mlwasm.TypeInt64}}
	for body, wanted := range map[string]string{
		`{"inputs": {"b": 3, "a": [[1, 2], [3, 4]]}}`: `{"outputs":{"a":{"datatype":"FP32","shape":[2,2],"data":[1,2,3,4]},` +
			`"b":{"datatype":"INT64","shape":[],"data":[3]}}}`,
		`{"data": 3}`: "`data` is for scorers of one input, expected {\"inputs\": {\"a\": FP32 [?, 2], \"b\": INT64 []}}",
		`{"inputs": {"a": [[1, 2], [5, "x"]], "b": 1}}`: "input `a`: element [1][1] is \"x\", expected FP32 [?, 2]",
		`{"inputs": {"a": {"shape": [4294967295, 2], "data": []}, "b": 1}}`: "input `a`: shape [4294967295, 2] does not hold the 0 elements of `data`, expected FP32 [?, 2]",
	} {
		answer, err := scorer.ask(body)
		if err != nil {
			answer = err.Error()
		}
		if answer != wanted {
			t.Errorf("%s: %s", body, answer)
		}
	}
}

func TestFilesAreReadByTheirNames(t *testing.T) {
	folder := t.TempDir()
	t.Setenv("AZUREML_MODEL_DIR", folder)
	if err := os.MkdirAll(filepath.Join(folder, "vocab"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"labels.txt", "vocab/words.json"} {
		if err := os.WriteFile(mlwasm.FilePath(name), []byte(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if text, err := mlwasm.ReadFile("vocab/words.json"); err != nil || string(text) != "vocab/words.json" {
		t.Error(string(text), err)
	}
	if names, err := mlwasm.FileNames(); err != nil || !slices.Equal(names, []string{"labels.txt", "vocab/words.json"}) {
		t.Error(names, err)
	}
	if _, err := mlwasm.ReadFile("nope"); !os.IsNotExist(err) {
		t.Error(err)
	}
	t.Setenv("AZUREML_MODEL_DIR", filepath.Join(folder, "none"))
	if names, err := mlwasm.FileNames(); err != nil || len(names) > 0 {
		t.Error(names, err)
	}
}
