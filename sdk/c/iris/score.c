/*
 * The iris scorer: measurements of flowers in, species and probabilities out.
 *
 *     {"data": [[5.1, 3.5, 1.4, 0.2]]}
 *     {"predictions": [{"class": "setosa", "probabilities": {"setosa": 0.98, "versicolor": 0.02, "virginica": 0.0}}]}
 *
 * If the deployment sets MODEL_LABEL, such as iris-2, every answer carries it: then an answer tells which model gave it.
 */
#include <math.h>
#include <mlwasm.h>
#include <stdlib.h>
#include <string.h>

#define WANTED "4 numbers (sepal length, sepal width, petal length, petal width)"

static const char *const classes[] = {"setosa", "versicolor", "virginica"};

static mlwasm_model model;

static mlwasm_error init(void) {
    return mlwasm_model_open("model", &model);
}

static mlwasm_error read_row(size_t row, yyjson_val *flower, float *measurements) {
    if (!yyjson_is_arr(flower)) {
        return mlwasm_bad_request("data[%zu] is %s, expected " WANTED, row, mlwasm_json_text(flower));
    }
    if (yyjson_arr_size(flower) != 4) {
        return mlwasm_bad_request("data[%zu] has %zu elements, expected " WANTED, row, yyjson_arr_size(flower));
    }
    size_t column, count;
    yyjson_val *number;
    yyjson_arr_foreach(flower, column, count, number) {
        float measurement = (float)yyjson_get_num(number);
        if (!yyjson_is_num(number) || !isfinite(measurement)) {
            return mlwasm_bad_request("data[%zu][%zu] is %s, expected a number", row, column,
                                      mlwasm_json_text(number));
        }
        measurements[column] = measurement;
    }
    return MLWASM_OK;
}

/* Reads the flowers: at least one. */
static mlwasm_error read_flowers(const mlwasm_request *request, float **measurements, size_t *rows) {
    yyjson_val *body;
    MLWASM_TRY(mlwasm_request_json(request, &body));
    yyjson_val *data = yyjson_obj_get(body, "data");
    if (!yyjson_is_arr(data) || yyjson_obj_size(body) != 1) {
        return mlwasm_bad_request("the body is not valid: expected {\"data\": [[…], …]}");
    }
    *rows = yyjson_arr_size(data);
    if (*rows == 0) {
        return mlwasm_bad_request("data is empty, expected at least one row of " WANTED);
    }
    *measurements = mlwasm_alloc_array(*rows, 4 * sizeof(float));
    size_t row, count;
    yyjson_val *flower;
    yyjson_arr_foreach(data, row, count, flower) {
        MLWASM_TRY(read_row(row, flower, *measurements + 4 * row));
    }
    return MLWASM_OK;
}

static double to_six_decimals(double probability) {
    return round(probability * 1e6) / 1e6;
}

static mlwasm_error add_predictions(yyjson_mut_doc *answer, const mlwasm_tensors *outputs, size_t rows) {
    const mlwasm_tensor *label, *probability;
    const int64_t *labels;
    const float *probabilities;
    size_t label_count, probability_count;
    MLWASM_TRY(mlwasm_tensors_get(outputs, "label", &label));
    MLWASM_TRY(mlwasm_tensors_get(outputs, "probabilities", &probability));
    MLWASM_TRY(mlwasm_read_int64(label, &labels, &label_count));
    MLWASM_TRY(mlwasm_read_float32(probability, &probabilities, &probability_count));
    if (label_count != rows || probability_count != 3 * rows) {
        return mlwasm_internal("for %zu rows the model gave %zu labels and %zu × 3 probabilities", rows, label_count,
                               probability_count / 3);
    }
    yyjson_mut_val *predictions = yyjson_mut_obj_add_arr(answer, yyjson_mut_doc_get_root(answer), "predictions");
    for (size_t row = 0; row < rows; row++) {
        if (labels[row] < 0 || labels[row] > 2) {
            return mlwasm_internal("the model gave label %lld, expected 0 to 2", (long long)labels[row]);
        }
        yyjson_mut_val *prediction = yyjson_mut_arr_add_obj(answer, predictions);
        yyjson_mut_obj_add_str(answer, prediction, "class", classes[labels[row]]);
        yyjson_mut_val *of_class = yyjson_mut_obj_add_obj(answer, prediction, "probabilities");
        for (size_t class = 0; class < 3; class++) {
            double rounded = to_six_decimals(probabilities[3 * row + class]);
            yyjson_mut_obj_add_real(answer, of_class, classes[class], rounded);
        }
    }
    return MLWASM_OK;
}

static mlwasm_error run(const mlwasm_request *request, mlwasm_response *response) {
    float *measurements;
    size_t rows;
    MLWASM_TRY(read_flowers(request, &measurements, &rows));

    mlwasm_tensor input;
    mlwasm_tensors outputs;
    MLWASM_TRY(mlwasm_tensor_float32(&input, "input", MLWASM_SHAPE((uint32_t)rows, 4), measurements, 4 * rows));
    MLWASM_TRY(mlwasm_model_infer(model, &input, 1, &outputs));

    yyjson_mut_doc *answer = mlwasm_json_document();
    yyjson_mut_doc_set_root(answer, yyjson_mut_obj(answer));
    MLWASM_TRY(add_predictions(answer, &outputs, rows));
    const char *model_label = getenv("MODEL_LABEL");
    if (model_label != NULL) {
        yyjson_mut_obj_add_str(answer, yyjson_mut_doc_get_root(answer), "model", model_label);
    }
    return mlwasm_respond_json(response, answer);
}

MLWASM_SCORER(init, run)
