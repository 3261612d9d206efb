// Fails as `?fault=` says, or in init as the variable `FAULT` does. What follows `fault:` in a comment is the name of that line.
package main

import (
	"errors"
	"mlwasm"
	"os"
)

type faulty struct {
	numbers []int
	counts  map[string]int
}

func start() (mlwasm.Scorer, error) {
	if os.Getenv("FAULT") != "" {
		panic("no start") // fault: init
	}
	return &faulty{numbers: []int{1, 2, 3}}, nil
}

func (faulty *faulty) Run(request *mlwasm.Request) (*mlwasm.Response, error) {
	fault, _ := request.Query("fault")
	switch fault {
	case "panic":
		panic(errors.New("no such flower")) // fault: panic
	case "map":
		faulty.counts["setosa"]++ // fault: map
	case "range":
		faulty.numbers[len(fault)]++ // fault: range
	case "routine":
		done := make(chan bool)
		go func() {
			panic("in the background") // fault: routine
		}()
		<-done
	}
	return mlwasm.Text("fine"), nil
}

func init() { mlwasm.Serve(start) }

func main() {}
