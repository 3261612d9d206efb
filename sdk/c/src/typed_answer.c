/* What a typed scorer answers in JSON: every output with its datatype, shape and elements. */
#include <math.h>
#include <string.h>

#include "typed.h"

/* As few digits as tell a float from its neighbours: 0.1, not 0.10000000149. */
static yyjson_mut_val *single(yyjson_mut_doc *document, float value) {
    if (isfinite(value)) {
        return yyjson_mut_float(document, value);
    }
    return yyjson_mut_str(document, isnan(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
}

static yyjson_mut_val *real(yyjson_mut_doc *document, double value) {
    return isfinite(value) ? yyjson_mut_double(document, value) : single(document, (float)value);
}

static yyjson_mut_val *float16(yyjson_mut_doc *document, uint16_t half) {
    return single(document, mlwasm_float16_to_float(half));
}

static yyjson_mut_val *bfloat16(yyjson_mut_doc *document, uint16_t half) {
    return single(document, mlwasm_bfloat16_to_float(half));
}

#define TELL(suffix, type, make)                                       \
    {                                                                  \
        const type *values;                                            \
        MLWASM_TRY(mlwasm_read_##suffix(tensor, &values, &count));     \
        for (size_t at = 0; at < count; at++) {                        \
            yyjson_mut_arr_append(data, make(document, values[at]));   \
        }                                                              \
        return MLWASM_OK;                                              \
    }

static mlwasm_error add_texts(const mlwasm_tensor *tensor, yyjson_mut_doc *document, yyjson_mut_val *data) {
    const mlwasm_bytes *texts;
    size_t count;
    MLWASM_TRY(mlwasm_read_bytes(tensor, &texts, &count));
    for (size_t at = 0; at < count; at++) {
        if (mlwasm_text_valid_up_to(texts[at].data, texts[at].length) < texts[at].length) {
            return mlwasm_internal_at(NULL, 0, "element %zu of tensor `%s` is not UTF-8", at, tensor->name);
        }
        yyjson_mut_arr_append(data, yyjson_mut_strncpy(document, (const char *)texts[at].data, texts[at].length));
    }
    return MLWASM_OK;
}

static mlwasm_error add_elements(const mlwasm_tensor *tensor, yyjson_mut_doc *document, yyjson_mut_val *data) {
    size_t count;
    switch (tensor->element) {
    case MLWASM_BOOLEAN: TELL(boolean, bool, yyjson_mut_bool)
    case MLWASM_UINT8: TELL(uint8, uint8_t, yyjson_mut_uint)
    case MLWASM_INT8: TELL(int8, int8_t, yyjson_mut_sint)
    case MLWASM_UINT16: TELL(uint16, uint16_t, yyjson_mut_uint)
    case MLWASM_INT16: TELL(int16, int16_t, yyjson_mut_sint)
    case MLWASM_UINT32: TELL(uint32, uint32_t, yyjson_mut_uint)
    case MLWASM_INT32: TELL(int32, int32_t, yyjson_mut_sint)
    case MLWASM_UINT64: TELL(uint64, uint64_t, yyjson_mut_uint)
    case MLWASM_INT64: TELL(int64, int64_t, yyjson_mut_sint)
    case MLWASM_FLOAT16: TELL(float16, uint16_t, float16)
    case MLWASM_BFLOAT16: TELL(bfloat16, uint16_t, bfloat16)
    case MLWASM_FLOAT32: TELL(float32, float, single)
    case MLWASM_FLOAT64: TELL(float64, double, real)
    case MLWASM_BYTES: return add_texts(tensor, document, data);
    }
    return mlwasm_internal_at(NULL, 0, "tensor `%s` has no element type", tensor->name);
}
#undef TELL

static mlwasm_error add_members(const mlwasm_tensor *tensor, yyjson_mut_doc *document, yyjson_mut_val *output) {
    yyjson_mut_obj_add_str(document, output, "datatype", mlwasm_datatype(tensor->element));
    yyjson_mut_val *shape = yyjson_mut_obj_add_arr(document, output, "shape");
    for (size_t at = 0; at < tensor->shape.rank; at++) {
        yyjson_mut_arr_add_uint(document, shape, tensor->shape.sizes[at]);
    }
    return add_elements(tensor, document, yyjson_mut_obj_add_arr(document, output, "data"));
}

static const mlwasm_tensor *find(const mlwasm_tensors *outputs, const char *name) {
    for (size_t at = 0; at < outputs->count; at++) {
        if (strcmp(outputs->tensors[at].name, name) == 0) {
            return &outputs->tensors[at];
        }
    }
    return NULL;
}

static mlwasm_error add_protocol(const mlwasm_tensors *outputs, const struct mlwasm_asked *asked,
                                 yyjson_mut_doc *document, yyjson_mut_val *list) {
    size_t count = asked->output_count == 0 ? outputs->count : asked->output_count;
    for (size_t at = 0; at < count; at++) {
        const char *name = asked->output_count == 0 ? outputs->tensors[at].name : asked->outputs[at];
        const mlwasm_tensor *tensor = find(outputs, name);
        if (tensor == NULL) {
            return mlwasm_bad_request("no output `%s`", name);
        }
        yyjson_mut_val *output = yyjson_mut_arr_add_obj(document, list);
        yyjson_mut_obj_add_str(document, output, "name", name);
        MLWASM_TRY(add_members(tensor, document, output));
    }
    return MLWASM_OK;
}

mlwasm_error mlwasm_typed_answer(const mlwasm_tensors *outputs, const struct mlwasm_asked *asked, const char *deployment,
                                 mlwasm_response *response) {
    yyjson_mut_doc *document = mlwasm_json_document();
    yyjson_mut_val *root = yyjson_mut_obj(document);
    yyjson_mut_doc_set_root(document, root);
    if (asked->is_protocol) {
        yyjson_mut_obj_add_str(document, root, "model_name", deployment);
        if (asked->id != NULL) {
            yyjson_mut_obj_add_str(document, root, "id", asked->id);
        }
        MLWASM_TRY(add_protocol(outputs, asked, document, yyjson_mut_obj_add_arr(document, root, "outputs")));
        return mlwasm_respond_json(response, document);
    }
    yyjson_mut_val *named = yyjson_mut_obj_add_obj(document, root, "outputs");
    for (size_t at = 0; at < outputs->count; at++) {
        const mlwasm_tensor *tensor = &outputs->tensors[at];
        MLWASM_TRY(add_members(tensor, document, yyjson_mut_obj_add_obj(document, named, tensor->name)));
    }
    return mlwasm_respond_json(response, document);
}
