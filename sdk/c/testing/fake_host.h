/*
 * A host for native tests of a scorer: models are functions of the test. Link it, the SDK's src/ and the scorer with the
 * test, and build with the machine's own compiler: no server, no WebAssembly.
 *
 *     mlwasm_fake_model("model", &inputs, &outputs, first_measurement_decides);
 *     assert(mlwasm_fake_init() == NULL);
 *     mlwasm_fake_answer answer = mlwasm_fake_post("{\"data\": [[5.1, 3.5, 1.4, 0.2]]}");
 *     assert(answer.status == 200 && strcmp(answer.body, "…") == 0);
 *     mlwasm_fake_end_call();
 *
 * Like the real host it refuses tensors with wrong names, types, shapes or lengths.
 */
#ifndef MLWASM_FAKE_HOST_H
#define MLWASM_FAKE_HOST_H

#include "mlwasm.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What the model does: the inputs are checked and in the model's own order. */
typedef mlwasm_error (*mlwasm_fake_run)(const mlwasm_tensors *inputs, mlwasm_tensors *outputs);

/* Lists a model; at most 8. The specs must live as long as the test. */
void mlwasm_fake_model(const char *name, mlwasm_specs inputs, mlwasm_specs outputs, mlwasm_fake_run run);

/* Calls the scorer's `init`. NULL, or why the deployment would not start. */
const char *mlwasm_fake_init(void);

/* What `run` answered. `status` is that of the client: 400 for a bad request and 424 for an internal error, whose text is the body. */
typedef struct mlwasm_fake_answer {
    int status;
    const char *content_type;
    const char *body; /* NUL at the end */
    size_t body_length;
    const mlwasm_header *headers;
    size_t header_count;
} mlwasm_fake_answer;

/* Calls the scorer's `run`. The answer lives until `mlwasm_fake_end_call`. */
mlwasm_fake_answer mlwasm_fake_ask(const mlwasm_request *request);

/* The same for a body of JSON and nothing else. */
mlwasm_fake_answer mlwasm_fake_post(const char *json);

/* Calls a typed scorer's `infer`. NULL, or its error's text. */
const char *mlwasm_fake_infer(const mlwasm_tensors *inputs, mlwasm_tensors *outputs);

/* What the host does when it has read an answer: memory of the call is taken back. */
void mlwasm_fake_end_call(void);

/* Keeps the records of one collection. */
void mlwasm_fake_keep(const char *collection);

/* The last record that was kept, and how many were. */
typedef struct mlwasm_fake_record {
    size_t count;
    const char *content_type;
    const char *data; /* NUL at the end */
} mlwasm_fake_record;
mlwasm_fake_record mlwasm_fake_last_record(void);

/* The models that are open. */
size_t mlwasm_fake_open_models(void);

#ifdef __cplusplus
}
#endif

#endif
