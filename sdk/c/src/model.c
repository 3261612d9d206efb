/* Models: opened by name, run by the host. A handle that is opened in a call is closed at its end. */
#include "internal.h"

static bool calls_have_begun;

/* The models that this call has opened, newest first. */
static struct opened {
    struct opened *next;
    int32_t handle;
} *opened_in_call;

static mlwasm_error inference_error(const mlwasm_scoring_inference_inference_error_t *error) {
    switch (error->tag) {
    case MLWASM_SCORING_INFERENCE_INFERENCE_ERROR_UNKNOWN_MODEL:
        return mlwasm_internal_at(NULL, 0, "unknown model: %s", mlwasm_text_from_host(error->val.unknown_model));
    case MLWASM_SCORING_INFERENCE_INFERENCE_ERROR_INVALID_INPUT:
        return mlwasm_internal_at(NULL, 0, "invalid input: %s", mlwasm_text_from_host(error->val.invalid_input));
    default:
        return mlwasm_internal_at(NULL, 0, "inference failed: %s", mlwasm_text_from_host(error->val.failed));
    }
}

static mlwasm_scoring_inference_borrow_model_t borrow(mlwasm_model model) {
    return (mlwasm_scoring_inference_borrow_model_t){model.handle};
}

mlwasm_error mlwasm_model_open(const char *name, mlwasm_model *model) {
    tensor_scoring_string_t wanted = mlwasm_text_to_host(name);
    mlwasm_scoring_inference_own_model_t handle;
    mlwasm_scoring_inference_inference_error_t error;
    if (!mlwasm_scoring_inference_static_model_open(&wanted, &handle, &error)) {
        return inference_error(&error);
    }
    if (calls_have_begun) {
        struct opened *opened = mlwasm_alloc(sizeof *opened);
        *opened = (struct opened){opened_in_call, handle.__handle};
        opened_in_call = opened;
    }
    model->handle = handle.__handle;
    return MLWASM_OK;
}

void mlwasm_models_begin_calls(void) {
    calls_have_begun = true;
}

void mlwasm_models_close_opened_in_call(void) {
    for (; opened_in_call != NULL; opened_in_call = opened_in_call->next) {
        mlwasm_scoring_inference_model_drop_own((mlwasm_scoring_inference_own_model_t){opened_in_call->handle});
    }
}

static mlwasm_specs specs_from_host(const mlwasm_scoring_inference_list_tensor_spec_t *specs) {
    mlwasm_tensor_spec *made = mlwasm_alloc_array(specs->len, sizeof *made);
    for (size_t at = 0; at < specs->len; at++) {
        const mlwasm_scoring_inference_tensor_spec_t *one = &specs->ptr[at];
        int64_t *shape = mlwasm_alloc_array(one->shape.len, sizeof *shape);
        for (size_t dimension = 0; dimension < one->shape.len; dimension++) {
            const tensor_scoring_option_u32_t *size = &one->shape.ptr[dimension];
            shape[dimension] = size->is_some ? (int64_t)size->val : -1;
        }
        made[at] = (mlwasm_tensor_spec){
            .name = mlwasm_text_from_host(one->name),
            .element = (mlwasm_element)one->element,
            .shape = shape,
            .rank = one->shape.len,
        };
    }
    return (mlwasm_specs){made, specs->len};
}

mlwasm_scoring_inference_list_tensor_spec_t mlwasm_specs_to_host(mlwasm_specs specs) {
    mlwasm_scoring_inference_tensor_spec_t *made = mlwasm_alloc_array(specs.count, sizeof *made);
    for (size_t at = 0; at < specs.count; at++) {
        const mlwasm_tensor_spec *one = &specs.specs[at];
        tensor_scoring_option_u32_t *shape = mlwasm_alloc_array(one->rank, sizeof *shape);
        for (size_t dimension = 0; dimension < one->rank; dimension++) {
            int64_t size = one->shape[dimension];
            shape[dimension] = (tensor_scoring_option_u32_t){size >= 0, size >= 0 ? (uint32_t)size : 0};
        }
        made[at] = (mlwasm_scoring_inference_tensor_spec_t){
            .name = mlwasm_text_to_host(one->name),
            .element = (uint8_t)one->element,
            .shape = {shape, one->rank},
        };
    }
    return (mlwasm_scoring_inference_list_tensor_spec_t){made, specs.count};
}

mlwasm_specs mlwasm_model_inputs(mlwasm_model model) {
    mlwasm_scoring_inference_list_tensor_spec_t specs;
    mlwasm_scoring_inference_method_model_inputs(borrow(model), &specs);
    return specs_from_host(&specs);
}

mlwasm_specs mlwasm_model_outputs(mlwasm_model model) {
    mlwasm_scoring_inference_list_tensor_spec_t specs;
    mlwasm_scoring_inference_method_model_outputs(borrow(model), &specs);
    return specs_from_host(&specs);
}

mlwasm_error mlwasm_model_infer(mlwasm_model model, const mlwasm_tensor *inputs, size_t count,
                                mlwasm_tensors *outputs) {
    mlwasm_scoring_inference_list_tensor_t given = mlwasm_tensors_to_host(inputs, count);
    mlwasm_scoring_inference_list_tensor_t found;
    mlwasm_scoring_inference_inference_error_t error;
    if (!mlwasm_scoring_inference_method_model_infer(borrow(model), &given, &found, &error)) {
        return inference_error(&error);
    }
    *outputs = mlwasm_tensors_from_host(&found);
    return MLWASM_OK;
}
