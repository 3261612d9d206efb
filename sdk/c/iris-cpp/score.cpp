// The iris scorer: measurements of flowers in, species and probabilities out.
//
//     {"data": [[5.1, 3.5, 1.4, 0.2]]}
//     {"predictions": [{"class": "setosa", "probabilities": {"setosa": 0.98, "versicolor": 0.02, "virginica": 0.0}}]}
//
// If the deployment sets MODEL_LABEL, such as iris-2, every answer carries it: then an answer tells which model gave it.
#include <cmath>
#include <cstdlib>
#include <mlwasm.hpp>

using mlwasm::Json, mlwasm::JsonNode, mlwasm::Result, mlwasm::Response, mlwasm::Tensor, mlwasm::Tensors;

static constexpr std::string_view wanted = "4 numbers (sepal length, sepal width, petal length, petal width)";
static constexpr std::string_view classes[] = {"setosa", "versicolor", "virginica"};

// Appends the four measurements of one flower.
static Result<void> read_row(size_t row, Json flower, std::vector<float> &measurements) {
    if (!flower.is_array()) {
        return mlwasm::bad_request("data[", row, "] is ", flower.dump(), ", expected ", wanted);
    }
    if (flower.size() != 4) {
        return mlwasm::bad_request("data[", row, "] has ", flower.size(), " elements, expected ", wanted);
    }
    size_t column = 0;
    for (Json number : flower.elements()) {
        float measurement = static_cast<float>(number.number().value_or(NAN));
        if (!std::isfinite(measurement)) {
            return mlwasm::bad_request("data[", row, "][", column, "] is ", number.dump(), ", expected a number");
        }
        measurements.push_back(measurement);
        column++;
    }
    return {};
}

// Reads the flowers: at least one.
static Result<std::vector<float>> read_flowers(const mlwasm::Request &request) {
    MLWASM_LET(body, request.json());
    Json data = body["data"];
    if (!data.is_array() || body.size() != 1) {
        return mlwasm::bad_request("the body is not valid: expected {\"data\": [[…], …]}");
    }
    if (data.size() == 0) {
        return mlwasm::bad_request("data is empty, expected at least one row of ", wanted);
    }
    std::vector<float> measurements;
    measurements.reserve(4 * data.size());
    size_t row = 0;
    for (Json flower : data.elements()) {
        if (auto read = read_row(row++, flower, measurements); !read) {
            return std::unexpected(read.error());
        }
    }
    return measurements;
}

static double to_six_decimals(double probability) {
    return std::round(probability * 1e6) / 1e6;
}

static Result<void> add_predictions(JsonNode predictions, const Tensors &outputs, size_t rows) {
    MLWASM_LET(label, outputs.get("label"));
    MLWASM_LET(probability, outputs.get("probabilities"));
    MLWASM_LET(labels, label.values<int64_t>());
    MLWASM_LET(probabilities, probability.values<float>());
    if (labels.size() != rows || probabilities.size() != 3 * rows) {
        return mlwasm::internal("for ", rows, " rows the model gave ", labels.size(), " labels and ",
                                probabilities.size() / 3, " × 3 probabilities");
    }
    for (size_t row = 0; row < rows; row++) {
        if (labels[row] < 0 || labels[row] > 2) {
            return mlwasm::internal("the model gave label ", labels[row], ", expected 0 to 2");
        }
        JsonNode prediction = predictions.add_object();
        prediction.set("class", classes[labels[row]]);
        JsonNode of_class = prediction.set_object("probabilities");
        for (size_t one = 0; one < 3; one++) {
            of_class.set(classes[one], to_six_decimals(probabilities[3 * row + one]));
        }
    }
    return {};
}

struct Iris {
    mlwasm::Model model;
    std::optional<std::string> model_label;

    static Result<Iris> init() {
        MLWASM_LET(model, mlwasm::Model::open("model"));
        const char *label = std::getenv("MODEL_LABEL");
        return Iris{model, label == nullptr ? std::nullopt : std::optional<std::string>(label)};
    }

    Result<Response> run(const mlwasm::Request &request) {
        MLWASM_LET(measurements, read_flowers(request));
        size_t rows = measurements.size() / 4;
        MLWASM_LET(input, Tensor::of("input", {rows, 4}, measurements));
        MLWASM_LET(outputs, model.infer({input}));

        JsonNode answer = mlwasm::json_object();
        if (auto added = add_predictions(answer.set_array("predictions"), outputs, rows); !added) {
            return std::unexpected(added.error());
        }
        if (model_label) {
            answer.set("model", *model_label);
        }
        return Response::json(answer);
    }
};

MLWASM_SCORER_CLASS(Iris)
