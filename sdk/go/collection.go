package mlwasm

import (
	"encoding/json"
	"fmt"

	"mlwasm/internal/host"
)

// Collection is records of what a scorer did between request and answer, kept by the platform beside the request's bodies.
//
// The deployment's settings say which collections are kept, and of which share of the requests. Its name has 1 to 32
// letters, digits, '-' or '_', as in Azure's model_inputs.
type Collection string

// Enabled tells whether records of this request are kept. Ask before making what is costly and serves nothing else. False
// while the scorer starts.
func (collection Collection) Enabled() bool {
	return host.Current.CollectionEnabled(string(collection))
}

// Record adds a record as JSON. If nothing is kept, it is not even written as JSON.
func (collection Collection) Record(record any) error {
	if !collection.Enabled() {
		return collection.RecordBytes("application/json", nil)
	}
	data, err := json.Marshal(record)
	if err != nil {
		return fmt.Errorf("collection `%s`: %w", collection, err)
	}
	return collection.RecordBytes("application/json", data)
}

// RecordBytes adds a record of any media type. An error if the name or the media type is none, or the request has left more
// records than one may; not if the platform had no room for it.
func (collection Collection) RecordBytes(contentType string, data []byte) error {
	return host.Current.Collect(string(collection), contentType, data)
}
