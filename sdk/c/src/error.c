/* Errors: a text and whose fault it is. They live as long as the call, like everything else. */
#include <stdarg.h>
#include <stdio.h>

#include "internal.h"

static const char *format_arguments(const char *format, va_list arguments) {
    va_list again;
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    if (length < 0) {
        va_end(again);
        return format;
    }
    char *text = mlwasm_alloc((size_t)length + 1);
    vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

static mlwasm_error failure(bool is_bad_request, const char *text) {
    struct mlwasm_failure *made = mlwasm_alloc(sizeof *made);
    *made = (struct mlwasm_failure){is_bad_request, text};
    return made;
}

const char *mlwasm_format(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const char *text = format_arguments(format, arguments);
    va_end(arguments);
    return text;
}

mlwasm_error mlwasm_bad_request(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const char *text = format_arguments(format, arguments);
    va_end(arguments);
    return failure(true, text);
}

mlwasm_error mlwasm_internal_at(const char *file, int line, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const char *text = format_arguments(format, arguments);
    va_end(arguments);
    /* The library's own errors are told by the place where the scorer calls it, which the library does not know. */
    if (file != NULL) {
        fprintf(stderr, "%s:%d: %s\n", file, line, text);
    }
    return failure(false, text);
}

const char *mlwasm_error_text(mlwasm_error error) {
    return error == MLWASM_OK ? "" : error->text;
}

bool mlwasm_is_bad_request(mlwasm_error error) {
    return error != MLWASM_OK && error->is_bad_request;
}
