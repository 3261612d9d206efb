/* What the files of the JSON of typed scorers share. Not for scorers. */
#ifndef MLWASM_TYPED_H
#define MLWASM_TYPED_H

#include "internal.h"

/* What a request in the Open Inference Protocol says besides its inputs. */
struct mlwasm_asked {
    bool is_protocol; /* false: inputs by name, or the data of the only one, and nothing below */
    const char *id;   /* NULL if it has none */
    const char **outputs;
    size_t output_count; /* 0: all of them */
};

/* The element type's name in the Open Inference Protocol, such as FP32. */
const char *mlwasm_datatype(mlwasm_element element);

/* ---- typed_body.c: which input of the scorer gets which part of the body ---- */

/* One tensor for each of the scorer's inputs, in the scorer's order. A mistake is a bad request. */
mlwasm_error mlwasm_typed_read(yyjson_val *body, mlwasm_specs specs, mlwasm_tensor *inputs, struct mlwasm_asked *asked);

/* ---- typed_input.c: one input ---- */

/* Makes the tensor of nested arrays, or of an object whose members may be `known`, a list that ends with NULL. */
mlwasm_error mlwasm_typed_input(const mlwasm_tensor_spec *spec, yyjson_val *given, const char *const *known, mlwasm_tensor *tensor);

/* Such as `FP32 [?, 4]`, where `?` is any size. */
const char *mlwasm_typed_wanted(const mlwasm_tensor_spec *spec);

/* ---- typed_elements.c: JSON's values to elements ---- */

/* Writes the value as the element with this index, if the type holds it without loss. `data` has room for it. */
bool mlwasm_typed_put(mlwasm_element element, void *data, size_t index, yyjson_val *value);

/* ---- typed_answer.c: what goes out ---- */

mlwasm_error mlwasm_typed_answer(const mlwasm_tensors *outputs, const struct mlwasm_asked *asked, const char *deployment,
                                 mlwasm_response *response);

#endif
