/* Making a response. */
#include <string.h>

#include "internal.h"

void mlwasm_respond(mlwasm_response *response, const char *content_type, const void *body, size_t body_length) {
    response->content_type = content_type;
    response->body = body;
    response->body_length = body_length;
}

void mlwasm_respond_text(mlwasm_response *response, const char *text) {
    size_t length = strlen(text);
    char *copy = mlwasm_alloc(length + 1);
    memcpy(copy, text, length + 1);
    mlwasm_respond(response, "text/plain; charset=utf-8", copy, length);
}

void mlwasm_response_header(mlwasm_response *response, const char *name, const char *value) {
    size_t count = response->header_count;
    mlwasm_header *headers = mlwasm_alloc_array(count + 1, sizeof *headers);
    if (count > 0) {
        memcpy(headers, response->headers, count * sizeof *headers);
    }
    headers[count] = (mlwasm_header){name, value, strlen(value)};
    response->headers = headers;
    response->header_count = count + 1;
}
