/* The SDK against the fake host: what a scorer in C is promised. */
#define _DEFAULT_SOURCE 1
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../src/internal.h"
#include "../testing/fake_host.h"
#include "check.h"

/* A scorer that does what the test says. */
static mlwasm_error (*script)(const mlwasm_request *request, mlwasm_response *response);
static const char *kept_from_init;

static mlwasm_error init(void) {
    kept_from_init = mlwasm_format("kept for %s", "ever");
    return MLWASM_OK;
}

static mlwasm_error run(const mlwasm_request *request, mlwasm_response *response) {
    return script(request, response);
}

/* What the scorer says that it takes. */
static mlwasm_specs taken;

static mlwasm_signature describe(void) {
    return (mlwasm_signature){taken, taken};
}

static mlwasm_error infer(const mlwasm_tensors *inputs, mlwasm_tensors *outputs) {
    *outputs = *inputs;
    return MLWASM_OK;
}

MLWASM_TENSOR_SCORER(init, run, describe, infer)

/* ---- Requests ---- */

static mlwasm_error tell_query(const mlwasm_request *request, mlwasm_response *response) {
    const char *value = mlwasm_request_query(request, "n");
    mlwasm_respond_text(response, value == NULL ? "none" : value);
    return MLWASM_OK;
}

static void query_parameters_are_decoded_and_the_first_of_equal_ones_counts(void) {
    static const struct {
        const char *query, *value;
    } cases[] = {
        {"n=1%2B1&n=2", "1+1"}, {"m=1&n=two+words", "two words"}, {"n", ""},         {"n=", ""},
        {"", "none"},           {"nn=1&m=n", "none"},             {"&&n=%zz%4", "%zz%4"}, {"%6E=x", "x"},
        {"n=a=b", "a=b"},       {"n=%C3%A4", "ä"},
    };
    script = tell_query;
    for (size_t at = 0; at < sizeof cases / sizeof *cases; at++) {
        mlwasm_fake_answer answer = mlwasm_fake_ask(&(mlwasm_request){.query = cases[at].query});
        CHECK_TEXT(answer.body, cases[at].value);
        mlwasm_fake_end_call();
    }
}

static mlwasm_error tell_header(const mlwasm_request *request, mlwasm_response *response) {
    const char *value = mlwasm_request_header(request, "Accept");
    mlwasm_respond_text(response, value == NULL ? "none" : value);
    mlwasm_response_header(response, "x-one", "1");
    mlwasm_response_header(response, "x-two", "2");
    response->status = 201;
    return MLWASM_OK;
}

static void headers_are_found_in_any_case_and_given_back_in_order(void) {
    script = tell_header;
    mlwasm_header headers[] = {{"accept", "text/csv", 8}, {"accept", "text/html", 9}};
    mlwasm_fake_answer answer = mlwasm_fake_ask(&(mlwasm_request){.headers = headers, .header_count = 2});
    CHECK_TEXT(answer.body, "text/csv");
    CHECK(answer.status == 201 && answer.header_count == 2);
    CHECK_TEXT(answer.headers[0].name, "x-one");
    CHECK_TEXT(answer.headers[1].value, "2");
    CHECK_TEXT(mlwasm_fake_ask(&(mlwasm_request){0}).body, "none");
    mlwasm_fake_end_call();
}

static mlwasm_error echo_json(const mlwasm_request *request, mlwasm_response *response) {
    yyjson_val *root;
    MLWASM_TRY(mlwasm_request_json(request, &root));
    mlwasm_respond_text(response, mlwasm_json_text(root));
    return MLWASM_OK;
}

static void a_mistake_in_json_is_a_bad_request_with_line_and_column(void) {
    script = echo_json;
    mlwasm_fake_answer answer = mlwasm_fake_post("{\"a\":\n  1,}");
    CHECK(answer.status == 400);
    CHECK_TEXT(answer.body, "the body is not valid: trailing comma is not allowed at line 2 column 4");
    mlwasm_fake_end_call();
    CHECK(mlwasm_fake_post("").status == 400);
    CHECK(mlwasm_fake_post("// comment\n1").status == 400);
    CHECK(mlwasm_fake_post("\"\xff\"").status == 400);
    CHECK(mlwasm_fake_post("1e999").status == 400);
    mlwasm_fake_end_call();
}

static void json_in_messages_reads_as_in_other_languages(void) {
    static const char *const cases[][2] = {
        {" [1, 2.5, \"x\"] ", "[1,2.5,\"x\"]"}, {"1e39", "1e+39"}, {"1e-9", "1e-9"},       {"1.5", "1.5"},
        {"\"1e39\"", "\"1e39\""},               {"null", "null"},  {"{\"e\":1}", "{\"e\":1}"}, {"-1e300", "-1e+300"},
    };
    script = echo_json;
    for (size_t at = 0; at < sizeof cases / sizeof *cases; at++) {
        CHECK_TEXT(mlwasm_fake_post(cases[at][0]).body, cases[at][1]);
        mlwasm_fake_end_call();
    }
}

static void brackets_without_end_cost_no_stack(void) {
    enum { DEPTH = 1000000 };
    char *body = malloc(2 * DEPTH + 1);
    memset(body, '[', DEPTH);
    memset(body + DEPTH, ']', DEPTH);
    body[2 * DEPTH] = 0;
    script = echo_json;
    CHECK(strlen(mlwasm_fake_post(body).body) == 2 * DEPTH);
    mlwasm_fake_end_call();
    free(body);
}

static mlwasm_error echo_text(const mlwasm_request *request, mlwasm_response *response) {
    const char *text;
    MLWASM_TRY(mlwasm_request_text(request, &text));
    mlwasm_respond_text(response, text);
    return MLWASM_OK;
}

static void a_body_that_is_not_utf8_is_refused_with_its_place(void) {
    static const char *const wrong[] = {"ab\xff", "ab\xc3", "ab\xed\xa0\x80", "ab\xc0\x80", "ab\xf5\x80\x80\x80",
                                        "ab\xe0\x80\x80", "ab\xf4\x90\x80\x80"};
    script = echo_text;
    for (size_t at = 0; at < sizeof wrong / sizeof *wrong; at++) {
        mlwasm_fake_answer answer = mlwasm_fake_post(wrong[at]);
        CHECK(answer.status == 400);
        CHECK_TEXT(answer.body, "the body is not text: byte 2 is not UTF-8");
        mlwasm_fake_end_call();
    }
    CHECK_TEXT(mlwasm_fake_post("ä€😀\xf4\x8f\xbf\xbf").body, "ä€😀\xf4\x8f\xbf\xbf");
    mlwasm_fake_end_call();
}

/* ---- Errors ---- */

static mlwasm_error fail_with_bytes(const mlwasm_request *request, mlwasm_response *response) {
    (void)response;
    return request->body_length == 0 ? mlwasm_internal("label %d, expected 0 to 2", 7)
                                     : mlwasm_bad_request("no `%s`", (const char *)request->body);
}

static void errors_say_whose_fault_it_is_and_never_break_the_call(void) {
    script = fail_with_bytes;
    mlwasm_fake_answer answer = mlwasm_fake_post("");
    CHECK(answer.status == 424);
    CHECK_TEXT(answer.body, "label 7, expected 0 to 2");
    answer = mlwasm_fake_post("\xff!");
    CHECK(answer.status == 400);
    CHECK_TEXT(answer.body, "no `\xef\xbf\xbd!`");
    mlwasm_fake_end_call();
}

static mlwasm_error answer_infinity(const mlwasm_request *request, mlwasm_response *response) {
    (void)request;
    yyjson_mut_doc *document = mlwasm_json_document();
    yyjson_mut_doc_set_root(document, yyjson_mut_real(document, 1.0 / 0.0));
    return mlwasm_respond_json(response, document);
}

static void an_answer_that_has_no_json_is_the_scorers_fault(void) {
    script = answer_infinity;
    CHECK(mlwasm_fake_post("").status == 424);
    mlwasm_fake_end_call();
}

/* ---- Memory ---- */

static mlwasm_error grow(const mlwasm_request *request, mlwasm_response *response) {
    char *first = mlwasm_alloc(10);
    char *grown = mlwasm_realloc(first, 10, 100);
    CHECK(grown == first);
    char *second = mlwasm_alloc(1);
    char *moved = mlwasm_realloc(first, 100, 200);
    CHECK(moved != first && second != moved);
    CHECK((uintptr_t)second % 16 == 0 && (uintptr_t)moved % 16 == 0);
    memset(mlwasm_alloc(3 << 20), 1, 3 << 20);
    return echo_text(request, response);
}

static void memory_of_a_call_is_taken_back_and_that_of_init_is_not(void) {
    script = grow;
    for (int call = 0; call < 1000; call++) {
        CHECK_TEXT(mlwasm_fake_post("again").body, "again");
        CHECK(mlwasm_memory_in_use() > 0);
        mlwasm_fake_end_call();
        CHECK(mlwasm_memory_in_use() == 0);
    }
    CHECK_TEXT(kept_from_init, "kept for ever");
}

/* ---- Tensors ---- */

#define CHECK_NUMBERS(suffix, constant, type)                                                       \
    {                                                                                               \
        type values[2] = {(type)1, (type)0}, wrong[3] = {0};                                        \
        const type *read = NULL;                                                                    \
        size_t count = 0;                                                                           \
        mlwasm_tensor tensor;                                                                       \
        CHECK(mlwasm_tensor_##suffix(&tensor, "x", MLWASM_SHAPE(2, 1), values, 2) == MLWASM_OK);    \
        CHECK(tensor.element == constant && tensor.size == sizeof values);                          \
        CHECK(mlwasm_element_size(constant) == sizeof(type));                                       \
        CHECK(mlwasm_read_##suffix(&tensor, &read, &count) == MLWASM_OK);                           \
        CHECK(count == 2 && read[0] == values[0] && read[1] == values[1]);                          \
        CHECK(mlwasm_tensor_##suffix(&tensor, "x", MLWASM_SHAPE(2, 1), wrong, 3) != MLWASM_OK);     \
        CHECK(mlwasm_tensor_##suffix(&tensor, "x", MLWASM_SHAPE(2, 1), wrong, 1) != MLWASM_OK);     \
        tensor.element = constant == MLWASM_INT8 ? MLWASM_UINT8 : MLWASM_INT8;                      \
        CHECK(mlwasm_read_##suffix(&tensor, &read, &count) != MLWASM_OK);                           \
    }

static void numbers_of_every_type_come_back(void) {
    MLWASM_FOR_EACH_NUMBER(CHECK_NUMBERS)
    mlwasm_tensor scalar;
    CHECK(mlwasm_tensor_float32(&scalar, "x", MLWASM_SCALAR, &(float){1}, 1) == MLWASM_OK);
    mlwasm_tensor empty;
    CHECK(mlwasm_tensor_float32(&empty, "x", MLWASM_SHAPE(0, 4), NULL, 0) == MLWASM_OK);
    mlwasm_fake_end_call();
}

static void what_is_wrong_with_a_tensor_is_told(void) {
    mlwasm_tensor tensor;
    float values[6] = {0};
    mlwasm_error error = mlwasm_tensor_float32(&tensor, "x", MLWASM_SHAPE(2, 3), values, 5);
    CHECK_TEXT(mlwasm_error_text(error), "tensor `x` of shape [2, 3] needs 6 elements, got 5");
    error = mlwasm_tensor_float32(&tensor, "x", MLWASM_SHAPE(UINT32_MAX, UINT32_MAX, UINT32_MAX), values, 5);
    CHECK_TEXT(mlwasm_error_text(error), "tensor `x` of shape [4294967295, 4294967295, 4294967295] is too large");
    CHECK(mlwasm_tensor_float32(&tensor, "x", MLWASM_SHAPE(2, 3), values, 6) == MLWASM_OK);
    const int64_t *labels;
    const float *floats;
    size_t count;
    error = mlwasm_read_int64(&tensor, &labels, &count);
    CHECK_TEXT(mlwasm_error_text(error), "tensor `x` holds float32, not int64");
    for (size_t size = 23; size <= 28; size++) {
        tensor.size = size;
        CHECK((mlwasm_read_float32(&tensor, &floats, &count) == MLWASM_OK) == (size == 24));
    }
    const mlwasm_tensor *found;
    error = mlwasm_tensors_get(&(mlwasm_tensors){&tensor, 1}, "y", &found);
    CHECK_TEXT(mlwasm_error_text(error), "no output `y`, only [\"x\"]");
    mlwasm_fake_end_call();
}

static void strings_come_back_and_a_cut_is_noticed_wherever_it_is(void) {
    mlwasm_bytes words[] = {{(const uint8_t *)"ja", 2}, {(const uint8_t *)"", 0}, {(const uint8_t *)"n\0h", 3}};
    mlwasm_tensor tensor;
    CHECK(mlwasm_tensor_bytes(&tensor, "words", MLWASM_SHAPE(3, 1), words, 3) == MLWASM_OK);
    CHECK(tensor.size == 17);
    const mlwasm_bytes *read;
    size_t count;
    CHECK(mlwasm_read_bytes(&tensor, &read, &count) == MLWASM_OK && count == 3);
    CHECK(read[2].length == 3 && memcmp(read[2].data, "n\0h", 3) == 0);
    const uint8_t *whole = tensor.data;
    uint8_t longer[18] = {0};
    memcpy(longer, whole, 17);
    tensor.data = longer;
    for (tensor.size = 0; tensor.size <= 18; tensor.size++) {
        CHECK((mlwasm_read_bytes(&tensor, &read, &count) == MLWASM_OK) == (tensor.size == 17));
    }
    mlwasm_fake_end_call();
}

static void halves_round_to_the_nearest_even(void) {
    static const struct {
        float value;
        uint16_t half;
    } cases[] = {
        {0, 0},           {-0.0f, 0x8000}, {1, 0x3C00},          {-2, 0xC000},          {65504, 0x7BFF},
        {65519, 0x7BFF},  {65520, 0x7C00}, {0x1p-24f, 1},        {0x1p-25f, 0},         {0x1.8p-24f, 2},
        {0x1p-14f, 0x400}, {1e30f, 0x7C00}, {1.00048828125f, 0x3C00}, {1.00146484375f, 0x3C02},
    };
    for (size_t at = 0; at < sizeof cases / sizeof *cases; at++) {
        CHECK(mlwasm_float_to_float16(cases[at].value) == cases[at].half);
    }
    for (uint32_t half = 0; half <= 0xFFFF; half++) {
        bool is_nan = (half & 0x7C00) == 0x7C00 && (half & 0x3FF) != 0;
        float value = mlwasm_float16_to_float((uint16_t)half);
        CHECK(is_nan ? value != value : mlwasm_float_to_float16(value) == half);
        value = mlwasm_bfloat16_to_float((uint16_t)half);
        CHECK(value != value || mlwasm_float_to_bfloat16(value) == half);
    }
    CHECK(mlwasm_float_to_bfloat16(1.00390625f) == 0x3F80 && mlwasm_float_to_bfloat16(1.01171875f) == 0x3F82);
}

/* ---- Models ---- */

static const mlwasm_tensor_spec number = {"x", MLWASM_FLOAT32, (const int64_t[]){-1, 2}, 2};

static mlwasm_error same(const mlwasm_tensors *inputs, mlwasm_tensors *outputs) {
    *outputs = *inputs;
    return MLWASM_OK;
}

static mlwasm_error open_in_run(const mlwasm_request *request, mlwasm_response *response) {
    mlwasm_model model;
    MLWASM_TRY(mlwasm_model_open("model", &model));
    MLWASM_TRY(mlwasm_model_open("model", &model));
    CHECK(mlwasm_fake_open_models() == 2);
    mlwasm_specs inputs = mlwasm_model_inputs(model);
    CHECK(inputs.count == 1 && inputs.specs[0].shape[0] == -1 && inputs.specs[0].shape[1] == 2);

    float values[2] = {1, 2};
    mlwasm_tensor input;
    mlwasm_tensors outputs;
    const mlwasm_tensor *output;
    MLWASM_TRY(mlwasm_tensor_float32(&input, "x", MLWASM_SHAPE(1, 2), values, 2));
    MLWASM_TRY(mlwasm_model_infer(model, &input, 1, &outputs));
    MLWASM_TRY(mlwasm_tensors_get(&outputs, "x", &output));
    MLWASM_TRY(mlwasm_tensor_float32(&input, "x", MLWASM_SHAPE(2), values, 2));
    mlwasm_error error = mlwasm_model_infer(model, &input, 1, &outputs);
    CHECK(strncmp(mlwasm_error_text(error), "invalid input: ", 15) == 0);
    error = mlwasm_model_open("other", &model);
    CHECK_TEXT(mlwasm_error_text(error), "unknown model: no model `other`");
    return echo_text(request, response);
}

static void models_that_a_call_opens_are_closed_with_it(void) {
    mlwasm_fake_model("model", (mlwasm_specs){&number, 1}, (mlwasm_specs){&number, 1}, same);
    script = open_in_run;
    for (int call = 0; call < 3; call++) {
        CHECK_TEXT(mlwasm_fake_post("done").body, "done");
        CHECK(mlwasm_fake_open_models() == 0);
        mlwasm_fake_end_call();
    }
}

static void a_typed_scorer_is_called_with_tensors(void) {
    float values[2] = {1, 2};
    mlwasm_tensor input;
    CHECK(mlwasm_tensor_float32(&input, "x", MLWASM_SHAPE(2), values, 2) == MLWASM_OK);
    mlwasm_tensors outputs;
    CHECK(mlwasm_fake_infer(&(mlwasm_tensors){&input, 1}, &outputs) == NULL);
    CHECK(outputs.count == 1 && outputs.tensors[0].size == sizeof values);
    mlwasm_fake_end_call();
}

static mlwasm_error record_twice(const mlwasm_request *request, mlwasm_response *response) {
    CHECK(mlwasm_collection_enabled("features") && !mlwasm_collection_enabled("other"));
    MLWASM_TRY(mlwasm_collect("features", "text/csv", "1,2", 3));
    MLWASM_TRY(mlwasm_collect("other", "text/csv", "3,4", 3));
    return echo_text(request, response);
}

static void records_go_into_the_collection_that_is_kept(void) {
    mlwasm_fake_keep("features");
    script = record_twice;
    CHECK(mlwasm_fake_post("").status == 200);
    CHECK(mlwasm_fake_last_record().count == 1);
    CHECK_TEXT(mlwasm_fake_last_record().data, "1,2");
    mlwasm_fake_end_call();
}

/* ---- Typed scorers in JSON ---- */

static void json_becomes_elements_of_every_type_up_to_its_limits(void) {
    static const struct {
        mlwasm_element element;
        const char *good, *told, *bad;
    } cases[] = {
        {MLWASM_BOOLEAN, "true", "\"BOOL\",\"shape\":[],\"data\":[true]", "1"},
        {MLWASM_UINT8, "255", "\"UINT8\",\"shape\":[],\"data\":[255]", "256"},
        {MLWASM_UINT8, "0", "\"UINT8\",\"shape\":[],\"data\":[0]", "-1"},
        {MLWASM_INT8, "-128", "\"INT8\",\"shape\":[],\"data\":[-128]", "-129"},
        {MLWASM_UINT16, "65535", "\"UINT16\",\"shape\":[],\"data\":[65535]", "65536"},
        {MLWASM_INT16, "32767", "\"INT16\",\"shape\":[],\"data\":[32767]", "32768"},
        {MLWASM_UINT32, "4294967295", "\"UINT32\",\"shape\":[],\"data\":[4294967295]", "4294967296"},
        {MLWASM_INT32, "-2147483648", "\"INT32\",\"shape\":[],\"data\":[-2147483648]", "-2147483649"},
        {MLWASM_UINT64, "18446744073709551615", "\"UINT64\",\"shape\":[],\"data\":[18446744073709551615]", "-1"},
        {MLWASM_INT64, "-9223372036854775808", "\"INT64\",\"shape\":[],\"data\":[-9223372036854775808]", "9223372036854775808"},
        {MLWASM_INT64, "1", "\"INT64\",\"shape\":[],\"data\":[1]", "1.5"},
        {MLWASM_FLOAT16, "65504", "\"FP16\",\"shape\":[],\"data\":[65504.0]", "65520"},
        {MLWASM_BFLOAT16, "0.5", "\"BF16\",\"shape\":[],\"data\":[0.5]", "3.40e38"},
        {MLWASM_FLOAT32, "0.1", "\"FP32\",\"shape\":[],\"data\":[0.1]", "3.5e38"},
        {MLWASM_FLOAT32, "\"-Infinity\"", "\"FP32\",\"shape\":[],\"data\":[\"-Infinity\"]", "\"Inf\""},
        {MLWASM_FLOAT64, "\"NaN\"", "\"FP64\",\"shape\":[],\"data\":[\"NaN\"]", "null"},
        {MLWASM_BYTES, "\"ä\"", "\"BYTES\",\"shape\":[],\"data\":[\"ä\"]", "1"},
    };
    script = mlwasm_run_tensors;
    for (size_t at = 0; at < sizeof cases / sizeof *cases; at++) {
        mlwasm_tensor_spec spec = {"x", cases[at].element, NULL, 0};
        taken = (mlwasm_specs){&spec, 1};
        mlwasm_fake_answer answer = mlwasm_fake_post(mlwasm_format("{\"data\": %s}", cases[at].good));
        CHECK_TEXT(answer.body, mlwasm_format("{\"outputs\":{\"x\":{\"datatype\":%s}}}", cases[at].told));
        answer = mlwasm_fake_post(mlwasm_format("{\"data\": %s}", cases[at].bad));
        CHECK(answer.status == 400);
        mlwasm_fake_end_call();
    }
}

static void inputs_are_found_by_their_names_in_any_order(void) {
    static const int64_t rows[] = {-1, 2};
    static const mlwasm_tensor_spec specs[] = {{"a", MLWASM_FLOAT32, rows, 2}, {"b", MLWASM_INT64, NULL, 0}};
    taken = (mlwasm_specs){specs, 2};
    script = mlwasm_run_tensors;
    mlwasm_fake_answer answer = mlwasm_fake_post("{\"inputs\": {\"b\": 3, \"a\": [[1, 2], [3, 4]]}}");
    CHECK_TEXT(answer.body, "{\"outputs\":{\"a\":{\"datatype\":\"FP32\",\"shape\":[2,2],\"data\":[1.0,2.0,3.0,4.0]},"
                            "\"b\":{\"datatype\":\"INT64\",\"shape\":[],\"data\":[3]}}}");
    answer = mlwasm_fake_post("{\"data\": 3}");
    CHECK_TEXT(answer.body, "`data` is for scorers of one input, expected {\"inputs\": {\"a\": FP32 [?, 2], \"b\": INT64 []}}");
    answer = mlwasm_fake_post("{\"inputs\": {\"a\": [[1, 2], [3, 4], [5, \"x\"]], \"b\": 1}}");
    CHECK_TEXT(answer.body, "input `a`: element [2][1] is \"x\", expected FP32 [?, 2]");
    mlwasm_fake_end_call();
}

static void deep_arrays_are_refused_without_a_long_walk(void) {
    char body[300];
    for (int levels = 32; levels <= 33; levels++) {
        int at = sprintf(body, "{\"data\": ");
        memset(body + at, '[', levels);
        memset(body + at + levels, ']', levels);
        strcpy(body + at + 2 * levels, "}");
        mlwasm_tensor_spec spec = {"x", MLWASM_FLOAT32, NULL, 0};
        taken = (mlwasm_specs){&spec, 1};
        script = mlwasm_run_tensors;
        const char *reason = levels == 32 ? "input `x`: shape is [1, " : "input `x`: there are more than 32 arrays";
        CHECK(strncmp(mlwasm_fake_post(body).body, reason, strlen(reason)) == 0);
        mlwasm_fake_end_call();
    }
}

/* ---- Files ---- */

static void files_are_read_by_their_names(void) {
    char folder[] = "/tmp/mlwasm-test-XXXXXX";
    CHECK(mkdtemp(folder) != NULL);
    setenv("AZUREML_MODEL_DIR", folder, 1);
    CHECK(mkdir(mlwasm_file_path("vocab"), 0700) == 0);
    const char *paths[] = {mlwasm_file_path("labels.txt"), mlwasm_file_path("vocab/words.bin")};
    FILE *labels = fopen(paths[0], "wb"), *words = fopen(paths[1], "wb");
    fputs("setosa\n", labels);
    for (int at = 0; at < 5000; at++) {
        fputc(0xFF, words);
    }
    fclose(labels);
    fclose(words);

    const char *text;
    const uint8_t *data;
    size_t length, count;
    const char *const *names;
    CHECK(mlwasm_file_text("labels.txt", &text) == MLWASM_OK);
    CHECK_TEXT(text, "setosa\n");
    CHECK(mlwasm_file_read("vocab/words.bin", &data, &length) == MLWASM_OK);
    CHECK(length == 5000 && data[4999] == 0xFF && data[5000] == 0);
    CHECK(mlwasm_file_names(&names, &count) == MLWASM_OK && count == 2);
    CHECK_TEXT(names[0], "labels.txt");
    CHECK_TEXT(names[1], "vocab/words.bin");
    CHECK_TEXT(mlwasm_error_text(mlwasm_file_text("vocab/words.bin", &text)), "file `vocab/words.bin` of the deployment: byte 0 is not UTF-8");
    CHECK_TEXT(mlwasm_error_text(mlwasm_file_read("nope", &data, &length)), "file `nope` of the deployment: No such file or directory");
    CHECK(mlwasm_file_read("vocab", &data, &length) != MLWASM_OK);

    remove(paths[0]);
    remove(paths[1]);
    remove(mlwasm_file_path("vocab"));
    remove(folder);
    CHECK(mlwasm_file_names(&names, &count) == MLWASM_OK && count == 0);
    mlwasm_fake_end_call();
}

int main(void) {
    CHECK(mlwasm_fake_init() == NULL);
    query_parameters_are_decoded_and_the_first_of_equal_ones_counts();
    headers_are_found_in_any_case_and_given_back_in_order();
    a_mistake_in_json_is_a_bad_request_with_line_and_column();
    json_in_messages_reads_as_in_other_languages();
    brackets_without_end_cost_no_stack();
    a_body_that_is_not_utf8_is_refused_with_its_place();
    errors_say_whose_fault_it_is_and_never_break_the_call();
    an_answer_that_has_no_json_is_the_scorers_fault();
    memory_of_a_call_is_taken_back_and_that_of_init_is_not();
    numbers_of_every_type_come_back();
    what_is_wrong_with_a_tensor_is_told();
    strings_come_back_and_a_cut_is_noticed_wherever_it_is();
    halves_round_to_the_nearest_even();
    models_that_a_call_opens_are_closed_with_it();
    a_typed_scorer_is_called_with_tensors();
    records_go_into_the_collection_that_is_kept();
    json_becomes_elements_of_every_type_up_to_its_limits();
    inputs_are_found_by_their_names_in_any_order();
    deep_arrays_are_refused_without_a_long_walk();
    files_are_read_by_their_names();
    puts("sdk_test: ok");
    return 0;
}
