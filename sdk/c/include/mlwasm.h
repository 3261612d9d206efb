/*
 * Write scorers for mlwasm in C.
 *
 * A scorer has two functions. `init` runs once, when its deployment is made ready; `run` answers one request:
 *
 *     static mlwasm_model model;
 *
 *     static mlwasm_error init(void) {
 *         return mlwasm_model_open("model", &model);
 *     }
 *
 *     static mlwasm_error run(const mlwasm_request *request, mlwasm_response *response) {
 *         mlwasm_respond_text(response, "hello");
 *         return MLWASM_OK;
 *     }
 *
 *     MLWASM_SCORER(init, run)
 *
 * Whose memory is it? Everything that this library hands out during a call belongs to the library and lives until the
 * call ends: bodies, strings, tensors, JSON, errors, `mlwasm_alloc`. Nothing of it is freed by hand, and none of it may
 * be kept for the next call. What is made in `init` lives as long as the sandbox. `malloc` and `free` work as ever.
 *
 * Strings end with NUL and are UTF-8. One that comes from a client can hold a NUL of its own; where that matters,
 * there is a length beside it.
 *
 * A sandbox runs one call at a time: there are no threads.
 */
#ifndef MLWASM_H
#define MLWASM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What no scorer needs of yyjson, and what would double its size: reading in pieces, and JSON with comments. */
#define YYJSON_DISABLE_INCR_READER 1
#define YYJSON_DISABLE_NON_STANDARD 1
#include "../third_party/yyjson/yyjson.h"

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__clang__) || defined(__GNUC__)
#define MLWASM_PRINTF(text, arguments) __attribute__((format(printf, text, arguments)))
#define MLWASM_MUST_USE __attribute__((warn_unused_result))
#else
#define MLWASM_PRINTF(text, arguments)
#define MLWASM_MUST_USE
#endif

/* ---- Errors ---------------------------------------------------------------------------------------------------- */

/* Why something did not work; MLWASM_OK when it did. */
typedef const struct mlwasm_failure *mlwasm_error;

#define MLWASM_OK ((mlwasm_error)NULL)

/* The client's mistake, worded for the client: status 400. */
MLWASM_MUST_USE mlwasm_error mlwasm_bad_request(const char *format, ...) MLWASM_PRINTF(1, 2);

/* The scorer's fault, worded for its author: status 424. Its place in the source goes to the deployment's log. */
#define mlwasm_internal(...) mlwasm_internal_at(__FILE__, __LINE__, __VA_ARGS__)
MLWASM_MUST_USE mlwasm_error mlwasm_internal_at(const char *file, int line, const char *format, ...) MLWASM_PRINTF(3, 4);

/* The text of an error. */
const char *mlwasm_error_text(mlwasm_error error);

/* True if it is the client's mistake. */
bool mlwasm_is_bad_request(mlwasm_error error);

/* Gives an error on to the caller: MLWASM_TRY(mlwasm_model_open("model", &model)); */
#define MLWASM_TRY(call)                        \
    do {                                        \
        mlwasm_error mlwasm_try_error = (call); \
        if (mlwasm_try_error != MLWASM_OK) {    \
            return mlwasm_try_error;            \
        }                                       \
    } while (0)

/* ---- Memory ---------------------------------------------------------------------------------------------------- */

/*
 * Memory until the end of the call, or for ever if the call is `init`; aligned for every type, not cleared. Never NULL:
 * without memory the scorer ends, and its log says how much was asked for.
 */
void *mlwasm_alloc(size_t size);

/* Room for `count` values of `size` bytes each; a product beyond what can be addressed ends the scorer as well. */
void *mlwasm_alloc_array(size_t count, size_t size);

/* A text as of printf, until the end of the call. */
const char *mlwasm_format(const char *format, ...) MLWASM_PRINTF(1, 2);

/* ---- Requests -------------------------------------------------------------------------------------------------- */

typedef struct mlwasm_header {
    const char *name; /* in lower case */
    const char *value;
    size_t value_length;
} mlwasm_header;

typedef struct mlwasm_request {
    const char *id;         /* also found in the platform's logs */
    const char *deployment; /* that this scorer serves */
    bool is_mirror;         /* a copy of live traffic, whose answer no client waits for: do nothing to the outside world */
    const char *query;      /* without the question mark, still percent-encoded: see mlwasm_request_query */
    const mlwasm_header *headers; /* those that the platform lets through, never credentials */
    size_t header_count;
    const char *content_type; /* NULL if the client sent none */
    const uint8_t *body;      /* followed by a NUL that body_length does not count */
    size_t body_length;
} mlwasm_request;

/* The first header of this name, in any case; NULL if there is none. */
const char *mlwasm_request_header(const mlwasm_request *request, const char *name);

/* The first value of a query parameter, decoded, "" for one without a value; NULL if there is none. */
const char *mlwasm_request_query(const mlwasm_request *request, const char *name);

/* The body as text. A bad request if it is not UTF-8, with the place of the first byte that is not. */
MLWASM_MUST_USE mlwasm_error mlwasm_request_text(const mlwasm_request *request, const char **text);

/* The body as JSON, whatever its content type says. A bad request with line and column if it is none. Read it with
 * yyjson: https://ibireme.github.io/yyjson/doc/doxygen/html/. Nothing of it is to be freed. */
MLWASM_MUST_USE mlwasm_error mlwasm_request_json(const mlwasm_request *request, yyjson_val **root);

/* ---- Responses ------------------------------------------------------------------------------------------------- */

typedef struct mlwasm_response {
    uint16_t status; /* 200 unless changed; 200 to 599 */
    const char *content_type;
    const mlwasm_header *headers; /* see mlwasm_response_header */
    size_t header_count;
    const void *body; /* not copied: what it points at must live until `run` returns, on the heap or in static memory */
    size_t body_length;
} mlwasm_response;

/* Answers with bytes of any media type. They are not copied. */
void mlwasm_respond(mlwasm_response *response, const char *content_type, const void *body, size_t body_length);

/* Answers with plain text, which is copied. */
void mlwasm_respond_text(mlwasm_response *response, const char *text);

/* Answers with JSON. Internal if the document has none, such as a number that is not finite. */
MLWASM_MUST_USE mlwasm_error mlwasm_respond_json(mlwasm_response *response, const yyjson_mut_doc *document);

/* Adds one header. */
void mlwasm_response_header(mlwasm_response *response, const char *name, const char *value);

/* ---- JSON ------------------------------------------------------------------------------------------------------ */

/* A document to build an answer in, with yyjson's functions; not to be freed. */
yyjson_mut_doc *mlwasm_json_document(void);

/* A value as text without spaces, for messages: `data[0] is {"a":1}`. */
const char *mlwasm_json_text(yyjson_val *value);

/* ---- Tensors --------------------------------------------------------------------------------------------------- */

typedef enum mlwasm_element {
    MLWASM_BOOLEAN,
    MLWASM_UINT8,
    MLWASM_INT8,
    MLWASM_UINT16,
    MLWASM_INT16,
    MLWASM_UINT32,
    MLWASM_INT32,
    MLWASM_UINT64,
    MLWASM_INT64,
    MLWASM_FLOAT16,  /* bits in a uint16_t: see mlwasm_float16_to_float */
    MLWASM_BFLOAT16, /* the upper half of a float's bits, in a uint16_t */
    MLWASM_FLOAT32,
    MLWASM_FLOAT64,
    MLWASM_BYTES /* strings */
} mlwasm_element;

/* The element type's name, such as "float32". */
const char *mlwasm_element_name(mlwasm_element element);

/* The bytes of one element; 0 for MLWASM_BYTES. */
size_t mlwasm_element_size(mlwasm_element element);

typedef struct mlwasm_shape {
    const uint32_t *sizes; /* outermost first */
    size_t rank;
} mlwasm_shape;

/* MLWASM_SHAPE(rows, 4) */
#ifndef __cplusplus
#define MLWASM_SHAPE(...) \
    ((mlwasm_shape){(const uint32_t[]){__VA_ARGS__}, sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t)})
#define MLWASM_SCALAR ((mlwasm_shape){NULL, 0})
#endif

/* A dense array with a name: row-major, little-endian, without padding. */
typedef struct mlwasm_tensor {
    const char *name;
    mlwasm_element element;
    mlwasm_shape shape;
    const void *data; /* aligned for its elements */
    size_t size;      /* bytes */
} mlwasm_tensor;

/* A string that may hold any bytes. */
typedef struct mlwasm_bytes {
    const uint8_t *data;
    size_t length;
} mlwasm_bytes;

/* The places of a shape. False if there are more than can be counted. */
bool mlwasm_shape_count(mlwasm_shape shape, size_t *count);

/*
 * For each element type two functions, here for float32:
 *
 *     mlwasm_error mlwasm_tensor_float32(mlwasm_tensor *tensor, const char *name, mlwasm_shape shape,
 *                                        const float *values, size_t count);
 *     mlwasm_error mlwasm_read_float32(const mlwasm_tensor *tensor, const float **values, size_t *count);
 *
 * `mlwasm_tensor_…` makes a tensor of values that stay where they are: keep them until the model has run. Internal if
 * `count` is not what the shape has places for. `mlwasm_read_…` gives the values of a tensor where they lie, row-major.
 * Internal if it holds another type, or not as many bytes as its shape wants.
 */
#define MLWASM_FOR_EACH_NUMBER(X)      \
    X(boolean, MLWASM_BOOLEAN, bool)   \
    X(uint8, MLWASM_UINT8, uint8_t)    \
    X(int8, MLWASM_INT8, int8_t)       \
    X(uint16, MLWASM_UINT16, uint16_t) \
    X(int16, MLWASM_INT16, int16_t)    \
    X(uint32, MLWASM_UINT32, uint32_t) \
    X(int32, MLWASM_INT32, int32_t)    \
    X(uint64, MLWASM_UINT64, uint64_t) \
    X(int64, MLWASM_INT64, int64_t)    \
    X(float16, MLWASM_FLOAT16, uint16_t)   \
    X(bfloat16, MLWASM_BFLOAT16, uint16_t) \
    X(float32, MLWASM_FLOAT32, float)  \
    X(float64, MLWASM_FLOAT64, double)

#define MLWASM_DECLARE(suffix, constant, type)                                                                         \
    MLWASM_MUST_USE mlwasm_error mlwasm_tensor_##suffix(mlwasm_tensor *tensor, const char *name, mlwasm_shape shape,   \
                                                        const type *values, size_t count);                            \
    MLWASM_MUST_USE mlwasm_error mlwasm_read_##suffix(const mlwasm_tensor *tensor, const type **values, size_t *count);
MLWASM_FOR_EACH_NUMBER(MLWASM_DECLARE)
#undef MLWASM_DECLARE

/* The same for strings, whose bytes are copied into the tensor. */
MLWASM_MUST_USE mlwasm_error mlwasm_tensor_bytes(mlwasm_tensor *tensor, const char *name, mlwasm_shape shape,
                                                 const mlwasm_bytes *values, size_t count);
MLWASM_MUST_USE mlwasm_error mlwasm_read_bytes(const mlwasm_tensor *tensor, const mlwasm_bytes **values, size_t *count);

/* Halves to float and back, rounded to the nearest, ties to even. */
float mlwasm_float16_to_float(uint16_t half);
uint16_t mlwasm_float_to_float16(float value);
float mlwasm_bfloat16_to_float(uint16_t half);
uint16_t mlwasm_float_to_bfloat16(float value);

/* ---- Models ---------------------------------------------------------------------------------------------------- */

/* A model that the platform runs natively, outside the sandbox. */
typedef struct mlwasm_model {
    int32_t handle;
} mlwasm_model;

/* What a model takes or gives under one name. */
typedef struct mlwasm_tensor_spec {
    const char *name;
    mlwasm_element element;
    const int64_t *shape; /* outermost first; -1 is any size, such as the number of rows in a batch */
    size_t rank;
} mlwasm_tensor_spec;

typedef struct mlwasm_specs {
    const mlwasm_tensor_spec *specs;
    size_t count;
} mlwasm_specs;

typedef struct mlwasm_tensors {
    const mlwasm_tensor *tensors;
    size_t count;
} mlwasm_tensors;

/*
 * Opens the model that the deployment lists under this name; "model" is the name of a deployment's only one. Open models
 * in `init`: then a missing one stops the deployment, not a request. One that is opened in `run` is closed when it ends.
 */
MLWASM_MUST_USE mlwasm_error mlwasm_model_open(const char *name, mlwasm_model *model);

/* What the model takes, and what it gives, in the model's own order. */
mlwasm_specs mlwasm_model_inputs(mlwasm_model model);
mlwasm_specs mlwasm_model_outputs(mlwasm_model model);

/* Runs the model once: one tensor for each input, in any order. Gives one for each output, in the model's own order. */
MLWASM_MUST_USE mlwasm_error mlwasm_model_infer(mlwasm_model model, const mlwasm_tensor *inputs, size_t count,
                                                mlwasm_tensors *outputs);

/* The tensor of this name. Internal, with the names that there are, if there is none. */
MLWASM_MUST_USE mlwasm_error mlwasm_tensors_get(const mlwasm_tensors *tensors, const char *name,
                                                const mlwasm_tensor **tensor);

/* ---- Files ----------------------------------------------------------------------------------------------------- */

/*
 * The files beside the models of the deployment: labels, vocabularies. They lie in one folder that can be read and nothing
 * else; `fopen` opens them, too. Read them in `init`: a file that is read for a request keeps that request waiting for the
 * disk. A file's name is that of the deployment, "labels.txt" or "vocab/words.json".
 */

/* The folder of the deployment's files, and where one of them is, whether or not it is there. */
const char *mlwasm_files_folder(void);
const char *mlwasm_file_path(const char *name);

/* The bytes of a file, with a NUL behind them that `length` does not count. Internal if there is no such file. */
MLWASM_MUST_USE mlwasm_error mlwasm_file_read(const char *name, const uint8_t **data, size_t *length);

/* The text of a file. Internal if it is not UTF-8, too. */
MLWASM_MUST_USE mlwasm_error mlwasm_file_text(const char *name, const char **text);

/* The names of all files, those in folders with their folders, by the alphabet. None if the deployment has none. */
MLWASM_MUST_USE mlwasm_error mlwasm_file_names(const char *const **names, size_t *count);

/* ---- Collections ----------------------------------------------------------------------------------------------- */

/*
 * Records of what a scorer did between request and answer, kept by the platform beside the request's bodies, if the
 * deployment's settings say so. A collection's name has 1 to 32 letters, digits, `-` or `_`, as in Azure's model_inputs.
 */

/* Whether records of this request are kept. Ask before making what is costly and serves nothing else. False in `init`. */
bool mlwasm_collection_enabled(const char *name);

/* Adds a record. Internal if the name or the media type is none, or the request has left more records than one may; not if
 * the platform had no room for it, and not if the collection is not kept. */
MLWASM_MUST_USE mlwasm_error mlwasm_collect(const char *name, const char *content_type, const void *data, size_t length);

/* ---- What the platform calls ----------------------------------------------------------------------------------- */

/* What a typed scorer takes and gives. */
typedef struct mlwasm_signature {
    mlwasm_specs inputs;
    mlwasm_specs outputs;
} mlwasm_signature;

/* MLWASM_SIGNATURE(inputs, outputs), of two arrays of mlwasm_tensor_spec that live as long as the scorer. */
#define MLWASM_SIGNATURE(input_specs, output_specs)                               \
    ((mlwasm_signature){{input_specs, sizeof(input_specs) / sizeof *(input_specs)}, \
                        {output_specs, sizeof(output_specs) / sizeof *(output_specs)}})

/*
 * The `run` of a typed scorer that has none of its own: takes JSON, asks the scorer's `infer`, and answers in the same form.
 *
 *     {"inputs": {"rows": [[3, 4]]}}
 *     {"inputs": {"rows": {"shape": [1, 2], "data": [3, 4]}}}
 *     {"data": [[3, 4]]}                                      for scorers of one input
 *     {"inputs": [{"name": "rows", "datatype": "FP32", "shape": [1, 2], "data": [3, 4]}]}
 *
 * Floats that JSON has no number for are the strings "NaN", "Infinity" and "-Infinity".
 */
MLWASM_MUST_USE mlwasm_error mlwasm_run_tensors(const mlwasm_request *request, mlwasm_response *response);

typedef struct mlwasm_scorer {
    mlwasm_error (*init)(void);
    mlwasm_error (*run)(const mlwasm_request *request, mlwasm_response *response);
    mlwasm_signature (*describe)(void);
    mlwasm_error (*infer)(const mlwasm_tensors *inputs, mlwasm_tensors *outputs);
} mlwasm_scorer;

/* The scorer of this component: defined by MLWASM_SCORER or MLWASM_TENSOR_SCORER, once. */
extern const mlwasm_scorer mlwasm_the_scorer;

#ifdef __cplusplus
}
#define MLWASM_EXTERN extern "C"
#else
#define MLWASM_EXTERN extern
#endif

/*
 * The component says in a section of its own what it imports and exports. Assembly, since C has no way to make one that
 * is not data. Native builds, for tests, have none.
 */
#ifdef __wasm__
#include "../bindings/worlds.h"
#define MLWASM_EMBED_WORLD(world) \
    __asm__(".section \".custom_section.component-type:mlwasm\",\"\",@\n" world ".text\n");
#else
#define MLWASM_EMBED_WORLD(world)
#endif

/* Makes `mlwasm_error init(void)` and `mlwasm_error run(const mlwasm_request *, mlwasm_response *)` the scorer. */
#define MLWASM_SCORER(init_function, run_function)      \
    MLWASM_EMBED_WORLD(MLWASM_WORLD_SCORING)            \
    MLWASM_EXTERN const mlwasm_scorer mlwasm_the_scorer; \
    const mlwasm_scorer mlwasm_the_scorer = {init_function, run_function, NULL, NULL};

/*
 * The same for a scorer that can also be called with tensors: `mlwasm_signature describe(void)`, which is called after
 * `init`, and `mlwasm_error infer(const mlwasm_tensors *inputs, mlwasm_tensors *outputs)`, which gets one tensor for each input
 * of the signature, in its order, checked. What the outputs point at must live until `infer` returns, on the heap or in static
 * memory. Without a `run` of its own it gives mlwasm_run_tensors.
 */
#define MLWASM_TENSOR_SCORER(init_function, run_function, describe_function, infer_function) \
    MLWASM_EMBED_WORLD(MLWASM_WORLD_TENSOR_SCORING)                                          \
    MLWASM_EXTERN const mlwasm_scorer mlwasm_the_scorer;                                      \
    const mlwasm_scorer mlwasm_the_scorer = {init_function, run_function, describe_function, infer_function};

#endif
