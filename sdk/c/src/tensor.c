/* Tensors: values that stay where they are, with a checked shape. */
#include <string.h>

#include "internal.h"

_Static_assert(sizeof(bool) == 1, "a boolean element is one byte");

static const struct {
    const char *name;
    size_t size;
} elements[] = {
    [MLWASM_BOOLEAN] = {"boolean", 1}, [MLWASM_UINT8] = {"uint8", 1},     [MLWASM_INT8] = {"int8", 1},
    [MLWASM_UINT16] = {"uint16", 2},   [MLWASM_INT16] = {"int16", 2},     [MLWASM_UINT32] = {"uint32", 4},
    [MLWASM_INT32] = {"int32", 4},     [MLWASM_UINT64] = {"uint64", 8},   [MLWASM_INT64] = {"int64", 8},
    [MLWASM_FLOAT16] = {"float16", 2}, [MLWASM_BFLOAT16] = {"bfloat16", 2}, [MLWASM_FLOAT32] = {"float32", 4},
    [MLWASM_FLOAT64] = {"float64", 8}, [MLWASM_BYTES] = {"bytes", 0},
};

const char *mlwasm_element_name(mlwasm_element element) {
    return elements[element].name;
}

size_t mlwasm_element_size(mlwasm_element element) {
    return elements[element].size;
}

bool mlwasm_shape_count(mlwasm_shape shape, size_t *count) {
    size_t product = 1;
    for (size_t at = 0; at < shape.rank; at++) {
        if (shape.sizes[at] != 0 && product > SIZE_MAX / shape.sizes[at]) {
            return false;
        }
        product *= shape.sizes[at];
    }
    *count = product;
    return true;
}

static const char *shape_text(mlwasm_shape shape) {
    const char *text = "[";
    for (size_t at = 0; at < shape.rank; at++) {
        text = mlwasm_format("%s%s%u", text, at == 0 ? "" : ", ", shape.sizes[at]);
    }
    return mlwasm_format("%s]", text);
}

static mlwasm_error make(mlwasm_tensor *tensor, const mlwasm_tensor *wanted, size_t count) {
    size_t places = 0;
    if (!mlwasm_shape_count(wanted->shape, &places)) {
        return mlwasm_internal_at(NULL, 0, "tensor `%s` of shape %s is too large", wanted->name,
                                  shape_text(wanted->shape));
    }
    if (places != count) {
        return mlwasm_internal_at(NULL, 0, "tensor `%s` of shape %s needs %zu elements, got %zu", wanted->name,
                                  shape_text(wanted->shape), places, count);
    }
    *tensor = *wanted;
    /* A copy, since MLWASM_SHAPE(…) lives only as long as the block that it stands in. */
    uint32_t *sizes = mlwasm_alloc_array(wanted->shape.rank, sizeof *sizes);
    if (wanted->shape.rank > 0) {
        memcpy(sizes, wanted->shape.sizes, wanted->shape.rank * sizeof *sizes);
    }
    tensor->shape.sizes = sizes;
    return MLWASM_OK;
}

static mlwasm_error expect(const mlwasm_tensor *tensor, mlwasm_element wanted, size_t *places) {
    if (tensor->element != wanted) {
        return mlwasm_internal_at(NULL, 0, "tensor `%s` holds %s, not %s", tensor->name,
                                  mlwasm_element_name(tensor->element), mlwasm_element_name(wanted));
    }
    if (!mlwasm_shape_count(tensor->shape, places)) {
        return mlwasm_internal_at(NULL, 0, "tensor `%s` of shape %s is too large", tensor->name,
                                  shape_text(tensor->shape));
    }
    return MLWASM_OK;
}

static mlwasm_error wrong_length(const mlwasm_tensor *tensor, size_t places) {
    return mlwasm_internal_at(NULL, 0, "tensor `%s` holds %zu bytes, which are not %zu elements of %s", tensor->name,
                              tensor->size, places, mlwasm_element_name(tensor->element));
}

static mlwasm_error read_numbers(const mlwasm_tensor *tensor, mlwasm_element wanted, size_t *places) {
    MLWASM_TRY(expect(tensor, wanted, places));
    size_t size = mlwasm_element_size(wanted);
    if (tensor->size % size != 0 || tensor->size / size != *places) {
        return wrong_length(tensor, *places);
    }
    return MLWASM_OK;
}

#define DEFINE(suffix, constant, type)                                                                           \
    mlwasm_error mlwasm_tensor_##suffix(mlwasm_tensor *tensor, const char *name, mlwasm_shape shape,             \
                                        const type *values, size_t count) {                                     \
        return make(tensor, &(mlwasm_tensor){name, constant, shape, values, count * sizeof(type)}, count);      \
    }                                                                                                            \
    mlwasm_error mlwasm_read_##suffix(const mlwasm_tensor *tensor, const type **values, size_t *count) {         \
        MLWASM_TRY(read_numbers(tensor, constant, count));                                                       \
        *values = tensor->data;                                                                                  \
        return MLWASM_OK;                                                                                        \
    }
MLWASM_FOR_EACH_NUMBER(DEFINE)
#undef DEFINE

/* How strings lie in a tensor's data: each is a 4-byte little-endian length, then that many bytes. */

mlwasm_error mlwasm_tensor_bytes(mlwasm_tensor *tensor, const char *name, mlwasm_shape shape,
                                 const mlwasm_bytes *values, size_t count) {
    size_t size = 0;
    for (size_t at = 0; at < count; at++) {
        if (values[at].length > UINT32_MAX || size > SIZE_MAX - 4 - values[at].length) {
            return mlwasm_internal_at(NULL, 0, "tensor `%s` of shape %s is too large", name, shape_text(shape));
        }
        size += 4 + values[at].length;
    }
    uint8_t *data = mlwasm_alloc(size);
    uint8_t *end = data;
    for (size_t at = 0; at < count; at++) {
        uint32_t length = (uint32_t)values[at].length;
        memcpy(end, &length, 4);
        if (length > 0) {
            memcpy(end + 4, values[at].data, length);
        }
        end += 4 + length;
    }
    return make(tensor, &(mlwasm_tensor){name, MLWASM_BYTES, shape, data, size}, count);
}

mlwasm_error mlwasm_read_bytes(const mlwasm_tensor *tensor, const mlwasm_bytes **values, size_t *count) {
    MLWASM_TRY(expect(tensor, MLWASM_BYTES, count));
    /* Each string takes four bytes at least: looked at first, so that a wild shape does not ask for wild memory. */
    if (tensor->size / 4 < *count) {
        return wrong_length(tensor, *count);
    }
    mlwasm_bytes *found = mlwasm_alloc_array(*count, sizeof *found);
    const uint8_t *data = tensor->data;
    size_t rest = tensor->size;
    for (size_t at = 0; at < *count; at++) {
        uint32_t length = 0;
        if (rest < 4) {
            return wrong_length(tensor, *count);
        }
        memcpy(&length, data, 4);
        if (rest - 4 < length) {
            return wrong_length(tensor, *count);
        }
        found[at] = (mlwasm_bytes){data + 4, length};
        data += 4 + length;
        rest -= 4 + length;
    }
    if (rest != 0) {
        return wrong_length(tensor, *count);
    }
    *values = found;
    return MLWASM_OK;
}

mlwasm_error mlwasm_tensors_get(const mlwasm_tensors *tensors, const char *name, const mlwasm_tensor **tensor) {
    const char *names = "";
    for (size_t at = 0; at < tensors->count; at++) {
        if (strcmp(tensors->tensors[at].name, name) == 0) {
            *tensor = &tensors->tensors[at];
            return MLWASM_OK;
        }
        names = mlwasm_format("%s%s\"%s\"", names, at == 0 ? "" : ", ", tensors->tensors[at].name);
    }
    return mlwasm_internal_at(NULL, 0, "no output `%s`, only [%s]", name, names);
}

mlwasm_tensors mlwasm_tensors_from_host(const mlwasm_scoring_inference_list_tensor_t *tensors) {
    mlwasm_tensor *made = mlwasm_alloc_array(tensors->len, sizeof *made);
    for (size_t at = 0; at < tensors->len; at++) {
        const mlwasm_scoring_inference_tensor_t *one = &tensors->ptr[at];
        made[at] = (mlwasm_tensor){
            .name = mlwasm_text_from_host(one->name),
            .element = (mlwasm_element)one->element,
            .shape = {one->shape.ptr, one->shape.len},
            .data = one->data.ptr,
            .size = one->data.len,
        };
    }
    return (mlwasm_tensors){made, tensors->len};
}

mlwasm_scoring_inference_list_tensor_t mlwasm_tensors_to_host(const mlwasm_tensor *tensors, size_t count) {
    mlwasm_scoring_inference_tensor_t *made = mlwasm_alloc_array(count, sizeof *made);
    for (size_t at = 0; at < count; at++) {
        const mlwasm_tensor *one = &tensors[at];
        made[at] = (mlwasm_scoring_inference_tensor_t){
            .name = mlwasm_text_to_host(one->name),
            .element = (uint8_t)one->element,
            .shape = {(uint32_t *)one->shape.sizes, one->shape.rank},
            .data = {(uint8_t *)one->data, one->size},
        };
    }
    return (mlwasm_scoring_inference_list_tensor_t){made, count};
}
