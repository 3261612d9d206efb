// {{name}}: answers what its model says about rows of numbers.
#include <mlwasm.hpp>

using mlwasm::Json, mlwasm::Model, mlwasm::Request, mlwasm::Response, mlwasm::Result, mlwasm::Tensor;

struct Scorer {
    Model model;
    std::string input_name;

    static Result<Scorer> init() {
        MLWASM_LET(model, Model::open("model"));
        return Scorer{model, model.inputs()[0].name};
    }

    // {"data": [1.5, 2, …]}: one row.
    Result<Response> run(const Request &request) {
        MLWASM_LET(body, request.json());
        std::vector<float> numbers;
        for (Json one : body["data"].elements()) {
            auto number = one.number();
            if (!number) {
                return mlwasm::bad_request("data[", numbers.size(), "] is ", one.dump(), ", expected a number");
            }
            numbers.push_back(static_cast<float>(*number));
        }
        if (numbers.empty()) {
            return mlwasm::bad_request("expected {\"data\": [numbers]}");
        }

        // The model's first input gets the row, its first output is the answer.
        MLWASM_LET(input, Tensor::of(input_name.c_str(), {1, numbers.size()}, numbers));
        MLWASM_LET(outputs, model.infer({input}));
        MLWASM_LET(labels, outputs[0].values<int64_t>());
        auto answer = mlwasm::json_array();
        for (int64_t label : labels) {
            answer.add(label);
        }
        return Response::json(answer);
    }
};

MLWASM_SCORER_CLASS(Scorer)
