/* Reading a request: headers in any case, query parameters decoded, the body as text or JSON. */
#include <string.h>
#include <strings.h>

#include "internal.h"

const char *mlwasm_request_header(const mlwasm_request *request, const char *name) {
    for (size_t at = 0; at < request->header_count; at++) {
        if (strcasecmp(request->headers[at].name, name) == 0) {
            return request->headers[at].value;
        }
    }
    return NULL;
}

static int hex_digit(char character) {
    if (character >= '0' && character <= '9') {
        return character - '0';
    }
    char lower = character | 0x20;
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/*
 * Percent-decodes, and takes `+` as a space. An escape that is not two hex digits is kept as it stands: a query is typed
 * by people, and a scorer that looks up `limit` must not fail over another parameter.
 */
static char *decode(const char *text, size_t length) {
    char *decoded = mlwasm_alloc(length + 1);
    size_t size = 0;
    for (size_t at = 0; at < length; at++) {
        int high = text[at] == '%' && length - at > 2 ? hex_digit(text[at + 1]) : -1;
        int low = high >= 0 ? hex_digit(text[at + 2]) : -1;
        if (low >= 0) {
            decoded[size++] = (char)(high << 4 | low);
            at += 2;
        } else {
            decoded[size++] = text[at] == '+' ? ' ' : text[at];
        }
    }
    decoded[size] = 0;
    return decoded;
}

const char *mlwasm_request_query(const mlwasm_request *request, const char *name) {
    const char *pair = request->query;
    while (*pair != 0) {
        size_t length = strcspn(pair, "&");
        const char *equals = memchr(pair, '=', length);
        size_t name_length = equals == NULL ? length : (size_t)(equals - pair);
        if (length > 0 && strcmp(decode(pair, name_length), name) == 0) {
            return equals == NULL ? "" : decode(equals + 1, length - name_length - 1);
        }
        pair += length + (pair[length] == '&');
    }
    return NULL;
}

mlwasm_error mlwasm_request_text(const mlwasm_request *request, const char **text) {
    size_t valid = mlwasm_text_valid_up_to(request->body, request->body_length);
    if (valid < request->body_length) {
        return mlwasm_bad_request("the body is not text: byte %zu is not UTF-8", valid);
    }
    *text = (const char *)request->body;
    return MLWASM_OK;
}
