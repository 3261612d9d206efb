/* Fails as `?fault=` says, or in init as the variable `FAULT` does. What follows `fault:` in a comment is the name of that line. */
#include <assert.h>
#include <mlwasm.h>
#include <stdlib.h>
#include <string.h>

static volatile int zero = 0;
static int (*volatile nothing)(int) = NULL;

static int deep(volatile int depth) {
    volatile char room[1024];
    room[depth % 1024] = 1;
    return deep(depth + 1) + room[3]; /* fault: stack */
}

static mlwasm_error init(void) {
    if (getenv("FAULT") != NULL) {
        abort(); /* fault: init */
    }
    return MLWASM_OK;
}

static mlwasm_error run(const mlwasm_request *request, mlwasm_response *response) {
    const char *fault = mlwasm_request_query(request, "fault");
    int result = 0;
    if (fault == NULL) {
        result = 1;
    } else if (strcmp(fault, "abort") == 0) {
        abort(); /* fault: abort */
    } else if (strcmp(fault, "assert") == 0) {
        assert(zero > 0); /* fault: assert */
    } else if (strcmp(fault, "divide") == 0) {
        result = 7 / zero; /* fault: divide */
    } else if (strcmp(fault, "null") == 0) {
        result = nothing(3); /* fault: null */
    } else if (strcmp(fault, "stack") == 0) {
        result = deep(1);
    }
    mlwasm_respond_text(response, result == 1 ? "fine" : "odd");
    return MLWASM_OK;
}

MLWASM_SCORER(init, run)
