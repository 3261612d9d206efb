/*
 * JSON by yyjson, in the memory of the call: a document is never freed, and neither is one that was given up half-read.
 *
 * yyjson reads and writes without recursion, so a body of brackets costs memory in proportion to its size and no stack.
 */
#include <string.h>

#include "internal.h"

static void *json_alloc(void *context, size_t size) {
    (void)context;
    return mlwasm_alloc(size);
}

static void *json_realloc(void *context, void *old, size_t old_size, size_t size) {
    (void)context;
    return mlwasm_realloc(old, old_size, size);
}

static void json_free(void *context, void *old) {
    (void)context;
    (void)old;
}

static const yyjson_alc in_call = {json_alloc, json_realloc, json_free, NULL};

mlwasm_error mlwasm_request_json(const mlwasm_request *request, yyjson_val **root) {
    yyjson_read_err error;
    char *body = (char *)request->body; /* without the flag for it, yyjson does not write into what it reads */
    yyjson_doc *document = yyjson_read_opts(body, request->body_length, YYJSON_READ_NOFLAG, &in_call, &error);
    if (document == NULL) {
        size_t line = 1, column = 1, character = 0;
        yyjson_locate_pos(body, request->body_length, error.pos, &line, &column, &character);
        return mlwasm_bad_request("the body is not valid: %s at line %zu column %zu", error.msg, line, column);
    }
    *root = yyjson_doc_get_root(document);
    return MLWASM_OK;
}

yyjson_mut_doc *mlwasm_json_document(void) {
    return yyjson_mut_doc_new(&in_call);
}

mlwasm_error mlwasm_respond_json(mlwasm_response *response, const yyjson_mut_doc *document) {
    yyjson_write_err error;
    size_t length = 0;
    char *text = yyjson_mut_write_opts(document, YYJSON_WRITE_NOFLAG, &in_call, &length, &error);
    if (text == NULL) {
        return mlwasm_internal_at(NULL, 0, "the answer is not valid JSON: %s", error.msg);
    }
    mlwasm_respond(response, "application/json", text, length);
    return MLWASM_OK;
}

const char *mlwasm_json_text(yyjson_val *value) {
    const char *text = yyjson_val_write_opts(value, YYJSON_WRITE_ALLOW_INF_AND_NAN, &in_call, NULL, NULL);
    if (text == NULL) {
        return "?";
    }
    /* A number is written as the other languages' SDKs write it, 1e+39, so that messages are the same in all of them. */
    const char *exponent = yyjson_is_real(value) ? strchr(text, 'e') : NULL;
    if (exponent == NULL || exponent[1] == '-') {
        return text;
    }
    return mlwasm_format("%.*s+%s", (int)(exponent + 1 - text), text, exponent + 1);
}
