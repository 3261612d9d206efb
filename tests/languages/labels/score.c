/* Tells what it finds beside the model. */
#include <mlwasm.h>
#include <string.h>

static const char *told = "nope.txt is there";

static mlwasm_error init(void) {
    const char *labels, *first = "", *all = "";
    MLWASM_TRY(mlwasm_file_text("labels.txt", &labels));
    char *rest = (char *)labels;
    for (char *label = strtok(rest, "\n"); label != NULL; label = strtok(NULL, "\n")) {
        first = mlwasm_format("%s%s%s", first, first[0] == 0 ? "" : "+", label);
    }
    const char *const *names;
    size_t count;
    MLWASM_TRY(mlwasm_file_names(&names, &count));
    for (size_t at = 0; at < count; at++) {
        all = mlwasm_format("%s%s%s", all, at == 0 ? "" : "+", names[at]);
    }
    if (mlwasm_file_text("nope.txt", &labels) != MLWASM_OK) {
        told = mlwasm_format("%s of %s in %s", first, all, mlwasm_files_folder());
    }
    return MLWASM_OK;
}

static mlwasm_error run(const mlwasm_request *request, mlwasm_response *response) {
    (void)request;
    const char *words;
    MLWASM_TRY(mlwasm_file_text("vocab/words.json", &words));
    mlwasm_respond_text(response, strcmp(words, "{}") == 0 ? told : "another file");
    return MLWASM_OK;
}

MLWASM_SCORER(init, run)
