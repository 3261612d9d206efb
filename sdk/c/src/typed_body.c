/*
 * Requests in JSON, for typed scorers: which input gets which part of the body. All SDKs word mistakes alike.
 *
 *     {"inputs": {"x": [[5.1, 3.5], [6.2, 2.9]]}}
 *     {"inputs": {"x": {"shape": [2, 2], "data": [5.1, 3.5, 6.2, 2.9]}}}
 *     {"data": [[5.1, 3.5], [6.2, 2.9]]}
 *     {"inputs": [{"name": "x", "datatype": "FP32", "shape": [2, 2], "data": [5.1, 3.5, 6.2, 2.9]}]}
 */
#include <string.h>

#include "typed.h"

static const char *const plain_members[] = {"shape", "data", "datatype", NULL};
static const char *const protocol_members[] = {"name", "shape", "datatype", "parameters", "data", NULL};

/* Every refusal tells what the scorer takes: the client may have nothing else to read. */
static mlwasm_error refuse(mlwasm_specs specs, const char *reason) {
    const char *inputs = "";
    for (size_t at = 0; at < specs.count; at++) {
        const mlwasm_tensor_spec *spec = &specs.specs[at];
        inputs = mlwasm_format("%s%s\"%s\": %s", inputs, at == 0 ? "" : ", ", spec->name, mlwasm_typed_wanted(spec));
    }
    return mlwasm_bad_request("%s, expected {\"inputs\": {%s}}", reason, inputs);
}

static size_t place_of(mlwasm_specs specs, const char *name) {
    size_t at = 0;
    while (at < specs.count && strcmp(specs.specs[at].name, name) != 0) {
        at++;
    }
    return at;
}

/* Reads an input of this name, of which there may be one. */
static mlwasm_error read_one(mlwasm_specs specs, const char *name, yyjson_val *given, const char *const *known,
                             mlwasm_tensor *inputs) {
    size_t at = place_of(specs, name);
    if (at == specs.count) {
        return refuse(specs, mlwasm_format("unknown input `%s`", name));
    }
    if (inputs[at].name != NULL) {
        return refuse(specs, mlwasm_format("input `%s` is given twice", name));
    }
    return mlwasm_typed_input(&specs.specs[at], given, known, &inputs[at]);
}

static mlwasm_error check_all_are_given(mlwasm_specs specs, const mlwasm_tensor *inputs) {
    for (size_t at = 0; at < specs.count; at++) {
        if (inputs[at].name == NULL) {
            return refuse(specs, mlwasm_format("input `%s` is missing", specs.specs[at].name));
        }
    }
    return MLWASM_OK;
}

static mlwasm_error read_named(yyjson_val *given, mlwasm_specs specs, mlwasm_tensor *inputs) {
    size_t at, count;
    yyjson_val *name, *input;
    yyjson_obj_foreach(given, at, count, name, input) {
        MLWASM_TRY(read_one(specs, yyjson_get_str(name), input, plain_members, inputs));
    }
    return check_all_are_given(specs, inputs);
}

static mlwasm_error read_asked(yyjson_val *body, struct mlwasm_asked *asked) {
    yyjson_val *outputs = yyjson_obj_get(body, "outputs");
    *asked = (struct mlwasm_asked){.is_protocol = true, .id = yyjson_get_str(yyjson_obj_get(body, "id"))};
    asked->outputs = mlwasm_alloc_array(yyjson_arr_size(outputs), sizeof *asked->outputs);
    bool is_right = outputs == NULL || yyjson_is_arr(outputs);
    size_t at, count;
    yyjson_val *output;
    yyjson_arr_foreach(outputs, at, count, output) {
        const char *name = yyjson_get_str(yyjson_obj_get(output, "name"));
        is_right = is_right && name != NULL;
        asked->outputs[asked->output_count++] = name;
    }
    return is_right ? MLWASM_OK : mlwasm_bad_request("`outputs` is no array of named outputs");
}

static mlwasm_error read_protocol(yyjson_val *given, mlwasm_specs specs, mlwasm_tensor *inputs) {
    size_t at, count;
    yyjson_val *input;
    yyjson_arr_foreach(given, at, count, input) {
        const char *name = yyjson_get_str(yyjson_obj_get(input, "name"));
        if (name == NULL) {
            return refuse(specs, mlwasm_format("inputs[%zu] has no name", at));
        }
        MLWASM_TRY(read_one(specs, name, input, protocol_members, inputs));
    }
    return check_all_are_given(specs, inputs);
}

mlwasm_error mlwasm_typed_read(yyjson_val *body, mlwasm_specs specs, mlwasm_tensor *inputs, struct mlwasm_asked *asked) {
    memset(inputs, 0, specs.count * sizeof *inputs);
    *asked = (struct mlwasm_asked){0};
    if (!yyjson_is_obj(body)) {
        return refuse(specs, "the body is no JSON object");
    }
    yyjson_val *named = yyjson_obj_get(body, "inputs"), *data = yyjson_obj_get(body, "data");
    if (yyjson_is_arr(named)) {
        MLWASM_TRY(read_protocol(named, specs, inputs));
        return read_asked(body, asked);
    }
    size_t at, count;
    yyjson_val *key, *member;
    yyjson_obj_foreach(body, at, count, key, member) {
        if (!yyjson_equals_str(key, "inputs") && !yyjson_equals_str(key, "data")) {
            return refuse(specs, mlwasm_format("unknown member `%s`", yyjson_get_str(key)));
        }
    }
    if (named != NULL && data != NULL) {
        return refuse(specs, "the body has both `inputs` and `data`");
    }
    if (named == NULL && data == NULL) {
        return refuse(specs, "the body has neither `inputs` nor `data`");
    }
    if (data != NULL) {
        return specs.count == 1 ? mlwasm_typed_input(&specs.specs[0], data, plain_members, &inputs[0])
                                : refuse(specs, "`data` is for scorers of one input");
    }
    return yyjson_is_obj(named) ? read_named(named, specs, inputs) : refuse(specs, "`inputs` is no JSON object");
}

mlwasm_error mlwasm_run_tensors(const mlwasm_request *request, mlwasm_response *response) {
    yyjson_val *body;
    MLWASM_TRY(mlwasm_request_json(request, &body));
    mlwasm_specs specs = mlwasm_the_scorer.describe().inputs;
    mlwasm_tensor *inputs = mlwasm_alloc_array(specs.count, sizeof *inputs);
    struct mlwasm_asked asked;
    MLWASM_TRY(mlwasm_typed_read(body, specs, inputs, &asked));
    mlwasm_tensors given = {inputs, specs.count}, outputs = {NULL, 0};
    MLWASM_TRY(mlwasm_the_scorer.infer(&given, &outputs));
    return mlwasm_typed_answer(&outputs, &asked, request->deployment, response);
}
