/* {{name}}: answers what its model says about rows of numbers. */
#include <mlwasm.h>

static mlwasm_model model;

static mlwasm_error init(void) {
    return mlwasm_model_open("model", &model);
}

static mlwasm_error run(const mlwasm_request *request, mlwasm_response *response) {
    /* {"data": [1.5, 2, …]}: one row. */
    yyjson_val *body;
    MLWASM_TRY(mlwasm_request_json(request, &body));
    yyjson_val *data = yyjson_obj_get(body, "data");
    size_t width = yyjson_arr_size(data), column, count;
    if (width == 0) {
        return mlwasm_bad_request("expected {\"data\": [numbers]}");
    }
    float *numbers = mlwasm_alloc_array(width, sizeof *numbers);
    yyjson_val *number;
    yyjson_arr_foreach(data, column, count, number) {
        if (!yyjson_is_num(number)) {
            return mlwasm_bad_request("data[%zu] is %s, expected a number", column, mlwasm_json_text(number));
        }
        numbers[column] = (float)yyjson_get_num(number);
    }

    /* The model's first input gets the row, its first output is the answer. */
    mlwasm_tensor input;
    mlwasm_tensors outputs;
    const char *name = mlwasm_model_inputs(model).specs[0].name;
    MLWASM_TRY(mlwasm_tensor_float32(&input, name, MLWASM_SHAPE(1, (uint32_t)width), numbers, width));
    MLWASM_TRY(mlwasm_model_infer(model, &input, 1, &outputs));
    const int64_t *labels;
    MLWASM_TRY(mlwasm_read_int64(&outputs.tensors[0], &labels, &count));

    yyjson_mut_doc *answer = mlwasm_json_document();
    yyjson_mut_doc_set_root(answer, yyjson_mut_arr_with_sint64(answer, labels, count));
    return mlwasm_respond_json(response, answer);
}

MLWASM_SCORER(init, run)
