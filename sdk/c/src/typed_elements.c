/* JSON's values to elements, without loss: what the element type can not hold is refused. */
#include <math.h>
#include <string.h>

#include "typed.h"

const char *mlwasm_datatype(mlwasm_element element) {
    static const char *const names[] = {
        [MLWASM_BOOLEAN] = "BOOL", [MLWASM_UINT8] = "UINT8",   [MLWASM_INT8] = "INT8",     [MLWASM_UINT16] = "UINT16",
        [MLWASM_INT16] = "INT16",  [MLWASM_UINT32] = "UINT32", [MLWASM_INT32] = "INT32",   [MLWASM_UINT64] = "UINT64",
        [MLWASM_INT64] = "INT64",  [MLWASM_FLOAT16] = "FP16",  [MLWASM_BFLOAT16] = "BF16", [MLWASM_FLOAT32] = "FP32",
        [MLWASM_FLOAT64] = "FP64", [MLWASM_BYTES] = "BYTES",
    };
    return names[element];
}

static bool is_within(yyjson_val *value, int64_t least, uint64_t most) {
    if (yyjson_is_uint(value)) {
        return yyjson_get_uint(value) <= most;
    }
    return yyjson_is_sint(value) && yyjson_get_sint(value) >= least;
}

/* A number, or one of the three strings that stand for those that JSON lacks. */
static bool read_real(yyjson_val *value, double *real) {
    if (yyjson_is_num(value)) {
        *real = yyjson_get_num(value);
        return true;
    }
    *real = yyjson_equals_str(value, "NaN") ? NAN : yyjson_equals_str(value, "Infinity") ? INFINITY : -INFINITY;
    return isnan(*real) || *real > 0 || yyjson_equals_str(value, "-Infinity");
}

/* A finite number that would become infinite does not fit. */
static bool fits(double wide, float narrow) {
    return !isinf(narrow) || isinf(wide);
}

static bool put_float(mlwasm_element element, void *data, size_t index, yyjson_val *value) {
    double wide;
    if (!read_real(value, &wide)) {
        return false;
    }
    uint16_t half;
    switch (element) {
    case MLWASM_FLOAT16:
        half = ((uint16_t *)data)[index] = mlwasm_float_to_float16((float)wide);
        return fits(wide, mlwasm_float16_to_float(half));
    case MLWASM_BFLOAT16:
        half = ((uint16_t *)data)[index] = mlwasm_float_to_bfloat16((float)wide);
        return fits(wide, mlwasm_bfloat16_to_float(half));
    case MLWASM_FLOAT32:
        ((float *)data)[index] = (float)wide;
        return fits(wide, (float)wide);
    default:
        ((double *)data)[index] = wide;
        return true;
    }
}

/* By type: whether the value is within the bounds, and if so its place in the data gets it. */
#define PUT(type, least, most)                                                                          \
    if (!is_within(value, least, most)) {                                                               \
        return false;                                                                                   \
    }                                                                                                   \
    ((type *)data)[index] = yyjson_is_uint(value) ? (type)yyjson_get_uint(value) : (type)yyjson_get_sint(value); \
    return true

bool mlwasm_typed_put(mlwasm_element element, void *data, size_t index, yyjson_val *value) {
    switch (element) {
    case MLWASM_BOOLEAN:
        ((bool *)data)[index] = yyjson_get_bool(value);
        return yyjson_is_bool(value);
    case MLWASM_UINT8: PUT(uint8_t, 0, UINT8_MAX);
    case MLWASM_INT8: PUT(int8_t, INT8_MIN, INT8_MAX);
    case MLWASM_UINT16: PUT(uint16_t, 0, UINT16_MAX);
    case MLWASM_INT16: PUT(int16_t, INT16_MIN, INT16_MAX);
    case MLWASM_UINT32: PUT(uint32_t, 0, UINT32_MAX);
    case MLWASM_INT32: PUT(int32_t, INT32_MIN, INT32_MAX);
    case MLWASM_UINT64: PUT(uint64_t, 0, UINT64_MAX);
    case MLWASM_INT64: PUT(int64_t, INT64_MIN, INT64_MAX);
    case MLWASM_FLOAT16:
    case MLWASM_BFLOAT16:
    case MLWASM_FLOAT32:
    case MLWASM_FLOAT64:
        return put_float(element, data, index, value);
    case MLWASM_BYTES:
        ((mlwasm_bytes *)data)[index] = (mlwasm_bytes){(const uint8_t *)yyjson_get_str(value), yyjson_get_len(value)};
        return yyjson_is_str(value);
    }
    return false;
}
#undef PUT
