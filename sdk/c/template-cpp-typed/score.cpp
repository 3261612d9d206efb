// {{name}}: rows of four measurements in, the class of each out.
#include <mlwasm.hpp>

using mlwasm::Model, mlwasm::Result, mlwasm::Tensor, mlwasm::Tensors;

// What clients are told. The platform holds requests to it, and answers too; -1 is any size.
static const int64_t rows_shape[] = {-1, 4}, label_shape[] = {-1};
static const mlwasm_tensor_spec inputs[] = {{"rows", MLWASM_FLOAT32, rows_shape, 2}};
static const mlwasm_tensor_spec outputs[] = {{"label", MLWASM_INT64, label_shape, 1}};

struct Scorer {
    Model model;

    // Runs once, when the deployment is made or changed. An error keeps it from serving.
    static Result<Scorer> init() {
        MLWASM_LET(model, Model::open("model"));
        return Scorer{model};
    }

    mlwasm_signature describe() { return MLWASM_SIGNATURE(inputs, outputs); }

    // Runs for every request: {"inputs": {"rows": [[5.1, 3.5, 1.4, 0.2]]}}, or the same over the Open Inference Protocol.
    Result<Tensors> infer(Tensors given) {
        Tensor rows = given[0];
        if (rows.shape()[0] == 0) {
            return mlwasm::bad_request("rows is empty, expected at least one row of 4 numbers");
        }
        MLWASM_LET(found, model.infer({rows.renamed("input")}));
        MLWASM_LET(label, found.get("label"));
        return Tensors::of({label});
    }
};

MLWASM_TENSOR_SCORER_CLASS(Scorer)
