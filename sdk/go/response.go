package mlwasm

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"mlwasm/internal/host"
)

// Response is the answer to one request.
type Response struct {
	// Status is the HTTP status, 200 to 599.
	Status int
	// ContentType is the media type of the body.
	ContentType string
	Headers     []Header
	Body        []byte
}

// Bytes makes an answer of any media type. The body is not copied.
func Bytes(contentType string, body []byte) *Response {
	return &Response{Status: 200, ContentType: contentType, Body: body}
}

// Text makes an answer in plain text.
func Text(text string) *Response {
	return Bytes("text/plain; charset=utf-8", []byte(text))
}

// JSON makes an answer in JSON. An error if the value has no JSON form, such as a number that is not finite.
func JSON(value any) (*Response, error) {
	body, err := json.Marshal(value)
	if err != nil {
		return nil, fmt.Errorf("the answer is not valid JSON: %w", err)
	}
	return Bytes("application/json", body), nil
}

// JSONText is a value as JSON without spaces, for messages: data[0] is {"a":1}. Unlike json.Marshal it leaves <, > and & alone.
func JSONText(value any) string {
	var text strings.Builder
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return fmt.Sprint(value)
	}
	return strings.TrimSuffix(text.String(), "\n")
}

// WithStatus changes the status, and gives the response back.
func (response *Response) WithStatus(status int) *Response {
	response.Status = status
	return response
}

// WithHeader adds a header, and gives the response back.
func (response *Response) WithHeader(name, value string) *Response {
	response.Headers = append(response.Headers, Header{name, []byte(value)})
	return response
}

func (response *Response) toHost() (host.Response, error) {
	if response == nil {
		return host.Response{}, errors.New("Run gave neither a response nor an error")
	}
	if response.Status < 200 || response.Status > 599 {
		return host.Response{}, fmt.Errorf("the response's status is %d, expected 200 to 599", response.Status)
	}
	headers := make([]host.Header, len(response.Headers))
	for at, header := range response.Headers {
		headers[at] = host.Header{Name: strings.ToValidUTF8(header.Name, "\uFFFD"), Value: header.Value}
	}
	return host.Response{
		Status: uint16(response.Status), ContentType: strings.ToValidUTF8(response.ContentType, "\uFFFD"),
		Headers: headers, Body: response.Body,
	}, nil
}
