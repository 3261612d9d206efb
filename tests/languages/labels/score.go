// Tells what it finds beside the model.
package main

import (
	"os"
	"strings"

	"mlwasm"
)

type labels string

func start() (mlwasm.Scorer, error) {
	text, err := mlwasm.ReadFile("labels.txt")
	if err != nil {
		return nil, err
	}
	names, err := mlwasm.FileNames()
	if err != nil {
		return nil, err
	}
	if _, err := mlwasm.ReadFile("nope.txt"); !os.IsNotExist(err) {
		return nil, err
	}
	found := strings.Join(strings.Fields(string(text)), "+")
	return labels(found + " of " + strings.Join(names, "+") + " in " + mlwasm.FilesFolder()), nil
}

func (told labels) Run(*mlwasm.Request) (*mlwasm.Response, error) {
	words, err := mlwasm.ReadFile("vocab/words.json")
	if err != nil || string(words) != "{}" {
		return nil, err
	}
	return mlwasm.Text(string(told)), nil
}

func init() { mlwasm.Serve(start) }

func main() {}
