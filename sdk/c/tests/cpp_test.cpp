// The layer for C++ against the fake host: what it adds to the library for C.
#include <mlwasm.hpp>

#include "../testing/fake_host.h"
#include "check.h"

using mlwasm::Result, mlwasm::Response, mlwasm::Tensor;

static Result<Response> (*script)(const mlwasm::Request &request);

struct Scripted {
    std::string kept;
    static Result<Scripted> init() { return Scripted{"kept for ever, in memory of its own"}; }
    Result<Response> run(const mlwasm::Request &request) { return script(request); }
};

MLWASM_SCORER_CLASS(Scripted)

static void expect(const char *body, int status, const char *wanted) {
    mlwasm_fake_answer answer = mlwasm_fake_post(body);
    CHECK_TEXT(answer.body, wanted);
    CHECK(answer.status == status);
    mlwasm_fake_end_call();
}

static Result<Response> sum(const mlwasm::Request &request) {
    MLWASM_LET(body, request.json());
    double sum = 0;
    for (mlwasm::Json one : body["data"].elements()) {
        auto number = one.number();
        if (!number) {
            return mlwasm::bad_request("data is ", body["data"].dump(), ", expected ", 2, " numbers");
        }
        sum += *number;
    }
    mlwasm::JsonNode answer = mlwasm::json_object();
    answer.set("sum", sum).set("name", "näh").set("whole", body["n"].integer().value_or(-1)).set("is", true);
    answer.set_array("list").add(1).add(2.5).add("x").add(nullptr);
    MLWASM_LET(response, Response::json(answer));
    return std::move(response).with_status(201).with_header("x-one", std::string("1"));
}

static void json_is_read_and_made() {
    script = sum;
    expect(R"({"data": [1, 2.5], "n": 7})", 201,
           R"({"sum":3.5,"name":"näh","whole":7,"is":true,"list":[1,2.5,"x",null]})");
    expect(R"({"n": 1.0})", 201, R"({"sum":0.0,"name":"näh","whole":-1,"is":true,"list":[1,2.5,"x",null]})");
    expect(R"({"data": [1, "x"]})", 400, R"(data is [1,"x"], expected 2 numbers)");
    expect("{", 400, "the body is not valid: unexpected end of data at line 1 column 2");
}

template <class T> static void round_trip(mlwasm_element element, std::vector<T> values) {
    auto tensor = Tensor::of("x", {values.size(), 1}, std::span<const T>(values));
    CHECK(tensor && tensor->element() == element && tensor->shape().size() == 2);
    auto found = tensor->template values<T>();
    CHECK(found && found->size() == values.size() && std::memcmp(found->data(), values.data(), found->size_bytes()) == 0);
    CHECK(!Tensor::of("x", {values.size() + 1}, std::span<const T>(values)));
    CHECK(!Tensor::of("x", {size_t(UINT32_MAX) + 1, size_t(UINT32_MAX) + 1}, std::span<const T>(values)));
}

static void tensors_of_every_type_come_back() {
    round_trip<uint8_t>(MLWASM_UINT8, {1, 2});
    round_trip<int8_t>(MLWASM_INT8, {1, -2});
    round_trip<uint16_t>(MLWASM_UINT16, {1, 2});
    round_trip<int16_t>(MLWASM_INT16, {1, -2});
    round_trip<uint32_t>(MLWASM_UINT32, {1, 2});
    round_trip<int32_t>(MLWASM_INT32, {1, -2});
    round_trip<uint64_t>(MLWASM_UINT64, {1, 2});
    round_trip<int64_t>(MLWASM_INT64, {1, -2});
    round_trip<mlwasm::Float16>(MLWASM_FLOAT16, {mlwasm::Float16::from(1)});
    round_trip<mlwasm::BFloat16>(MLWASM_BFLOAT16, {mlwasm::BFloat16::from(1)});
    round_trip<float>(MLWASM_FLOAT32, {1, 2.5});
    round_trip<double>(MLWASM_FLOAT64, {1, 2.5});
    bool flags[] = {true, false};
    auto booleans = Tensor::of("x", {2}, std::span<const bool>(flags));
    CHECK(booleans && (*booleans->values<bool>())[0] && !booleans->values<float>());
    std::string_view words[] = {"ja", "", "näh"};
    auto strings = Tensor::strings("x", {3}, words);
    CHECK(strings && (*strings->strings())[2] == "näh");
}

int main() {
    CHECK(mlwasm_fake_init() == nullptr);
    json_is_read_and_made();
    tensors_of_every_type_come_back();
    CHECK(mlwasm::Served<Scripted>::scorer->kept == "kept for ever, in memory of its own");
    puts("cpp_test: ok");
}
