/* Strings between the host and C: UTF-8, and NUL at the end on this side only. */
#include <string.h>

#include "internal.h"

/* The length of the character that begins here; 0 if it is not UTF-8. Refuses surrogates and needlessly long forms. */
static size_t character_length(const uint8_t *text, size_t length) {
    uint8_t first = text[0];
    if (first < 0x80) {
        return 1;
    }
    size_t wanted = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
    if (first < 0xC2 || first > 0xF4 || length < wanted) {
        return 0;
    }
    for (size_t at = 1; at < wanted; at++) {
        if ((text[at] & 0xC0) != 0x80) {
            return 0;
        }
    }
    bool is_long_form = (first == 0xE0 && text[1] < 0xA0) || (first == 0xF0 && text[1] < 0x90);
    bool is_beyond_unicode = (first == 0xED && text[1] > 0x9F) || (first == 0xF4 && text[1] > 0x8F);
    return is_long_form || is_beyond_unicode ? 0 : wanted;
}

size_t mlwasm_text_valid_up_to(const uint8_t *text, size_t length) {
    size_t at = 0;
    while (at < length) {
        size_t step = character_length(text + at, length - at);
        if (step == 0) {
            return at;
        }
        at += step;
    }
    return length;
}

static tensor_scoring_string_t with_replacements(const uint8_t *text, size_t length) {
    static const char replacement[] = "\xEF\xBF\xBD";
    uint8_t *mended = mlwasm_alloc_array(length, 3);
    size_t size = 0;
    for (size_t at = 0; at < length;) {
        size_t step = character_length(text + at, length - at);
        const uint8_t *from = step == 0 ? (const uint8_t *)replacement : text + at;
        size_t bytes = step == 0 ? 3 : step;
        memcpy(mended + size, from, bytes);
        size += bytes;
        at += step == 0 ? 1 : step;
    }
    return (tensor_scoring_string_t){mended, size};
}

tensor_scoring_string_t mlwasm_text_to_host(const char *text) {
    size_t length = text == NULL ? 0 : strlen(text);
    const uint8_t *bytes = (const uint8_t *)text;
    if (mlwasm_text_valid_up_to(bytes, length) < length) {
        return with_replacements(bytes, length);
    }
    return (tensor_scoring_string_t){(uint8_t *)bytes, length};
}

const char *mlwasm_text_from_host(tensor_scoring_string_t text) {
    return text.len == 0 ? "" : (const char *)text.ptr;
}
