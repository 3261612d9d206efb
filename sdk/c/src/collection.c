/* Records for the platform to keep. */
#include "internal.h"

bool mlwasm_collection_enabled(const char *name) {
    tensor_scoring_string_t wanted = mlwasm_text_to_host(name);
    return mlwasm_scoring_collection_enabled(&wanted);
}

mlwasm_error mlwasm_collect(const char *name, const char *content_type, const void *data, size_t length) {
    tensor_scoring_string_t to = mlwasm_text_to_host(name);
    tensor_scoring_string_t type = mlwasm_text_to_host(content_type);
    tensor_scoring_list_u8_t bytes = {(uint8_t *)data, length};
    mlwasm_scoring_collection_collection_error_t error;
    if (mlwasm_scoring_collection_collect(&to, &type, &bytes, &error)) {
        return MLWASM_OK;
    }
    if (error.tag == MLWASM_SCORING_COLLECTION_COLLECTION_ERROR_INVALID) {
        return mlwasm_internal_at(NULL, 0, "invalid record: %s", mlwasm_text_from_host(error.val.invalid));
    }
    return mlwasm_internal_at(NULL, 0, "too many records: %s", mlwasm_text_from_host(error.val.too_many));
}
