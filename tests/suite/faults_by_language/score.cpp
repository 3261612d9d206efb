// Fails as `?fault=` says, or in init as the variable `FAULT` does. What follows `fault:` in a comment is the name of that line.
#include <cstdlib>
#include <mlwasm.hpp>
#include <string_view>
#include <vector>

using mlwasm::Request, mlwasm::Response, mlwasm::Result;

struct Faulty {
    std::vector<int> numbers;

    static Result<Faulty> init() {
        if (std::getenv("FAULT") != nullptr) {
            std::abort(); // fault: init
        }
        return Faulty{{1, 2, 3}};
    }

    Result<Response> run(const Request &request) {
        std::string_view fault = request.query("fault").value_or("");
        if (fault == "abort") {
            std::abort(); // fault: abort
        }
        if (fault == "range") {
            return Response::text(std::to_string(numbers.at(7))); // fault: range
        }
        return Response::text("fine");
    }
};

MLWASM_SCORER_CLASS(Faulty)
