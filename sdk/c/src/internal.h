/* What the library's own files share. Not for scorers. */
#ifndef MLWASM_INTERNAL_H
#define MLWASM_INTERNAL_H

#include "../bindings/tensor_scoring.h"
#include "mlwasm.h"

struct mlwasm_failure {
    bool is_bad_request;
    const char *text;
};

/* ---- memory.c: memory of one call ---- */

/* From here on memory belongs to a call, and is taken back by `mlwasm_memory_end_call`. Until then it is kept for ever. */
void mlwasm_memory_begin_calls(void);

/* Takes back all memory of the call that has ended. */
void mlwasm_memory_end_call(void);

/* The bytes of the call that are in use, for tests. */
size_t mlwasm_memory_in_use(void);

/* Grows or shrinks what `mlwasm_alloc` gave: in place if it was the last thing given. */
void *mlwasm_realloc(void *old, size_t old_size, size_t size);

/* ---- text.c: strings between the host and C ---- */

/* A string for the host. Bytes that are not UTF-8 become replacement characters, since the host refuses a call with them. */
tensor_scoring_string_t mlwasm_text_to_host(const char *text);

/* A string of the host, which `cabi_realloc` has given a NUL at its end. An empty one has no memory of its own. */
const char *mlwasm_text_from_host(tensor_scoring_string_t text);

/* The offset of the first byte that is not UTF-8; `length` if all are. */
size_t mlwasm_text_valid_up_to(const uint8_t *text, size_t length);

/* ---- tensor.c, model.c: tensors between the host and C ---- */

mlwasm_tensors mlwasm_tensors_from_host(const mlwasm_scoring_inference_list_tensor_t *tensors);
mlwasm_scoring_inference_list_tensor_t mlwasm_tensors_to_host(const mlwasm_tensor *tensors, size_t count);
mlwasm_scoring_inference_list_tensor_spec_t mlwasm_specs_to_host(mlwasm_specs specs);

/* Closes the models that were opened since `init` ended: their handles are limited in number. */
void mlwasm_models_close_opened_in_call(void);

/* From here on models that are opened are closed when their call ends. */
void mlwasm_models_begin_calls(void);

#endif
