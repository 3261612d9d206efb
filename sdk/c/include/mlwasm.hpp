/*
 * Write scorers for mlwasm in C++23, without exceptions and run-time type information.
 *
 *     struct Hello {
 *         static mlwasm::Result<Hello> init() { return Hello{}; }
 *         mlwasm::Result<mlwasm::Response> run(const mlwasm::Request &request) {
 *             return mlwasm::Response::text("hello");
 *         }
 *     };
 *
 *     MLWASM_SCORER_CLASS(Hello)
 *
 * A thin layer over mlwasm.h, and as there: what a call is given (spans, string views, JSON, errors) lives until the call
 * ends. Keep copies in the scorer's own members (`std::string`, `std::vector`), never views.
 */
#ifndef MLWASM_HPP
#define MLWASM_HPP

#include <cstdint>
#include <cstring>
#include <expected>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "mlwasm.h"

namespace mlwasm {

/* ---- Errors ---- */

/* Why something did not work, and whose fault it is. */
class Error {
public:
    explicit Error(mlwasm_error failure) : failure_(failure) {}
    std::string_view text() const { return mlwasm_error_text(failure_); }
    bool is_bad_request() const { return mlwasm_is_bad_request(failure_); }
    mlwasm_error failure() const { return failure_; }

private:
    mlwasm_error failure_;
};

template <class T> using Result = std::expected<T, Error>;

namespace detail {
inline void append(std::string &text, std::string_view part) {
    text += part;
}
template <class Number>
    requires std::is_arithmetic_v<Number>
void append(std::string &text, Number part) {
    text += std::to_string(part);
}
} // namespace detail

/* Texts and numbers, one after the other: concat("data[", row, "] is empty"). */
template <class... Parts> std::string concat(const Parts &...parts) {
    std::string text;
    (detail::append(text, parts), ...);
    return text;
}

/* The client's mistake, worded for the client: status 400. `return mlwasm::bad_request("data[", row, "] is empty");` */
template <class... Parts> std::unexpected<Error> bad_request(const Parts &...parts) {
    return std::unexpected(Error(mlwasm_bad_request("%s", concat(parts...).c_str())));
}

/* The scorer's fault, worded for its author: status 424. */
template <class... Parts> std::unexpected<Error> internal(const Parts &...parts) {
    return std::unexpected(Error(mlwasm_internal_at(nullptr, 0, "%s", concat(parts...).c_str())));
}

/* MLWASM_LET(body, request.json()): `body` is what the call gave, or the function returns its error. */
#define MLWASM_LET(name, ...)                                    \
    auto name##_or_error = (__VA_ARGS__);                        \
    if (!name##_or_error) {                                      \
        return std::unexpected(name##_or_error.error());         \
    }                                                            \
    auto &name = *name##_or_error

/* ---- JSON that is read ---- */

/* A value within a document that was read. Cheap to copy. One that is not there answers like null, and `exists` is false. */
class Json {
public:
    explicit Json(yyjson_val *value = nullptr) : value_(value) {}

    bool exists() const { return value_ != nullptr; }
    bool is_null() const { return yyjson_is_null(value_); }
    bool is_array() const { return yyjson_is_arr(value_); }
    bool is_object() const { return yyjson_is_obj(value_); }

    /* The elements of an array or the members of an object; 0 for anything else. */
    size_t size() const { return is_array() ? yyjson_arr_size(value_) : yyjson_obj_size(value_); }

    /* The member of this name. */
    Json operator[](std::string_view name) const { return Json(yyjson_obj_getn(value_, name.data(), name.size())); }

    std::optional<bool> boolean() const {
        return yyjson_is_bool(value_) ? std::optional(yyjson_get_bool(value_)) : std::nullopt;
    }
    std::optional<double> number() const {
        return yyjson_is_num(value_) ? std::optional(yyjson_get_num(value_)) : std::nullopt;
    }
    /* A whole number that fits; nothing for 1.5 and for 1.0. */
    std::optional<int64_t> integer() const {
        bool fits = yyjson_is_sint(value_) || (yyjson_is_uint(value_) && yyjson_get_uint(value_) <= INT64_MAX);
        return fits ? std::optional(yyjson_get_sint(value_)) : std::nullopt;
    }
    std::optional<std::string_view> text() const {
        if (!yyjson_is_str(value_)) {
            return std::nullopt;
        }
        return std::string_view(yyjson_get_str(value_), yyjson_get_len(value_));
    }

    /* The value as text without spaces, for messages. */
    std::string_view dump() const { return mlwasm_json_text(value_); }

    /* The elements of an array, in order: for (Json one : json.elements()). Empty for anything else. */
    class Elements {
    public:
        class Iterator {
        public:
            explicit Iterator(yyjson_arr_iter at) : at_(at), value_(yyjson_arr_iter_next(&at_)) {}
            Json operator*() const { return Json(value_); }
            Iterator &operator++() {
                value_ = yyjson_arr_iter_next(&at_);
                return *this;
            }
            bool operator!=(std::nullptr_t) const { return value_ != nullptr; }

        private:
            yyjson_arr_iter at_;
            yyjson_val *value_;
        };
        explicit Elements(yyjson_val *array) : array_(array) {}
        Iterator begin() const {
            yyjson_arr_iter at{};
            yyjson_arr_iter_init(array_, &at);
            return Iterator(at);
        }
        std::nullptr_t end() const { return nullptr; }

    private:
        yyjson_val *array_;
    };
    Elements elements() const { return Elements(value_); }

    /* yyjson's own value, for all that it can do. */
    yyjson_val *raw() const { return value_; }

private:
    yyjson_val *value_;
};

/* ---- JSON that is made ---- */

/* An object or array of a document that is being made. Texts are copied. */
class JsonNode {
public:
    JsonNode(yyjson_mut_doc *document, yyjson_mut_val *value) : document_(document), value_(value) {}

    /* Sets a member of an object. */
    template <class Value> JsonNode &set(std::string_view name, const Value &value) {
        yyjson_mut_obj_add(value_, make_text(name), make(value));
        return *this;
    }
    JsonNode set_array(std::string_view name) { return set_node(name, yyjson_mut_arr(document_)); }
    JsonNode set_object(std::string_view name) { return set_node(name, yyjson_mut_obj(document_)); }

    /* Adds an element to an array. */
    template <class Value> JsonNode &add(const Value &value) {
        yyjson_mut_arr_append(value_, make(value));
        return *this;
    }
    JsonNode add_array() { return JsonNode(document_, yyjson_mut_arr_add_arr(document_, value_)); }
    JsonNode add_object() { return JsonNode(document_, yyjson_mut_arr_add_obj(document_, value_)); }

    yyjson_mut_doc *document() const { return document_; }
    yyjson_mut_val *raw() const { return value_; }

private:
    yyjson_mut_val *make_text(std::string_view text) {
        return yyjson_mut_strncpy(document_, text.data(), text.size());
    }
    template <class Value> yyjson_mut_val *make(const Value &value) {
        if constexpr (std::is_same_v<Value, bool>) {
            return yyjson_mut_bool(document_, value);
        } else if constexpr (std::is_same_v<Value, std::nullptr_t>) {
            return yyjson_mut_null(document_);
        } else if constexpr (std::is_floating_point_v<Value>) {
            return yyjson_mut_real(document_, value);
        } else if constexpr (std::is_integral_v<Value> && std::is_signed_v<Value>) {
            return yyjson_mut_sint(document_, value);
        } else if constexpr (std::is_integral_v<Value>) {
            return yyjson_mut_uint(document_, value);
        } else {
            return make_text(std::string_view(value));
        }
    }
    JsonNode set_node(std::string_view name, yyjson_mut_val *value) {
        yyjson_mut_obj_add(value_, make_text(name), value);
        return JsonNode(document_, value);
    }

    yyjson_mut_doc *document_;
    yyjson_mut_val *value_;
};

/* A document whose root is an object, or an array. */
inline JsonNode json_object() {
    yyjson_mut_doc *document = mlwasm_json_document();
    yyjson_mut_doc_set_root(document, yyjson_mut_obj(document));
    return JsonNode(document, yyjson_mut_doc_get_root(document));
}
inline JsonNode json_array() {
    yyjson_mut_doc *document = mlwasm_json_document();
    yyjson_mut_doc_set_root(document, yyjson_mut_arr(document));
    return JsonNode(document, yyjson_mut_doc_get_root(document));
}

/* ---- Requests and responses ---- */

namespace detail {
inline std::optional<std::string_view> optional_text(const char *text) {
    return text == nullptr ? std::nullopt : std::optional<std::string_view>(text);
}
} // namespace detail

/* One scoring request. */
class Request {
public:
    explicit Request(const mlwasm_request *request) : request_(request) {}

    std::string_view id() const { return request_->id; }
    std::string_view deployment() const { return request_->deployment; }
    /* True for a copy of live traffic, whose answer no client waits for. */
    bool is_mirror() const { return request_->is_mirror; }
    std::optional<std::string_view> content_type() const { return detail::optional_text(request_->content_type); }
    std::span<const uint8_t> body() const { return {request_->body, request_->body_length}; }

    /* The first header of this name, in any case. */
    std::optional<std::string_view> header(const char *name) const {
        return detail::optional_text(mlwasm_request_header(request_, name));
    }
    /* The first value of a query parameter, decoded; empty for one without a value. */
    std::optional<std::string_view> query(const char *name) const {
        return detail::optional_text(mlwasm_request_query(request_, name));
    }
    /* The body as text, or a bad request. */
    Result<std::string_view> text() const {
        const char *text = nullptr;
        if (mlwasm_error failure = mlwasm_request_text(request_, &text)) {
            return std::unexpected(Error(failure));
        }
        return std::string_view(text, request_->body_length);
    }
    /* The body as JSON, or a bad request with line and column. */
    Result<Json> json() const {
        yyjson_val *root = nullptr;
        if (mlwasm_error failure = mlwasm_request_json(request_, &root)) {
            return std::unexpected(Error(failure));
        }
        return Json(root);
    }
    const mlwasm_request *raw() const { return request_; }

private:
    const mlwasm_request *request_;
};

/* The answer to one request: status 200 unless changed. */
class Response {
public:
    static Response text(std::string_view text) { return bytes("text/plain; charset=utf-8", text); }
    static Response bytes(std::string_view content_type, std::string_view body) {
        return Response(copy(content_type), copy(body), body.size());
    }
    static Response bytes(std::string_view content_type, std::span<const uint8_t> body) {
        return bytes(content_type, std::string_view(reinterpret_cast<const char *>(body.data()), body.size()));
    }
    /* Internal if the document holds what JSON has not, such as a number that is not finite. */
    static Result<Response> json(const JsonNode &root) {
        Response made("application/json", nullptr, 0);
        if (mlwasm_error failure = mlwasm_respond_json(&made.response_, root.document())) {
            return std::unexpected(Error(failure));
        }
        return made;
    }
    Response &&with_status(uint16_t status) && {
        response_.status = status;
        return std::move(*this);
    }
    Response &&with_header(std::string_view name, std::string_view value) && {
        mlwasm_response_header(&response_, copy(name), copy(value));
        return std::move(*this);
    }
    const mlwasm_response &raw() const { return response_; }

private:
    Response(const char *content_type, const void *body, size_t length)
        : response_{200, content_type, nullptr, 0, body, length} {}
    static const char *copy(std::string_view text) {
        char *made = static_cast<char *>(mlwasm_alloc(text.size() + 1));
        std::memcpy(made, text.data(), text.size());
        made[text.size()] = 0;
        return made;
    }
    mlwasm_response response_;
};

/* ---- Tensors and models ---- */

/* IEEE 754 binary16. */
struct Float16 {
    uint16_t bits;
    static Float16 from(float value) { return {mlwasm_float_to_float16(value)}; }
    explicit operator float() const { return mlwasm_float16_to_float(bits); }
};

/* The upper half of a float. */
struct BFloat16 {
    uint16_t bits;
    static BFloat16 from(float value) { return {mlwasm_float_to_bfloat16(value)}; }
    explicit operator float() const { return mlwasm_bfloat16_to_float(bits); }
};

namespace detail {
/* How C calls the functions of each element type. */
template <class T> struct Element;
#define MLWASM_ELEMENT(type, suffix, c_type)                                                                     \
    template <> struct Element<type> {                                                                           \
        using C = c_type;                                                                                        \
        static constexpr auto make = mlwasm_tensor_##suffix;                                                     \
        static constexpr auto read = mlwasm_read_##suffix;                                                       \
    };
MLWASM_ELEMENT(bool, boolean, bool)
MLWASM_ELEMENT(uint8_t, uint8, uint8_t)
MLWASM_ELEMENT(int8_t, int8, int8_t)
MLWASM_ELEMENT(uint16_t, uint16, uint16_t)
MLWASM_ELEMENT(int16_t, int16, int16_t)
MLWASM_ELEMENT(uint32_t, uint32, uint32_t)
MLWASM_ELEMENT(int32_t, int32, int32_t)
MLWASM_ELEMENT(uint64_t, uint64, uint64_t)
MLWASM_ELEMENT(int64_t, int64, int64_t)
MLWASM_ELEMENT(Float16, float16, uint16_t)
MLWASM_ELEMENT(BFloat16, bfloat16, uint16_t)
MLWASM_ELEMENT(float, float32, float)
MLWASM_ELEMENT(double, float64, double)
#undef MLWASM_ELEMENT
} // namespace detail

/* The size of each dimension, outermost first: {rows, 4}. */
using Shape = std::initializer_list<size_t>;

/* A dense array with a name, row-major. It looks at values that lie elsewhere: keep those until the model has run. */
class Tensor {
public:
    explicit Tensor(const mlwasm_tensor &tensor) : tensor_(tensor) {}

    /* Internal if there are more or fewer values than the shape has places. */
    template <class T> static Result<Tensor> of(const char *name, Shape shape, std::span<const T> values) {
        auto sizes = narrow(shape);
        auto *data = reinterpret_cast<const typename detail::Element<T>::C *>(values.data());
        mlwasm_tensor made;
        if (auto failure = detail::Element<T>::make(&made, name, {sizes.data(), sizes.size()}, data, values.size())) {
            return std::unexpected(Error(failure));
        }
        return Tensor(made);
    }
    template <class T> static Result<Tensor> of(const char *name, Shape shape, const std::vector<T> &values) {
        return of(name, shape, std::span<const T>(values));
    }
    /* A tensor of strings, which are copied. */
    static Result<Tensor> strings(const char *name, Shape shape, std::span<const std::string_view> values) {
        auto sizes = narrow(shape);
        std::vector<mlwasm_bytes> bytes;
        bytes.reserve(values.size());
        for (std::string_view value : values) {
            bytes.push_back({reinterpret_cast<const uint8_t *>(value.data()), value.size()});
        }
        mlwasm_tensor made;
        if (auto failure =
                mlwasm_tensor_bytes(&made, name, {sizes.data(), sizes.size()}, bytes.data(), bytes.size())) {
            return std::unexpected(Error(failure));
        }
        return Tensor(made);
    }

    std::string_view name() const { return tensor_.name; }
    mlwasm_element element() const { return tensor_.element; }
    std::span<const uint32_t> shape() const { return {tensor_.shape.sizes, tensor_.shape.rank}; }

    /* The values where they lie. Internal if the tensor holds another type. */
    template <class T> Result<std::span<const T>> values() const {
        const typename detail::Element<T>::C *values = nullptr;
        size_t count = 0;
        if (auto failure = detail::Element<T>::read(&tensor_, &values, &count)) {
            return std::unexpected(Error(failure));
        }
        return std::span<const T>(reinterpret_cast<const T *>(values), count);
    }
    /* The strings, as views of where they lie. */
    Result<std::vector<std::string_view>> strings() const {
        const mlwasm_bytes *values = nullptr;
        size_t count = 0;
        if (auto failure = mlwasm_read_bytes(&tensor_, &values, &count)) {
            return std::unexpected(Error(failure));
        }
        std::vector<std::string_view> views;
        views.reserve(count);
        for (const mlwasm_bytes &value : std::span(values, count)) {
            views.emplace_back(reinterpret_cast<const char *>(value.data), value.length);
        }
        return views;
    }
    /* The same tensor, values and all, under another name: that of a model's input, or of a scorer's output. */
    Tensor renamed(const char *name) const {
        Tensor made = *this;
        made.tensor_.name = name;
        return made;
    }
    const mlwasm_tensor &raw() const { return tensor_; }

private:
    /* A size beyond 32 bits stays too large: the check of the shape then refuses it. */
    static std::vector<uint32_t> narrow(Shape shape) {
        std::vector<uint32_t> sizes;
        for (size_t size : shape) {
            sizes.push_back(size > UINT32_MAX ? UINT32_MAX : static_cast<uint32_t>(size));
        }
        return sizes;
    }
    mlwasm_tensor tensor_;
};

/* What a model gave: one tensor for each output, in the model's own order. */
class Tensors {
public:
    explicit Tensors(mlwasm_tensors tensors) : tensors_(tensors) {}
    /* What a typed scorer gives. The values are copied, so that they outlive `infer`. */
    static Tensors of(std::initializer_list<Tensor> tensors) {
        auto *made = static_cast<mlwasm_tensor *>(mlwasm_alloc_array(tensors.size(), sizeof(mlwasm_tensor)));
        size_t count = 0;
        for (const Tensor &tensor : tensors) {
            void *data = mlwasm_alloc(tensor.raw().size);
            if (tensor.raw().size > 0) {
                std::memcpy(data, tensor.raw().data, tensor.raw().size);
            }
            made[count] = tensor.raw();
            made[count++].data = data;
        }
        return Tensors({made, count});
    }
    size_t size() const { return tensors_.count; }
    Tensor operator[](size_t at) const { return Tensor(tensors_.tensors[at]); }
    /* The tensor of this name. Internal, with the names that there are, if there is none. */
    Result<Tensor> get(const char *name) const {
        const mlwasm_tensor *found = nullptr;
        if (mlwasm_error failure = mlwasm_tensors_get(&tensors_, name, &found)) {
            return std::unexpected(Error(failure));
        }
        return Tensor(*found);
    }
    mlwasm_tensors raw() const { return tensors_; }

private:
    mlwasm_tensors tensors_;
};

/* A model that the platform runs natively. Open it in `init` and keep it; copies are the same model. */
class Model {
public:
    static Result<Model> open(const char *name) {
        mlwasm_model model;
        if (mlwasm_error failure = mlwasm_model_open(name, &model)) {
            return std::unexpected(Error(failure));
        }
        return Model(model);
    }
    /* Runs the model once: one tensor for each input, in any order. */
    Result<Tensors> infer(std::initializer_list<Tensor> inputs) const { return infer(std::span(inputs)); }
    Result<Tensors> infer(std::span<const Tensor> inputs) const {
        std::vector<mlwasm_tensor> given;
        given.reserve(inputs.size());
        for (const Tensor &input : inputs) {
            given.push_back(input.raw());
        }
        mlwasm_tensors outputs{};
        if (mlwasm_error failure = mlwasm_model_infer(model_, given.data(), given.size(), &outputs)) {
            return std::unexpected(Error(failure));
        }
        return Tensors(outputs);
    }
    std::span<const mlwasm_tensor_spec> inputs() const {
        mlwasm_specs specs = mlwasm_model_inputs(model_);
        return {specs.specs, specs.count};
    }
    std::span<const mlwasm_tensor_spec> outputs() const {
        mlwasm_specs specs = mlwasm_model_outputs(model_);
        return {specs.specs, specs.count};
    }

private:
    explicit Model(mlwasm_model model) : model_(model) {}
    mlwasm_model model_;
};

/* ---- Collections ---- */

/* Records of what a scorer did between request and answer, kept by the platform if the deployment's settings say so. */
class Collection {
public:
    explicit Collection(std::string name) : name_(std::move(name)) {}
    /* Whether records of this request are kept. Ask before making what is costly and serves nothing else. */
    bool enabled() const { return mlwasm_collection_enabled(name_.c_str()); }
    /* Adds a record of any media type. */
    Result<void> record(const char *content_type, std::string_view data) const {
        if (mlwasm_error failure = mlwasm_collect(name_.c_str(), content_type, data.data(), data.size())) {
            return std::unexpected(Error(failure));
        }
        return {};
    }
    /* Adds a record as JSON. */
    Result<void> record(const JsonNode &root) const {
        MLWASM_LET(json, Response::json(root));
        const mlwasm_response &made = json.raw();
        return record("application/json", std::string_view(static_cast<const char *>(made.body), made.body_length));
    }

private:
    std::string name_;
};

/* ---- Files beside the models ---- */

/* As in mlwasm.h. What is read in `init` lives as long as the sandbox. */
namespace files {
inline std::string_view folder() { return mlwasm_files_folder(); }
inline std::string_view path(const char *name) { return mlwasm_file_path(name); }
inline Result<std::span<const uint8_t>> read(const char *name) {
    const uint8_t *data = nullptr;
    size_t length = 0;
    if (mlwasm_error failure = mlwasm_file_read(name, &data, &length)) {
        return std::unexpected(Error(failure));
    }
    return std::span(data, length);
}
inline Result<std::string_view> text(const char *name) {
    const char *text = nullptr;
    if (mlwasm_error failure = mlwasm_file_text(name, &text)) {
        return std::unexpected(Error(failure));
    }
    return std::string_view(text);
}
inline Result<std::span<const char *const>> names() {
    const char *const *names = nullptr;
    size_t count = 0;
    if (mlwasm_error failure = mlwasm_file_names(&names, &count)) {
        return std::unexpected(Error(failure));
    }
    return std::span(names, count);
}
} // namespace files

/* ---- What the platform calls ---- */

/* Keeps the scorer between `init` and `run`. */
template <class T> struct Served {
    static inline std::optional<T> scorer;

    static mlwasm_error init() {
        Result<T> made = T::init();
        if (!made) {
            return made.error().failure();
        }
        scorer.emplace(std::move(*made));
        return MLWASM_OK;
    }
    static mlwasm_error run(const mlwasm_request *request, mlwasm_response *response) {
        if constexpr (requires { scorer->run(Request(request)); }) {
            Result<Response> answer = scorer->run(Request(request));
            if (!answer) {
                return answer.error().failure();
            }
            *response = answer->raw();
            return MLWASM_OK;
        } else {
            static_assert(requires { scorer->describe(); }, "a scorer has `Result<Response> run(const Request &)`");
            return mlwasm_run_tensors(request, response);
        }
    }
    static mlwasm_signature describe() { return scorer->describe(); }
    static mlwasm_error infer(const mlwasm_tensors *inputs, mlwasm_tensors *outputs) {
        Result<Tensors> answer = scorer->infer(Tensors(*inputs));
        if (!answer) {
            return answer.error().failure();
        }
        *outputs = answer->raw();
        return MLWASM_OK;
    }
};

} // namespace mlwasm

/* Makes a class with `static Result<T> init()` and `Result<Response> run(const Request &)` the scorer. */
#define MLWASM_SCORER_CLASS(type) MLWASM_SCORER(&mlwasm::Served<type>::init, &mlwasm::Served<type>::run)

/* The same for one with `mlwasm_signature describe()` and `Result<Tensors> infer(Tensors)`. Without a `run` it takes JSON as
 * mlwasm_run_tensors does. */
#define MLWASM_TENSOR_SCORER_CLASS(type)                                                                  \
    MLWASM_TENSOR_SCORER(&mlwasm::Served<type>::init, &mlwasm::Served<type>::run, &mlwasm::Served<type>::describe, \
                         &mlwasm::Served<type>::infer)

#endif
