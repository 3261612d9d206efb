package mlwasm

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
)

// panicBecomesError makes an error of a panic, so that the sandbox can still answer, and go on. The error has the panic's
// place; the whole stack goes to the deployment's log.
//
// What Go itself can not recover from, such as memory that has run out, still ends the sandbox.
func panicBecomesError(err *error) {
	cause := recover()
	if cause == nil {
		return
	}
	fmt.Fprintf(os.Stderr, "panic: %v\n%s", cause, debug.Stack())
	*err = fmt.Errorf("panic: %v%s", cause, placeOfPanic())
}

// placeOfPanic is " (score.go:41)": the innermost frame that is the scorer's own, which is where an author looks first.
func placeOfPanic() string {
	callers := make([]uintptr, 64)
	// Skips Callers, this function and panicBecomesError.
	frames := runtime.CallersFrames(callers[:runtime.Callers(3, callers)])
	for {
		frame, more := frames.Next()
		if isScorers(frame.Function) {
			return fmt.Sprintf(" (%s:%d)", filepath.Base(frame.File), frame.Line)
		}
		if !more {
			return ""
		}
	}
}

var ownPackages = []string{"mlwasm.", "mlwasm/typed.", "mlwasm/mlwasmtest.", "mlwasm/internal/"}

// isScorers tells package main and the other packages of its module from Go's own, from this module's and from others.
func isScorers(function string) bool {
	for _, own := range ownPackages {
		if strings.HasPrefix(function, own) {
			return false
		}
	}
	if build, found := debug.ReadBuildInfo(); found && strings.HasPrefix(function, build.Main.Path) && build.Main.Path != "" {
		return true
	}
	return strings.HasPrefix(function, "main.")
}
