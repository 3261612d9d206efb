/* The iris scorer against the fake host: the same test for score.c and score.cpp, by what they answer. */
#include "../testing/fake_host.h"
#include "check.h"

static const int64_t flowers[] = {-1, 4}, labels[] = {-1}, probabilities[] = {-1, 3};
static const mlwasm_tensor_spec input_specs[] = {{"input", MLWASM_FLOAT32, flowers, 2}};
static const mlwasm_tensor_spec output_specs[] = {{"label", MLWASM_INT64, labels, 1},
                                                  {"probabilities", MLWASM_FLOAT32, probabilities, 2}};

/* Calls every flower by the integer in its first measurement. */
static mlwasm_error first_measurement_decides(const mlwasm_tensors *inputs, mlwasm_tensors *outputs) {
    const float *measurements;
    size_t count;
    MLWASM_TRY(mlwasm_read_float32(&inputs->tensors[0], &measurements, &count));
    size_t rows = count / 4;
    int64_t *label = (int64_t *)mlwasm_alloc_array(rows, sizeof *label);
    float *probability = (float *)mlwasm_alloc_array(rows, 3 * sizeof *probability);
    for (size_t row = 0; row < rows; row++) {
        label[row] = (int64_t)measurements[4 * row];
        probability[3 * row] = 0.25f;
        probability[3 * row + 1] = 0.5f;
        probability[3 * row + 2] = 0.2500004f;
    }
    uint32_t one[] = {(uint32_t)rows}, two[] = {(uint32_t)rows, 3};
    mlwasm_shape column = {one, 1}, table = {two, 2};
    mlwasm_tensor *made = (mlwasm_tensor *)mlwasm_alloc_array(2, sizeof *made);
    MLWASM_TRY(mlwasm_tensor_int64(&made[0], "label", column, label, rows));
    MLWASM_TRY(mlwasm_tensor_float32(&made[1], "probabilities", table, probability, 3 * rows));
    outputs->tensors = made;
    outputs->count = 2;
    return MLWASM_OK;
}

static void expect(const char *body, int status, const char *wanted) {
    mlwasm_fake_answer answer = mlwasm_fake_post(body);
    CHECK_TEXT(answer.body, wanted);
    CHECK(answer.status == status);
    mlwasm_fake_end_call();
}

int main(void) {
    CHECK(mlwasm_fake_init() != NULL);
    mlwasm_specs inputs = {input_specs, 1}, outputs = {output_specs, 2};
    mlwasm_fake_model("model", inputs, outputs, first_measurement_decides);
    CHECK(mlwasm_fake_init() == NULL);

    expect("{\"data\": [[1, 0, 0, 0]]}", 200,
           "{\"predictions\":[{\"class\":\"versicolor\",\"probabilities\":"
           "{\"setosa\":0.25,\"versicolor\":0.5,\"virginica\":0.25}}]}");
    expect("{\"data\": [[3, 0, 0, 0]]}", 424, "the model gave label 3, expected 0 to 2");
    expect("{\"data\": [[1, 2, 3, 1e39]]}", 400, "data[0][3] is 1e+39, expected a number");
    expect("{\"data\": [7]}", 400,
           "data[0] is 7, expected 4 numbers (sepal length, sepal width, petal length, petal width)");
    puts("iris_test: ok");
    return 0;
}
