package mlwasm

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"strings"
	"unicode/utf8"

	"mlwasm/internal/host"
)

// Request is one scoring request.
type Request struct {
	// ID is the request's identity, also found in the platform's logs.
	ID string
	// Deployment is the name of the deployment that this scorer serves.
	Deployment string
	// IsMirror is true for a copy of live traffic, whose answer no client waits for: do nothing to the outside world.
	IsMirror bool
	// RawQuery is the query of the address without the question mark, still percent-encoded. See Query.
	RawQuery string
	// Headers are those that the platform lets through, never credentials.
	Headers []Header
	// ContentType is the media type of the body, empty if the client sent none.
	ContentType string
	// Body is the body, whole.
	Body []byte
}

// Header is one HTTP header. Values are bytes, since HTTP does not promise text.
type Header struct {
	// Name is in lower case.
	Name  string
	Value []byte
}

func requestFromHost(asked host.Request) *Request {
	request := &Request{
		ID: asked.ID, Deployment: asked.Deployment, IsMirror: asked.IsMirror, RawQuery: asked.Query,
		ContentType: asked.ContentType, Body: asked.Body, Headers: make([]Header, len(asked.Headers)),
	}
	for at, header := range asked.Headers {
		request.Headers[at] = Header(header)
	}
	return request
}

// JSON reads the body as JSON into what target points at, whatever the content type says. Fields that target does not have
// are refused, and so is anything after the value. The error is a bad request with the line and column of the mistake.
func (request *Request) JSON(target any) error {
	decoder := json.NewDecoder(bytes.NewReader(request.Body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(target); err != nil {
		return request.badJSON(err, decoder.InputOffset())
	}
	end := decoder.InputOffset()
	if rest := bytes.TrimLeft(request.Body[end:], " \t\r\n"); len(rest) > 0 {
		return request.badJSON(errors.New("trailing characters"), int64(len(request.Body)-len(rest)))
	}
	return nil
}

func (request *Request) badJSON(err error, offset int64) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		offset = max(syntax.Offset-1, 0)
	case errors.As(err, &kind):
		offset = max(kind.Offset-1, 0)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		err, offset = errors.New("unexpected end"), int64(len(request.Body))
	}
	text := strings.TrimPrefix(err.Error(), "json: ")
	before := request.Body[:min(int(offset), len(request.Body))]
	line := bytes.Count(before, []byte("\n")) + 1
	column := len(before) - bytes.LastIndexByte(before, '\n')
	return BadRequest("the body is not valid: %s at line %d column %d", text, line, column)
}

// Text reads the body as UTF-8. The error is a bad request with the position of the first byte that is not.
func (request *Request) Text() (string, error) {
	for at := 0; at < len(request.Body); {
		character, size := utf8.DecodeRune(request.Body[at:])
		if character == utf8.RuneError && size == 1 {
			return "", BadRequest("the body is not text: byte %d is not UTF-8", at)
		}
		at += size
	}
	return string(request.Body), nil
}

// Query gives the first value of a query parameter, decoded, and whether it is there.
//
// Parameters that can not be decoded are passed over: a query is typed by people, and a scorer that looks up "limit" must
// not fail over another parameter.
func (request *Request) Query(name string) (string, bool) {
	parameters, _ := url.ParseQuery(request.RawQuery)
	values, found := parameters[name]
	if !found {
		return "", false
	}
	return values[0], true
}

// Header gives the first header of this name, in any case, as text, and whether it is there.
func (request *Request) Header(name string) (string, bool) {
	for _, header := range request.Headers {
		if strings.EqualFold(header.Name, name) {
			return string(header.Value), true
		}
	}
	return "", false
}
