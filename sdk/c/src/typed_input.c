/* One input of a typed scorer: what the client gave for it, compared with what the scorer takes. */
#include <string.h>

#include "typed.h"

/* Arrays within arrays. Deeper ones are refused, since they are walked by recursion. */
#define MOST_LEVELS 32
/* Characters of a value in a message. */
#define SHOWN 60

struct leaves {
    yyjson_val **values;
    size_t count;
    size_t room;
};

static mlwasm_error blame(const mlwasm_tensor_spec *spec, const char *reason) {
    return mlwasm_bad_request("input `%s`: %s, expected %s", spec->name, reason, mlwasm_typed_wanted(spec));
}

const char *mlwasm_typed_wanted(const mlwasm_tensor_spec *spec) {
    const char *sizes = "";
    for (size_t at = 0; at < spec->rank; at++) {
        const char *size = spec->shape[at] < 0 ? "?" : mlwasm_format("%lld", (long long)spec->shape[at]);
        sizes = mlwasm_format("%s%s%s", sizes, at == 0 ? "" : ", ", size);
    }
    return mlwasm_format("%s [%s]", mlwasm_datatype(spec->element), sizes);
}

static const char *shape_text(mlwasm_shape shape) {
    const char *sizes = "";
    for (size_t at = 0; at < shape.rank; at++) {
        sizes = mlwasm_format("%s%s%u", sizes, at == 0 ? "" : ", ", shape.sizes[at]);
    }
    return mlwasm_format("[%s]", sizes);
}

/* The value, cut where it gets too long for a message: between characters. */
static const char *excerpt(yyjson_val *value) {
    const char *text = mlwasm_json_text(value);
    size_t characters = 0, end = 0;
    while (text[end] != 0) {
        bool begins = ((unsigned char)text[end] & 0xC0) != 0x80;
        if (begins && characters++ == SHOWN) {
            return mlwasm_format("%.*s…", (int)end, text);
        }
        end++;
    }
    return text;
}

/* The shape, if all is as the first element of each array says. False if it has too many levels. */
static bool shape_by_first(yyjson_val *data, uint32_t *sizes, size_t *rank) {
    *rank = 0;
    while (yyjson_is_arr(data)) {
        if (*rank == MOST_LEVELS) {
            return false;
        }
        sizes[(*rank)++] = (uint32_t)yyjson_arr_size(data);
        data = yyjson_arr_get_first(data);
    }
    return true;
}

/* Adds what lies within `value`, which has this shape. False if it has another. */
static bool collect(yyjson_val *value, mlwasm_shape shape, struct leaves *leaves) {
    if (shape.rank == 0) {
        if (yyjson_is_arr(value)) {
            return false;
        }
        if (leaves->count == leaves->room) {
            size_t size = leaves->room * sizeof *leaves->values;
            leaves->values = mlwasm_realloc(leaves->values, size, size == 0 ? 64 * sizeof *leaves->values : 2 * size);
            leaves->room = leaves->room == 0 ? 64 : 2 * leaves->room;
        }
        leaves->values[leaves->count++] = value;
        return true;
    }
    if (!yyjson_is_arr(value) || yyjson_arr_size(value) != shape.sizes[0]) {
        return false;
    }
    size_t at, count;
    yyjson_val *inner;
    yyjson_arr_foreach(value, at, count, inner) {
        if (!collect(inner, (mlwasm_shape){shape.sizes + 1, shape.rank - 1}, leaves)) {
            return false;
        }
    }
    return true;
}

static bool accepts(const mlwasm_tensor_spec *spec, mlwasm_shape shape) {
    if (spec->rank != shape.rank) {
        return false;
    }
    for (size_t at = 0; at < shape.rank; at++) {
        if (spec->shape[at] >= 0 && spec->shape[at] != (int64_t)shape.sizes[at]) {
            return false;
        }
    }
    return true;
}

static bool read_shape(yyjson_val *given, mlwasm_shape *shape) {
    uint32_t *sizes = mlwasm_alloc_array(yyjson_arr_size(given), sizeof *sizes);
    size_t at, count;
    yyjson_val *size;
    yyjson_arr_foreach(given, at, count, size) {
        if (!yyjson_is_uint(size) || yyjson_get_uint(size) > UINT32_MAX) {
            return false;
        }
        sizes[at] = (uint32_t)yyjson_get_uint(size);
    }
    *shape = (mlwasm_shape){sizes, yyjson_arr_size(given)};
    return yyjson_is_arr(given);
}

/* The place of the element with this row-major index, such as [2][0]. */
static const char *place(size_t index, mlwasm_shape shape) {
    const char *text = "";
    for (size_t at = shape.rank; at > 0; at--) {
        text = mlwasm_format("[%zu]%s", index % shape.sizes[at - 1], text);
        index /= shape.sizes[at - 1];
    }
    return text;
}

static mlwasm_error fill(const mlwasm_tensor_spec *spec, mlwasm_shape shape, const struct leaves *leaves,
                         mlwasm_tensor *tensor) {
    bool is_text = spec->element == MLWASM_BYTES;
    size_t size = is_text ? sizeof(mlwasm_bytes) : mlwasm_element_size(spec->element);
    void *data = mlwasm_alloc_array(leaves->count, size);
    for (size_t at = 0; at < leaves->count; at++) {
        if (!mlwasm_typed_put(spec->element, data, at, leaves->values[at])) {
            const char *found = excerpt(leaves->values[at]);
            return blame(spec, mlwasm_format("element %s is %s", place(at, shape), found));
        }
    }
    if (is_text) {
        return mlwasm_tensor_bytes(tensor, spec->name, shape, data, leaves->count);
    }
    *tensor = (mlwasm_tensor){spec->name, spec->element, shape, data, leaves->count * size};
    return MLWASM_OK;
}

/* `shape` is that of the client's object; of none, the arrays tell their own. */
static mlwasm_error read_data(const mlwasm_tensor_spec *spec, const mlwasm_shape *shape, yyjson_val *data,
                              mlwasm_tensor *tensor) {
    uint32_t *sizes = mlwasm_alloc_array(MOST_LEVELS, sizeof *sizes);
    mlwasm_shape own = {sizes, 0};
    if (!shape_by_first(data, sizes, &own.rank)) {
        return blame(spec, "there are more than 32 arrays within each other");
    }
    struct leaves leaves = {0};
    if (!collect(data, own, &leaves)) {
        return blame(spec, "arrays of the same depth have different lengths");
    }
    mlwasm_shape wanted = shape == NULL ? own : *shape;
    if (!accepts(spec, wanted)) {
        return blame(spec, mlwasm_format("shape is %s", shape_text(wanted)));
    }
    size_t places;
    if (!mlwasm_shape_count(wanted, &places) || places != leaves.count) {
        return blame(spec, mlwasm_format("shape %s does not hold the %zu elements of `data`", shape_text(wanted),
                                         leaves.count));
    }
    return fill(spec, wanted, &leaves, tensor);
}

mlwasm_error mlwasm_typed_input(const mlwasm_tensor_spec *spec, yyjson_val *given, const char *const *known,
                                mlwasm_tensor *tensor) {
    if (!yyjson_is_obj(given)) {
        return read_data(spec, NULL, given, tensor);
    }
    size_t at, count;
    yyjson_val *key, *member;
    yyjson_obj_foreach(given, at, count, key, member) {
        const char *const *name = known;
        while (*name != NULL && !yyjson_equals_str(key, *name)) {
            name++;
        }
        if (*name == NULL) {
            return blame(spec, mlwasm_format("unknown member `%s`", yyjson_get_str(key)));
        }
    }
    yyjson_val *found = yyjson_obj_get(given, "datatype");
    if (found != NULL && !yyjson_equals_str(found, mlwasm_datatype(spec->element))) {
        return blame(spec, mlwasm_format("datatype is %s", excerpt(found)));
    }
    yyjson_val *data = yyjson_obj_get(given, "data");
    if (data == NULL) {
        return blame(spec, "`data` is missing");
    }
    yyjson_val *sizes = yyjson_obj_get(given, "shape");
    if (sizes == NULL) {
        return read_data(spec, NULL, data, tensor);
    }
    mlwasm_shape shape;
    if (!read_shape(sizes, &shape)) {
        return blame(spec, mlwasm_format("shape is %s", excerpt(sizes)));
    }
    return read_data(spec, &shape, data, tensor);
}
