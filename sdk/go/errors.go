package mlwasm

import "fmt"

// BadRequestError is the client's mistake, worded for the client: status 400. Any other error is the scorer's.
type BadRequestError struct {
	// Reason is what the client reads.
	Reason string
	// Cause is what led to it, if anything; errors.Is and errors.As look at it.
	Cause error
}

// BadRequest makes a BadRequestError of a text as of fmt.Errorf, so %w keeps the cause.
func BadRequest(format string, arguments ...any) error {
	formatted := fmt.Errorf(format, arguments...)
	return &BadRequestError{Reason: formatted.Error(), Cause: formatted}
}

func (mistake *BadRequestError) Error() string { return mistake.Reason }

// Unwrap gives the cause.
func (mistake *BadRequestError) Unwrap() error { return mistake.Cause }

// InferenceError is why a model could not be opened or run.
type InferenceError struct {
	Kind InferenceErrorKind
	Text string
}

// InferenceErrorKind tells the kinds of InferenceError apart.
type InferenceErrorKind uint8

const (
	// UnknownModel: the deployment has no model of this name.
	UnknownModel InferenceErrorKind = iota
	// InvalidInput: the tensors do not fit the model. Nothing was run.
	InvalidInput
	// InferenceFailed: the model was run and failed, or could not be run.
	InferenceFailed
)

func (err *InferenceError) Error() string {
	kinds := [...]string{"unknown model", "invalid input", "inference failed"}
	return kinds[err.Kind] + ": " + err.Text
}
