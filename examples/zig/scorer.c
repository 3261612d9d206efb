/* The SDK finds a scorer by a macro, and Zig has no macros of C: this file says it for score.zig. */
#include <mlwasm.h>

mlwasm_error zig_init(void);
mlwasm_error zig_run(const mlwasm_request *request, mlwasm_response *response);

/* What Zig's panic handler calls: the SDK's answer for a scorer that can not go on is to end, with the text in the log. */
MLWASM_SCORER(zig_init, zig_run)

/* Variadic functions and MLWASM_TRY do not cross the border well: here are the two errors with a text that is ready. */
mlwasm_error zig_bad_request(const char *text) {
    return mlwasm_bad_request("%s", text);
}

mlwasm_error zig_internal(const char *text) {
    return mlwasm_internal_at(NULL, 0, "%s", text);
}
