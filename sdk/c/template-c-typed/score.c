/* {{name}}: rows of four measurements in, the class of each out. */
#include <mlwasm.h>

static mlwasm_model model;

/* What clients are told. The platform holds requests to it, and answers too; -1 is any size. */
static const mlwasm_tensor_spec inputs[] = {
    {"rows", MLWASM_FLOAT32, (const int64_t[]){-1, 4}, 2},
};
static const mlwasm_tensor_spec outputs[] = {
    {"label", MLWASM_INT64, (const int64_t[]){-1}, 1},
};

/* Runs once, when the deployment is made or changed. An error keeps it from serving. */
static mlwasm_error init(void) {
    return mlwasm_model_open("model", &model);
}

static mlwasm_signature describe(void) {
    return MLWASM_SIGNATURE(inputs, outputs);
}

/* Runs for every request: {"inputs": {"rows": [[5.1, 3.5, 1.4, 0.2]]}}, or the same over the Open Inference Protocol. */
static mlwasm_error infer(const mlwasm_tensors *given, mlwasm_tensors *answer) {
    mlwasm_tensor rows = given->tensors[0];
    if (rows.shape.sizes[0] == 0) {
        return mlwasm_bad_request("rows is empty, expected at least one row of 4 numbers");
    }
    /* The model knows it by another name. */
    rows.name = "input";
    mlwasm_tensors found;
    const mlwasm_tensor *label;
    MLWASM_TRY(mlwasm_model_infer(model, &rows, 1, &found));
    MLWASM_TRY(mlwasm_tensors_get(&found, "label", &label));
    *answer = (mlwasm_tensors){label, 1};
    return MLWASM_OK;
}

MLWASM_TENSOR_SCORER(init, mlwasm_run_tensors, describe, infer)
