/*
 * The memory of one call: handed out by moving a pointer, taken back at once when the call has ended.
 *
 * The host puts requests and outputs of models here too, by `cabi_realloc`, so that nobody has to free them. What is
 * asked for before the first `run` is kept for ever instead: models and settings of `init` live there, and so does the
 * state of the WASI adapter, which asks for its memory by the same function.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/* malloc aligns to 16 and so does every allocation here: the host asks for bytes, and a reader takes them as doubles. */
#define ALIGNMENT ((size_t)16)

/* 16 KiB: a small request and its answer. It is kept between calls; what is larger goes back to malloc. */
#define FIRST_CHUNK ((size_t)16384)

typedef struct chunk {
    struct chunk *previous;
    size_t size;
    size_t used;
    size_t unused; /* keeps the data aligned */
} chunk;

_Static_assert(sizeof(chunk) % sizeof(size_t) == 0, "the data begins behind the header");

static chunk *newest;
static bool calls_have_begun;

static _Noreturn void out_of_memory(size_t size) {
    fprintf(stderr, "out of memory: %zu bytes wanted\n", size);
    abort();
}

static size_t round_up(size_t size) {
    if (size > SIZE_MAX - 2 * ALIGNMENT - sizeof(chunk)) {
        out_of_memory(size);
    }
    return (size + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
}

static uint8_t *data_of(chunk *of) {
    return (uint8_t *)of + round_up(sizeof(chunk));
}

static void add_chunk(size_t size) {
    if (size < FIRST_CHUNK) {
        size = FIRST_CHUNK;
    }
    chunk *added = malloc(round_up(sizeof(chunk)) + size);
    if (added == NULL) {
        out_of_memory(size);
    }
    *added = (chunk){.previous = newest, .size = size};
    newest = added;
}

static void *take(size_t size) {
    size = round_up(size);
    if (newest == NULL || newest->size - newest->used < size) {
        add_chunk(size);
    }
    void *taken = data_of(newest) + newest->used;
    newest->used += size;
    return taken;
}

/* True if `old` is the last thing taken, and may then grow to `size` where it is. */
static bool resize_in_place(const void *old, size_t old_size, size_t size) {
    if (newest == NULL) {
        return false;
    }
    size_t start = newest->used - round_up(old_size);
    if (newest->used < round_up(old_size) || data_of(newest) + start != old || newest->size - start < round_up(size)) {
        return false;
    }
    newest->used = start + round_up(size);
    return true;
}

void *mlwasm_alloc(size_t size) {
    if (calls_have_begun) {
        return take(size == 0 ? 1 : size);
    }
    void *kept = malloc(size == 0 ? 1 : size);
    if (kept == NULL) {
        out_of_memory(size);
    }
    return kept;
}

void *mlwasm_alloc_array(size_t count, size_t size) {
    if (size != 0 && count > SIZE_MAX / size) {
        out_of_memory(SIZE_MAX);
    }
    return mlwasm_alloc(count * size);
}

void *mlwasm_realloc(void *old, size_t old_size, size_t size) {
    if (calls_have_begun && old != NULL && resize_in_place(old, old_size, size)) {
        return old;
    }
    void *new = mlwasm_alloc(size);
    if (old != NULL) {
        memcpy(new, old, old_size < size ? old_size : size);
    }
    return new;
}

void mlwasm_memory_begin_calls(void) {
    calls_have_begun = true;
}

void mlwasm_memory_end_call(void) {
    if (newest == NULL) {
        return;
    }
    while (newest->previous != NULL) {
        chunk *previous = newest->previous;
        free(newest);
        newest = previous;
    }
    /* The oldest is large too if the first request was. */
    if (newest->size > FIRST_CHUNK) {
        free(newest);
        newest = NULL;
    } else {
        newest->used = 0;
    }
}

size_t mlwasm_memory_in_use(void) {
    size_t bytes = 0;
    for (const chunk *one = newest; one != NULL; one = one->previous) {
        bytes += one->used;
    }
    return bytes;
}

/*
 * What the host calls to put something into the scorer's memory; stands in for the weak one of the generated bindings.
 * Strings and byte lists get a NUL behind their end, so that C can read them as they lie.
 */
#ifdef __wasm__
__attribute__((export_name("cabi_realloc")))
#endif
void *cabi_realloc(void *old, size_t old_size, size_t align, size_t new_size) {
    bool is_text = align == 1;
    uint8_t *new = mlwasm_realloc(old, old_size + (old != NULL && is_text), new_size + is_text);
    if (is_text) {
        new[new_size] = 0;
    }
    return new;
}
