/*
 * What the host calls: `init`, `run`, `describe`, `infer`, and what it calls when it has read their answers.
 *
 * Models can be closed only while a call runs, memory only when the host has read the answer out of it: hence two ends.
 */
#include <stdio.h>
#include <stdlib.h>

#include "internal.h"

bool exports_mlwasm_scoring_scorer_init(tensor_scoring_string_t *error) {
    /* A whole line at a time: the host cuts the log into lines, and a sandbox may never flush. */
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    /* Makes the WASI adapter ask for its state now, while memory is for ever. */
    (void)getenv("MLWASM");
    mlwasm_error failure = mlwasm_the_scorer.init();
    if (failure != MLWASM_OK) {
        *error = mlwasm_text_to_host(mlwasm_error_text(failure));
        return false;
    }
    mlwasm_memory_begin_calls();
    mlwasm_models_begin_calls();
    return true;
}

static mlwasm_header *headers_from_host(const exports_mlwasm_scoring_scorer_list_header_t *headers) {
    mlwasm_header *made = mlwasm_alloc_array(headers->len, sizeof *made);
    for (size_t at = 0; at < headers->len; at++) {
        const exports_mlwasm_scoring_scorer_header_t *one = &headers->ptr[at];
        made[at] = (mlwasm_header){
            .name = mlwasm_text_from_host(one->name),
            .value = one->value.len == 0 ? "" : (const char *)one->value.ptr,
            .value_length = one->value.len,
        };
    }
    return made;
}

static mlwasm_request request_from_host(const exports_mlwasm_scoring_scorer_request_t *request) {
    return (mlwasm_request){
        .id = mlwasm_text_from_host(request->id),
        .deployment = mlwasm_text_from_host(request->deployment),
        .is_mirror = request->is_mirror,
        .query = mlwasm_text_from_host(request->query),
        .headers = headers_from_host(&request->headers),
        .header_count = request->headers.len,
        .content_type = request->content_type.is_some ? mlwasm_text_from_host(request->content_type.val) : NULL,
        .body = request->body.len == 0 ? (const uint8_t *)"" : request->body.ptr,
        .body_length = request->body.len,
    };
}

static exports_mlwasm_scoring_scorer_list_header_t headers_to_host(const mlwasm_header *headers, size_t count) {
    exports_mlwasm_scoring_scorer_header_t *made = mlwasm_alloc_array(count, sizeof *made);
    for (size_t at = 0; at < count; at++) {
        made[at] = (exports_mlwasm_scoring_scorer_header_t){
            .name = mlwasm_text_to_host(headers[at].name),
            .value = {(uint8_t *)headers[at].value, headers[at].value_length},
        };
    }
    return (exports_mlwasm_scoring_scorer_list_header_t){made, count};
}

static exports_mlwasm_scoring_scorer_response_t response_to_host(const mlwasm_response *response) {
    return (exports_mlwasm_scoring_scorer_response_t){
        .status = response->status,
        .content_type = mlwasm_text_to_host(response->content_type),
        .headers = headers_to_host(response->headers, response->header_count),
        .body = {(uint8_t *)response->body, response->body_length},
    };
}

static exports_mlwasm_scoring_scorer_score_error_t error_to_host(mlwasm_error failure) {
    exports_mlwasm_scoring_scorer_score_error_t error;
    tensor_scoring_string_t text = mlwasm_text_to_host(mlwasm_error_text(failure));
    if (mlwasm_is_bad_request(failure)) {
        error.tag = EXPORTS_MLWASM_SCORING_SCORER_SCORE_ERROR_BAD_REQUEST;
        error.val.bad_request = text;
    } else {
        error.tag = EXPORTS_MLWASM_SCORING_SCORER_SCORE_ERROR_INTERNAL;
        error.val.internal = text;
    }
    return error;
}

bool exports_mlwasm_scoring_scorer_run(exports_mlwasm_scoring_scorer_request_t *request,
                                       exports_mlwasm_scoring_scorer_response_t *ret,
                                       exports_mlwasm_scoring_scorer_score_error_t *err) {
    mlwasm_request asked = request_from_host(request);
    mlwasm_response answer = {.status = 200, .content_type = "application/octet-stream"};
    mlwasm_error failure = mlwasm_the_scorer.run(&asked, &answer);
    mlwasm_models_close_opened_in_call();
    if (failure != MLWASM_OK) {
        *err = error_to_host(failure);
        return false;
    }
    *ret = response_to_host(&answer);
    return true;
}

void exports_mlwasm_scoring_tensor_scorer_describe(exports_mlwasm_scoring_tensor_scorer_signature_t *ret) {
    mlwasm_signature signature = {0};
    if (mlwasm_the_scorer.describe != NULL) {
        signature = mlwasm_the_scorer.describe();
    }
    mlwasm_models_close_opened_in_call();
    mlwasm_scoring_inference_list_tensor_spec_t inputs = mlwasm_specs_to_host(signature.inputs);
    mlwasm_scoring_inference_list_tensor_spec_t outputs = mlwasm_specs_to_host(signature.outputs);
    *ret = (exports_mlwasm_scoring_tensor_scorer_signature_t){{inputs.ptr, inputs.len}, {outputs.ptr, outputs.len}};
}

bool exports_mlwasm_scoring_tensor_scorer_infer(exports_mlwasm_scoring_tensor_scorer_list_tensor_t *inputs,
                                                exports_mlwasm_scoring_tensor_scorer_list_tensor_t *ret,
                                                exports_mlwasm_scoring_tensor_scorer_score_error_t *err) {
    mlwasm_scoring_inference_list_tensor_t list = {inputs->ptr, inputs->len};
    mlwasm_tensors given = mlwasm_tensors_from_host(&list);
    mlwasm_tensors outputs = {NULL, 0};
    mlwasm_error failure = mlwasm_the_scorer.infer == NULL
                               ? mlwasm_internal_at(NULL, 0, "this scorer takes no tensors")
                               : mlwasm_the_scorer.infer(&given, &outputs);
    mlwasm_models_close_opened_in_call();
    if (failure != MLWASM_OK) {
        *err = error_to_host(failure);
        return false;
    }
    list = mlwasm_tensors_to_host(outputs.tensors, outputs.count);
    *ret = (exports_mlwasm_scoring_tensor_scorer_list_tensor_t){list.ptr, list.len};
    return true;
}

/* The host has read the answer. These stand in for the weak ones of the bindings, which would free piece by piece. */
#ifdef __wasm__
#define AFTER(name) __attribute__((export_name("cabi_post_mlwasm:scoring/" name)))

AFTER("scorer@0.1.0#init") void __wasm_export_exports_mlwasm_scoring_scorer_init_post_return(uint8_t *answer) {
    (void)answer; /* what `init` made is kept */
}

AFTER("scorer@0.1.0#run") void __wasm_export_exports_mlwasm_scoring_scorer_run_post_return(uint8_t *answer) {
    (void)answer;
    mlwasm_memory_end_call();
}

AFTER("tensor-scorer@0.1.0#describe")
void __wasm_export_exports_mlwasm_scoring_tensor_scorer_describe_post_return(uint8_t *answer) {
    (void)answer;
    mlwasm_memory_end_call();
}

AFTER("tensor-scorer@0.1.0#infer")
void __wasm_export_exports_mlwasm_scoring_tensor_scorer_infer_post_return(uint8_t *answer) {
    (void)answer;
    mlwasm_memory_end_call();
}

/* The bindings ask for wit-bindgen's object file. MLWASM_SCORER puts in what it would bring: see bindings.sh. */
void __component_type_object_force_link_tensor_scoring(void) {
}
#endif
