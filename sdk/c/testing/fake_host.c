/* The other side of the generated bindings, in C: what the host does, for native tests. */
#include "fake_host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../src/internal.h"

#define MOST_MODELS 8

static struct model {
    const char *name;
    mlwasm_specs inputs;
    mlwasm_specs outputs;
    mlwasm_fake_run run;
} models[MOST_MODELS];
static size_t model_count;
static size_t open_count;

void mlwasm_fake_model(const char *name, mlwasm_specs inputs, mlwasm_specs outputs, mlwasm_fake_run run) {
    if (model_count == MOST_MODELS) {
        fprintf(stderr, "a fake host has %d models at most\n", MOST_MODELS);
        abort();
    }
    models[model_count++] = (struct model){name, inputs, outputs, run};
}

size_t mlwasm_fake_open_models(void) {
    return open_count;
}

static char *copy(const void *data, size_t length) {
    char *made = mlwasm_alloc(length + 1);
    if (length > 0) {
        memcpy(made, data, length);
    }
    made[length] = 0;
    return made;
}

/* ---- What the scorer calls ---- */

bool mlwasm_scoring_inference_static_model_open(tensor_scoring_string_t *name,
                                                mlwasm_scoring_inference_own_model_t *ret,
                                                mlwasm_scoring_inference_inference_error_t *err) {
    const char *wanted = copy(name->ptr, name->len);
    for (size_t at = 0; at < model_count; at++) {
        if (strcmp(models[at].name, wanted) == 0) {
            open_count++;
            ret->__handle = (int32_t)at + 1;
            return true;
        }
    }
    err->tag = MLWASM_SCORING_INFERENCE_INFERENCE_ERROR_UNKNOWN_MODEL;
    err->val.unknown_model = mlwasm_text_to_host(mlwasm_format("no model `%s`", wanted));
    return false;
}

void mlwasm_scoring_inference_model_drop_own(mlwasm_scoring_inference_own_model_t handle) {
    (void)handle;
    open_count--;
}

void mlwasm_scoring_inference_method_model_inputs(mlwasm_scoring_inference_borrow_model_t self,
                                                  mlwasm_scoring_inference_list_tensor_spec_t *ret) {
    *ret = mlwasm_specs_to_host(models[self.__handle - 1].inputs);
}

void mlwasm_scoring_inference_method_model_outputs(mlwasm_scoring_inference_borrow_model_t self,
                                                   mlwasm_scoring_inference_list_tensor_spec_t *ret) {
    *ret = mlwasm_specs_to_host(models[self.__handle - 1].outputs);
}

static bool fits(const mlwasm_tensor_spec *spec, const mlwasm_tensor *tensor) {
    size_t places = 0;
    if (spec->element != tensor->element || spec->rank != tensor->shape.rank ||
        !mlwasm_shape_count(tensor->shape, &places)) {
        return false;
    }
    for (size_t at = 0; at < spec->rank; at++) {
        if (spec->shape[at] >= 0 && spec->shape[at] != tensor->shape.sizes[at]) {
            return false;
        }
    }
    return spec->element == MLWASM_BYTES || places * mlwasm_element_size(spec->element) == tensor->size;
}

/* Puts the inputs into the model's order. NULL if they fit, else what does not. */
static const char *check(const struct model *model, const mlwasm_tensors *given, mlwasm_tensor *ordered) {
    if (given->count != model->inputs.count) {
        return mlwasm_format("got %zu tensors, the model takes %zu", given->count, model->inputs.count);
    }
    for (size_t at = 0; at < model->inputs.count; at++) {
        const mlwasm_tensor_spec *spec = &model->inputs.specs[at];
        const mlwasm_tensor *tensor = NULL;
        for (size_t one = 0; one < given->count; one++) {
            if (strcmp(given->tensors[one].name, spec->name) == 0) {
                tensor = &given->tensors[one];
            }
        }
        if (tensor == NULL || !fits(spec, tensor)) {
            return mlwasm_format("no tensor `%s` of the type, shape and length that the model takes", spec->name);
        }
        ordered[at] = *tensor;
    }
    return NULL;
}

bool mlwasm_scoring_inference_method_model_infer(mlwasm_scoring_inference_borrow_model_t self,
                                                 mlwasm_scoring_inference_list_tensor_t *inputs,
                                                 mlwasm_scoring_inference_list_tensor_t *ret,
                                                 mlwasm_scoring_inference_inference_error_t *err) {
    const struct model *model = &models[self.__handle - 1];
    mlwasm_tensors given = mlwasm_tensors_from_host(inputs);
    /* Strings of the real host end with NUL, by `cabi_realloc`; those of the scorer need not. */
    for (size_t at = 0; at < given.count; at++) {
        ((mlwasm_tensor *)given.tensors)[at].name = copy(inputs->ptr[at].name.ptr, inputs->ptr[at].name.len);
    }
    mlwasm_tensor *ordered = mlwasm_alloc_array(model->inputs.count, sizeof *ordered);
    const char *mistake = check(model, &given, ordered);
    if (mistake != NULL) {
        err->tag = MLWASM_SCORING_INFERENCE_INFERENCE_ERROR_INVALID_INPUT;
        err->val.invalid_input = mlwasm_text_to_host(mistake);
        return false;
    }
    mlwasm_tensors outputs = {NULL, 0};
    mlwasm_error failure = model->run(&(mlwasm_tensors){ordered, given.count}, &outputs);
    if (failure != MLWASM_OK) {
        err->tag = MLWASM_SCORING_INFERENCE_INFERENCE_ERROR_FAILED;
        err->val.failed = mlwasm_text_to_host(mlwasm_error_text(failure));
        return false;
    }
    *ret = mlwasm_tensors_to_host(outputs.tensors, outputs.count);
    return true;
}

static const char *kept_collection = "";
static mlwasm_fake_record last_record;

void mlwasm_fake_keep(const char *collection) {
    kept_collection = collection;
}

mlwasm_fake_record mlwasm_fake_last_record(void) {
    return last_record;
}

bool mlwasm_scoring_collection_enabled(tensor_scoring_string_t *name) {
    return strcmp(copy(name->ptr, name->len), kept_collection) == 0;
}

bool mlwasm_scoring_collection_collect(tensor_scoring_string_t *name, tensor_scoring_string_t *content_type,
                                       tensor_scoring_list_u8_t *data,
                                       mlwasm_scoring_collection_collection_error_t *err) {
    (void)err;
    if (mlwasm_scoring_collection_enabled(name)) {
        last_record = (mlwasm_fake_record){
            last_record.count + 1,
            copy(content_type->ptr, content_type->len),
            copy(data->ptr, data->len),
        };
    }
    return true;
}

/* ---- What calls the scorer ---- */

const char *mlwasm_fake_init(void) {
    tensor_scoring_string_t error;
    return exports_mlwasm_scoring_scorer_init(&error) ? NULL : copy(error.ptr, error.len);
}

static mlwasm_fake_answer error_answer(const exports_mlwasm_scoring_scorer_score_error_t *error) {
    bool is_bad_request = error->tag == EXPORTS_MLWASM_SCORING_SCORER_SCORE_ERROR_BAD_REQUEST;
    tensor_scoring_string_t text = is_bad_request ? error->val.bad_request : error->val.internal;
    return (mlwasm_fake_answer){
        .status = is_bad_request ? 400 : 424,
        .content_type = "",
        .body = copy(text.ptr, text.len),
        .body_length = text.len,
    };
}

mlwasm_fake_answer mlwasm_fake_ask(const mlwasm_request *request) {
    exports_mlwasm_scoring_scorer_header_t *headers = mlwasm_alloc_array(request->header_count, sizeof *headers);
    for (size_t at = 0; at < request->header_count; at++) {
        const mlwasm_header *one = &request->headers[at];
        headers[at] = (exports_mlwasm_scoring_scorer_header_t){
            .name = mlwasm_text_to_host(one->name),
            .value = {(uint8_t *)copy(one->value, one->value_length), one->value_length},
        };
    }
    exports_mlwasm_scoring_scorer_request_t asked = {
        .id = mlwasm_text_to_host(request->id == NULL ? "" : request->id),
        .deployment = mlwasm_text_to_host(request->deployment == NULL ? "" : request->deployment),
        .is_mirror = request->is_mirror,
        .query = mlwasm_text_to_host(request->query == NULL ? "" : request->query),
        .headers = {headers, request->header_count},
        .content_type = {request->content_type != NULL, mlwasm_text_to_host(request->content_type)},
        .body = {(uint8_t *)copy(request->body, request->body_length), request->body_length},
    };
    exports_mlwasm_scoring_scorer_response_t response;
    exports_mlwasm_scoring_scorer_score_error_t error;
    if (!exports_mlwasm_scoring_scorer_run(&asked, &response, &error)) {
        return error_answer(&error);
    }
    mlwasm_header *answered = mlwasm_alloc_array(response.headers.len, sizeof *answered);
    for (size_t at = 0; at < response.headers.len; at++) {
        const exports_mlwasm_scoring_scorer_header_t *one = &response.headers.ptr[at];
        answered[at] = (mlwasm_header){
            copy(one->name.ptr, one->name.len),
            copy(one->value.ptr, one->value.len),
            one->value.len,
        };
    }
    return (mlwasm_fake_answer){
        .status = response.status,
        .content_type = copy(response.content_type.ptr, response.content_type.len),
        .body = copy(response.body.ptr, response.body.len),
        .body_length = response.body.len,
        .headers = answered,
        .header_count = response.headers.len,
    };
}

mlwasm_fake_answer mlwasm_fake_post(const char *json) {
    mlwasm_request request = {
        .content_type = "application/json",
        .body = (const uint8_t *)json,
        .body_length = strlen(json),
    };
    return mlwasm_fake_ask(&request);
}

const char *mlwasm_fake_infer(const mlwasm_tensors *inputs, mlwasm_tensors *outputs) {
    mlwasm_scoring_inference_list_tensor_t given = mlwasm_tensors_to_host(inputs->tensors, inputs->count);
    exports_mlwasm_scoring_tensor_scorer_list_tensor_t list = {given.ptr, given.len};
    exports_mlwasm_scoring_tensor_scorer_list_tensor_t found;
    exports_mlwasm_scoring_scorer_score_error_t error;
    if (!exports_mlwasm_scoring_tensor_scorer_infer(&list, &found, &error)) {
        return error_answer(&error).body;
    }
    given = (mlwasm_scoring_inference_list_tensor_t){found.ptr, found.len};
    *outputs = mlwasm_tensors_from_host(&given);
    return NULL;
}

void mlwasm_fake_end_call(void) {
    mlwasm_memory_end_call();
}
