/* The files beside the models of the deployment: one folder, which can be read and nothing else. */
/* For the kinds of entries of a folder, which POSIX has not. */
#define _DEFAULT_SOURCE 1
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

const char *mlwasm_files_folder(void) {
    const char *folder = getenv("AZUREML_MODEL_DIR");
    return folder == NULL ? "/model" : folder;
}

const char *mlwasm_file_path(const char *name) {
    return mlwasm_format("%s/%s", mlwasm_files_folder(), name);
}

static mlwasm_error unreadable(const char *name, const char *reason) {
    return mlwasm_internal_at(NULL, 0, "file `%s` of the deployment: %s", name, reason);
}

/* All that is left of an open file, with a NUL behind it. */
static uint8_t *read_all(FILE *file, size_t *length) {
    size_t room = 4096;
    uint8_t *data = mlwasm_alloc(room);
    *length = 0;
    for (;;) {
        size_t found = fread(data + *length, 1, room - *length, file);
        *length += found;
        if (*length < room) {
            data[*length] = 0;
            return data;
        }
        data = mlwasm_realloc(data, room, 2 * room);
        room *= 2;
    }
}

mlwasm_error mlwasm_file_read(const char *name, const uint8_t **data, size_t *length) {
    FILE *file = fopen(mlwasm_file_path(name), "rb");
    if (file == NULL) {
        return unreadable(name, strerror(errno));
    }
    *data = read_all(file, length);
    /* A folder can be opened, and says what it is when it is read. */
    int failure = ferror(file) ? errno : 0;
    fclose(file);
    return failure == 0 ? MLWASM_OK : unreadable(name, strerror(failure));
}

mlwasm_error mlwasm_file_text(const char *name, const char **text) {
    const uint8_t *data;
    size_t length;
    MLWASM_TRY(mlwasm_file_read(name, &data, &length));
    size_t valid = mlwasm_text_valid_up_to(data, length);
    if (valid < length) {
        return unreadable(name, mlwasm_format("byte %zu is not UTF-8", valid));
    }
    *text = (const char *)data;
    return MLWASM_OK;
}

struct names {
    const char **texts;
    size_t count;
};

static void add_name(struct names *names, const char *name) {
    size_t size = names->count * sizeof *names->texts;
    names->texts = mlwasm_realloc(names->texts, size, size + sizeof *names->texts);
    names->texts[names->count++] = name;
}

/* Folders lie within each other as deep as the deployment's file names have slashes, which the platform bounds. */
static mlwasm_error add_below(struct names *names, const char *prefix) {
    DIR *folder = opendir(mlwasm_format("%s/%s", mlwasm_files_folder(), prefix));
    if (folder == NULL) {
        /* A deployment without files has no folder for them. */
        return prefix[0] == 0 ? MLWASM_OK : unreadable(prefix, strerror(errno));
    }
    mlwasm_error failure = MLWASM_OK;
    for (struct dirent *entry = readdir(folder); entry != NULL && failure == MLWASM_OK; entry = readdir(folder)) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
            continue;
        }
        const char *name = mlwasm_format("%s%s", prefix, entry->d_name);
        if (entry->d_type == DT_DIR) {
            failure = add_below(names, mlwasm_format("%s/", name));
        } else {
            add_name(names, name);
        }
    }
    closedir(folder);
    return failure;
}

static int by_alphabet(const void *one, const void *other) {
    return strcmp(*(const char *const *)one, *(const char *const *)other);
}

mlwasm_error mlwasm_file_names(const char *const **names, size_t *count) {
    struct names found = {NULL, 0};
    MLWASM_TRY(add_below(&found, ""));
    if (found.count > 0) {
        qsort(found.texts, found.count, sizeof *found.texts, by_alphabet);
    }
    *names = found.texts;
    *count = found.count;
    return MLWASM_OK;
}
