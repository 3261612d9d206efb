// Package mlwasm is for writing scorers for mlwasm in Go.
//
// A scorer is a WebAssembly component: the platform makes a sandbox, starts the scorer once, then calls Run for every
// request. Models run outside the sandbox, natively.
//
//	package main
//
//	import "mlwasm"
//
//	type hello struct{}
//
//	func (hello) Run(request *mlwasm.Request) (*mlwasm.Response, error) {
//		return mlwasm.Text("hello"), nil
//	}
//
//	func init() {
//		mlwasm.Serve(func() (mlwasm.Scorer, error) { return hello{}, nil })
//	}
//
//	func main() {}
//
// Calls never overlap within a sandbox. Goroutines run only while a call does; one that is left behind goes on in the next.
package mlwasm

import "mlwasm/internal/host"

// Scorer answers requests. It lives as long as its sandbox, which serves many requests or only one, as the deployment's
// isolation says. Keep in it what is costly to make, never anything of one client's.
type Scorer interface {
	// Run answers one request.
	//
	// An error made by BadRequest is the client's mistake: status 400, and the client reads its text. Any other error is
	// the scorer's fault: status 424. So is a panic, whose text is followed by its place, with the stack in the log.
	Run(request *Request) (*Response, error)
}

// Serve says how the scorer of this component is made. Call it in an init function of package main, once.
//
// The platform calls start before the first request: open models and read settings there. An error stops the deployment
// from serving and is shown to whoever deployed it.
func Serve(start func() (Scorer, error)) {
	host.Exported.Init = func() error {
		return startScorer(start)
	}
	host.Exported.Run = func(asked host.Request) (answer host.Response, err error) {
		defer closeModelsOfCall()
		defer panicBecomesError(&err)
		response, err := served.Run(requestFromHost(asked))
		if err != nil {
			return host.Response{}, err
		}
		return response.toHost()
	}
}

// The sandbox's one scorer.
var served Scorer

func startScorer(start func() (Scorer, error)) (err error) {
	defer panicBecomesError(&err)
	served, err = start()
	inCalls = err == nil
	return err
}

// InferForHost is for package typed: it guards a call with tensors as Run is guarded.
func InferForHost(infer func([]Tensor) ([]Tensor, error), inputs []host.Tensor) (outputs []host.Tensor, err error) {
	defer closeModelsOfCall()
	defer panicBecomesError(&err)
	found, err := infer(tensorsFromHost(inputs))
	if err != nil {
		return nil, err
	}
	return tensorsToHost(found), nil
}
